"""No full card number comes in (contract, section 3.5): a request that holds one is refused and logged nowhere."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeVar

from stdnum import luhn

from balcao.base.errors import Invalid
from balcao.base.values import document_checks
from balcao.doors.wire import WireDTO, parse
from balcao.doors.wire.nodes import WHOLE, sound_whole

T = TypeVar("T")

_SEPARATORS = b" .-"
_SHAPE = bytes(b"0e-"[0 if byte in b"0123456789" else 1 if byte in b"eE" else 2] for byte in range(256))
"""Every digit as 0, every E as e, all else as a hyphen: what is long is seen without looking at each group."""
_RUN = re.compile(rb"[0-9](?<![0-9]{2})(?:[ .-]{0,2}[0-9]){13,}")
"""Fourteen digits or more, perhaps in groups: the only runs that are looked at more closely. It is tried at the first
digit of a group only: where that one begins no run, the others do not either."""
_GROUPED = re.compile(_RUN.pattern.decode())
_BETWEEN = re.compile(r"[ .-]+")
_EXPONENT = re.compile(rb"[0-9](?<![0-9]{2})[0-9]{7}\.?[0-9]*[eE]")
"""A long number that may be another one than its digits say."""
_ESCAPED_DIGIT = re.compile(rb"\\u003[0-9]")
"""How JSON may write a digit in a way that the run above does not see."""
_BRANDS = re.compile(r"(?:4|5|6|2[2-7]|38)[0-9]{14,15}|[46][0-9]{18}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}")
"""The issuers' ranges: Visa, Mastercard, Elo, Hipercard, Discover (16, 19 digits), Amex (15), Diners (14)."""
ACCESS_KEY_LENGTH = 44
CNPJ_LENGTH = 14
DIGITS_MAX = 19
_LENGTHS = frozenset({14, 15, 16, 19})
_OTHERS_NUMBERS = frozenset(
    {
        "externalid", "skucode", "productcode", "barcode", "cnpj", "xmlstring", "content", "trackingcode",
        "trackinglink", "xmlurl", "fileurl", "plp", "sellerorderid", "orderpackageid", "pointsaleid",
    }
)  # fmt: skip
"""Fields that hold other people's long numbers, one in ten of which would pass for a card's by chance."""


class CardGuardedDTO(WireDTO[T]):
    """Reads JSON bodies as ever, after making sure that no card number is in them, in unknown fields neither."""

    def decode_bytes(self, value: bytes) -> Any:
        """The body of a request; raises `Invalid`."""
        refuse_card_numbers(value)
        return super().decode_bytes(value)


def refuse_card_numbers(body: bytes) -> None:
    """Raise Invalid that names the field with a full card number; the number itself is not repeated.

    Nearly every body holds a CNPJ, hardly any what may be a card's number: only these are parsed a second time.
    """
    if _ESCAPED_DIGIT.search(body) or not _is_plain(body):
        runs = [run.decode() for run in _RUN.findall(body)]
        if any(map(_has_card, runs)) or _ESCAPED_DIGIT.search(body) or _EXPONENT.search(body):
            refuse_cards_in(parse(body))


def _is_plain(body: bytes) -> bool:
    """Whether, however its digits are grouped, nothing in it is as long as a card's number but CNPJs, nor an exponent.

    True of nearly every body, and found out in a tenth of the time that the runs take.
    """
    shape = body.translate(_SHAPE, _SEPARATORS)
    if b"0" * (CNPJ_LENGTH + 1) in shape or b"00000000e" in shape:
        return False
    joined = body.translate(None, _SEPARATORS)
    at = shape.find(b"0" * CNPJ_LENGTH)
    while at >= 0:
        end = at + CNPJ_LENGTH
        if _is_card(joined[at:end].decode()):
            return False
        at = shape.find(b"0" * CNPJ_LENGTH, end)
    return True


def refuse_cards_in(document: Any) -> None:
    """As `refuse_card_numbers`, in a body that is read already."""
    for field, text in _texts(document):
        if holds_card_number(text):
            raise Invalid(
                "The request holds a full card number. Send at most the holder's name and the last four digits.",
                errors={field or WHOLE: ["must not hold a full card number"]},
                code="card_number",
            )


def holds_card_number(text: str) -> bool:
    """Whether any run of digits in the text is of an issuer's range and length and has the right check digit."""
    return any(map(_has_card, _GROUPED.findall(text)))


def _has_card(run: str) -> bool:
    """Whether neighbouring groups of the run make up a card's number: what else may follow it is the month it ends."""
    groups = _BETWEEN.split(run)
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) > DIGITS_MAX:
                break
            if _is_card(digits):
                return True
    return False


def _is_card(digits: str) -> bool:
    if len(digits) not in _LENGTHS or _BRANDS.fullmatch(digits) is None or not luhn.is_valid(digits):
        return False
    return not (len(digits) == 14 and document_checks(digits))


def _texts(document: Any) -> Iterator[tuple[str, str]]:
    """Every name, text and whole number of a document with its place, but for the fields of other people's numbers."""
    left: list[tuple[str, Any]] = [("", document)]
    while left:  # not by recursion: the sender says how deep it is
        path, value = left.pop()
        if isinstance(value, dict):
            for name, member in value.items():
                yield path, name
                if not _is_others(name, member):
                    left.append((f"{path}.{name}" if path else name, member))
        elif isinstance(value, list):
            left += [(f"{path}[{n}]", member) for n, member in enumerate(value)]
        elif isinstance(value, str):
            yield path, value
        elif isinstance(value, int) or (isinstance(value, Decimal) and sound_whole(value)):
            # Not every number with so many digits: latitudes have them too.
            yield path, str(int(value))


def _is_others(name: str, value: Any) -> bool:
    is_access_key = isinstance(value, str) and len("".join(value.split())) == ACCESS_KEY_LENGTH
    return name.lower() in _OTHERS_NUMBERS or is_access_key
