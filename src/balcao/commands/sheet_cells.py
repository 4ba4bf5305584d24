"""What the cells of a catalogue's spreadsheet hold, as the fields of a batch's rows.

A spreadsheet program spoils what it takes for a number: codes lose their first zeros, long ones all but a few digits,
and `1.199` may be a thousand or one. What can be known is put right, what cannot is refused.
"""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from balcao.base.values import document_checks, strip_document
from balcao.freight.rules.cells import read_cep, read_number, read_text

_YES: Final = frozenset({"1", "true", "yes", "y", "x", "sim", "s", "verdadeiro", "ativo"})
_NO: Final = frozenset({"0", "false", "no", "n", "não", "nao", "falso", "inativo"})
_EXACT_MAX: Final = 10**15
"""Beyond that a spreadsheet program keeps a number's first digits only."""
_SCIENTIFIC: Final = re.compile(r"[0-9]([.,][0-9]+)?E\+[0-9]{2,3}", re.IGNORECASE)
_ONE_POINT: Final = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_POINTS: Final = re.compile(r"-?[1-9][0-9]{0,2}(\.[0-9]{3}){2,}")
_DAY: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})(?:[ T]+([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?")


class Cell(StrEnum):
    """What a column's cells are."""

    TEXT = "text"
    CODE = "code"
    CNPJ = "CNPJ"
    CEP = "CEP"
    NUMBER = "number"
    MONEY = "money"
    WHOLE = "whole number"
    FLAG = "yes or no"
    MOMENT = "date"
    LIST = "list"
    IMAGES = "pictures"
    ATTRIBUTES = "attributes"


class Unreadable(ValueError):
    """A cell that nobody can be sure about; its message says what to do."""


def read_cell(what: Cell, cell: Any) -> Any:
    """The cell as a field. What is plainly wrong stays as it is: reading the row says so. Raises Unreadable."""
    return _READERS[what](cell)


def _text(cell: Any) -> str:
    return cell.isoformat() if hasattr(cell, "isoformat") else read_text(cell)


def _code(cell: Any) -> str:
    text = _text(cell)
    is_rounded = isinstance(cell, int | float) and abs(cell) >= _EXACT_MAX
    if is_rounded or _SCIENTIFIC.fullmatch(text):
        raise Unreadable("has lost digits: give the column the format of text and fill it again")
    return text


def _cnpj(cell: Any) -> str:
    """With the zeros that it begins with, where they were lost: the check digits say whether they were."""
    text = _code(cell)
    padded = strip_document(text).rjust(14, "0")
    return padded if document_checks(padded) else text


def _cep(cell: Any) -> str:
    cep = read_cep(cell)
    return read_text(cell) if cep is None else f"{cep:08d}"


def _number(cell: Any) -> Any:
    number = read_number(cell)
    if number is None:
        return read_text(cell)
    return int(number) if number == number.to_integral_value() else number


def _unambiguous(cell: Any) -> Any:
    text = read_text(cell)
    if isinstance(cell, str) and _ONE_POINT.fullmatch(text):
        whole = text.replace(".", "")
        raise Unreadable(f"may be {whole} or {text.replace('.', ',')}: write {whole},00 or {text}0")
    return _number(text.replace(".", "") if _POINTS.fullmatch(text) else cell)


def _flag(cell: Any) -> bool:
    text = read_text(cell).lower()
    if text not in _YES | _NO:
        raise Unreadable("must be yes or no (sim, não, true, false, 1, 0)")
    return text in _YES


def _moment(cell: Any) -> str:
    text = _text(cell)
    if (found := _DAY.fullmatch(text)) is None:
        return text
    day, month, year, time = found.groups()
    return f"{year}-{month}-{day}" + (f"T{time}" if time else "")


def _list(cell: Any) -> list[Any]:
    """Parts between `|`, or a list as JSON."""
    text = read_text(cell)
    if not text.startswith("["):
        return [part.strip() for part in text.split("|") if part.strip()]
    try:
        found = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Unreadable("begins like a list in JSON and is none") from None
    return list(found)


def _images(cell: Any) -> list[Any]:
    """Addresses in their order; as JSON, with orders of their own."""
    return [
        {"order": n, "imageUrl": each} if isinstance(each, str) else each for n, each in enumerate(_list(cell), start=1)
    ]


def _attributes(cell: Any) -> list[Any]:
    """`Tamanho=P|Cor=Branco`; as JSON, with type, label and order."""
    return [_attribute(each) if isinstance(each, str) else each for each in _list(cell)]


def _attribute(text: str) -> Mapping[str, str]:
    title, parted, value = text.partition("=")
    if not parted:
        raise Unreadable(f"{text} must be written as title=value")
    return {"title": title.strip(), "value": value.strip()}


_READERS: Final[Mapping[Cell, Callable[[Any], Any]]] = {
    Cell.TEXT: _text,
    Cell.CODE: _code,
    Cell.CNPJ: _cnpj,
    Cell.CEP: _cep,
    Cell.NUMBER: _number,
    Cell.MONEY: _unambiguous,
    Cell.WHOLE: _unambiguous,
    Cell.FLAG: _flag,
    Cell.MOMENT: _moment,
    Cell.LIST: _list,
    Cell.IMAGES: _images,
    Cell.ATTRIBUTES: _attributes,
}
