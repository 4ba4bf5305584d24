"""Read a partner's JSON tolerantly: names in any case and of several spellings, numbers as texts, what is missing.

What cannot be read is noted in Portuguese, for the salesperson, by its place in the document.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from balcao.base.values import QUANTITY_MAX, Micros, is_money, to_micros

TEXT_LENGTH_MAX: Final = 500
MILLISECONDS_MAX: Final = 253_402_300_799_000
_YES: Final = frozenset({"true", "1", "yes", "sim"})
_WHOLE: Final = re.compile(r"[0-9]{1,9}")
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Part:
    """One object of a document: `where` is its place, `wrong` collects what is wrong with the document."""

    def __init__(self, value: Any, where: str = "", wrong: list[str] | None = None) -> None:
        self.where = where
        self.wrong: list[str] = [] if wrong is None else wrong
        self.is_there = isinstance(value, dict)
        self._members = {str(name).casefold(): each for name, each in value.items()} if isinstance(value, dict) else {}

    def has(self, *names: str) -> bool:
        """Whether any of these is said: not missing, not null."""
        return self._get(names) is not None

    def text(self, *names: str) -> str:
        """The text under any of these names; a number counts as one, everything else as none."""
        value = self._get(names)
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            return ""
        text = str(value).replace("\0", "").strip()
        if len(text) > TEXT_LENGTH_MAX:
            self.note(names[0], f"texto com mais de {TEXT_LENGTH_MAX} caracteres")
            return text[:TEXT_LENGTH_MAX]
        return text

    def flag(self, *names: str) -> bool:
        """Whether it says yes."""
        value = self._get(names)
        return value is True or str(value).strip().casefold() in _YES

    def number(self, *names: str) -> Decimal | None:
        """The number, None where there is none or it cannot be read: then that is noted."""
        value = self._get(names)
        if value is None or value == "":
            return None
        try:
            number = Decimal(str(value).strip()) if not isinstance(value, bool) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.note(names[0], "não é um número")
            return None
        return number

    def amount(self, *names: str, what: str = "valor") -> Decimal:
        """An amount of money, not negative; 0 where there is none."""
        number = self.number(*names)
        if number is None:
            return Decimal(0)
        if number < 0:
            self.note(names[0], f"{what} negativo ({number})")
            return Decimal(0)
        if not is_money(number):
            self.note(names[0], f"{what} fora do limite ({number})")
            return Decimal(0)
        return number

    def quantity(self, *names: str) -> int:
        """How many, from 1 on; 1 where it cannot be read: then that is noted."""
        number = self.number(*names)
        if number is None or number != number.to_integral_value() or not 1 <= number <= QUANTITY_MAX:
            self.note(names[0], "quantidade inválida" + ("" if number is None else f" ({number})"))
            return 1
        return int(number)

    def part(self, *names: str) -> "Part":
        """The object under any of these names; an empty one where there is none."""
        return Part(self._get(names), f"{self.where}{names[0]}.", self.wrong)

    def parts(self, *names: str) -> "Iterator[Part]":
        """The objects of the list under any of these names."""
        value = self._get(names)
        for n, each in enumerate(value if isinstance(value, list) else ()):
            yield Part(each, f"{self.where}{names[0]}[{n}].", self.wrong)

    def instant(self, *names: str) -> Micros | None:
        """An instant: ISO 8601, milliseconds since 1970, or an object with one as `iso`; None where none is read."""
        value = self._get(names)
        if isinstance(value, dict):
            value = value.get("iso")
        if isinstance(value, int) and not isinstance(value, bool):
            return Micros(value * 1000) if 0 < value < MILLISECONDS_MAX else None
        try:
            return to_micros(datetime.fromisoformat(str(value).strip()).astimezone(UTC)) if value else None
        except (ValueError, OverflowError):
            return None

    def note(self, name: str, what: str) -> None:
        """Note what is wrong with a member."""
        self.wrong.append(f"{self.where}{name}: {what}")

    def _get(self, names: tuple[str, ...]) -> Any:
        for name in names:
            value = self._members.get(name.casefold())
            if value is not None:
                return value
        return None


def read_document(body: str) -> Part:
    """The document; what is no object is an empty one."""
    return Part(_decode(body))


def days_in(text: str) -> int:
    """The days that a text such as `1 dia útil` or `3bd` says, 0 when it says none."""
    found = _WHOLE.search(text)
    return min(int(found[0]), 3650) if found else 0
