"""What people write into a spreadsheet's cells, as numbers: decimal commas, CEPs without their zeros, times as days.

Each function answers None for what it cannot read.
"""

import re
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from balcao.base.values import strip_document

_DIGITS = re.compile(r"[0-9]{1,8}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::00)?")
_WHOLE_MAX = 2**62
_TIME = re.compile(r"(?:([0-9]{1,4})\.)?([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]+)?)?")


def read_text(cell: Any) -> str:
    """The cell's text without blanks around it; a whole number without the `.0` that spreadsheets add."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).replace("\0", "").strip()


def read_cep(cell: Any) -> int | None:
    """A CEP as a number, with or without hyphen, its first zeros lost or not: `01001-000`, `1001000`, `0`."""
    digits = re.sub(r"[\s.-]", "", read_text(cell))
    return int(digits) if _DIGITS.fullmatch(digits) else None


def read_number(cell: Any) -> Decimal | None:
    """A number with decimal comma or point, thousands parted or not: `1.234,56`, `1,234.56`, `R$ 12,9`."""
    if isinstance(cell, bool):
        return None
    # Twelve digits of a spreadsheet's binary number: it keeps 12.9 as 12.899999999999999.
    plain = f"{Decimal(f'{cell:.12g}'):f}" if isinstance(cell, float) else read_text(cell)
    text = re.sub(r"\s|^\s*R\$", "", plain)
    if "," in text and "." in text:
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        text = text.replace(thousands, "")
    text = text.replace(",", ".")
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_whole(cell: Any) -> int | None:
    """A whole number, also as `3,0`."""
    number = read_number(cell)
    return scale(number, 1)


def read_days(cell: Any) -> int | None:
    """A time as days, begun ones counted: `3.00:00:00` is 3, `1.12:00:00` and `36:00:00` are 2; or a whole number."""
    if isinstance(cell, timedelta):
        return -(-cell // timedelta(days=1))
    if isinstance(cell, time):
        return 1 if cell > time() else 0
    found = _TIME.fullmatch(read_text(cell))
    if found is None:
        return read_whole(cell)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return days + -(-(hours * 3600 + minutes * 60 + seconds) // 86_400)


def read_clock(cell: Any) -> int | None:
    """A time of day as minutes after midnight: `14:00`, `24:00`; empty is the end of the day."""
    if isinstance(cell, time):
        return cell.hour * 60 + cell.minute
    if isinstance(cell, timedelta):
        return cell // timedelta(minutes=1)
    text = read_text(cell)
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None if text else 24 * 60
    minutes = int(found[1]) * 60 + int(found[2])
    return minutes if minutes <= 24 * 60 else None


def read_e4(cell: Any) -> int | None:
    """An amount or a percentage as whole ten-thousandths; None for more than four decimals. Empty is nothing."""
    if not read_text(cell):
        return 0
    number = read_number(str(cell).replace("%", "") if isinstance(cell, str) else cell)
    return scale(number, 10_000)


def scale(number: Decimal | None, factor: int) -> int | None:
    """So many times the number, None unless it is whole and a 64-bit integer holds it."""
    scaled = None if number is None else number * factor
    if scaled is None or scaled != scaled.to_integral_value() or abs(scaled) > _WHOLE_MAX:
        return None
    return int(scaled)


def kg_to_g(kilograms: Decimal | None) -> int | None:
    """Whole grams; None for what is no whole number of them."""
    return scale(kilograms, 1000)


def read_cnpj(cell: Any) -> str | None:
    """A CNPJ without punctuation, None where the cell is empty. Digits that lost a zero or two get them back."""
    text = strip_document(read_text(cell))
    return (text.zfill(14) if text.isdigit() and len(text) in (12, 13) else text) or None
