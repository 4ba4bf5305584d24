"""No full card number comes in (contract, section 3.5): a request that holds one is refused and logged nowhere."""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from stdnum import luhn

from balcao.base.errors import Invalid
from balcao.base.values import document_checks
from balcao.doors.wire import WireDTO, parse

T = TypeVar("T")

_RUN = re.compile(rb"(?<![0-9])[0-9](?:[ .-]?[0-9]){13,18}(?![0-9])")
"""Fourteen to nineteen digits, perhaps in groups: the only runs that are looked at more closely."""
_GROUPED = re.compile(_RUN.pattern.decode())
_BRANDS = re.compile(r"(?:4|5|6|2[2-7]|38)[0-9]{14,15}|[46][0-9]{18}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}")
"""The issuers' ranges: Visa, Mastercard, Elo, Hipercard, Discover (16, 19 digits), Amex (15), Diners (14)."""
_LENGTHS = frozenset({14, 15, 16, 19})
_OTHERS_NUMBERS = frozenset(
    {
        "externalid", "skucode", "productcode", "barcode", "cnpj", "key", "xmlstring", "content", "trackingcode",
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
    """Raise Invalid that names the field with a full card number; the number itself is not repeated."""
    if _RUN.search(body) is None:
        return
    for field, text in _texts(parse(body), ""):
        if holds_card_number(text):
            raise Invalid(
                "The request holds a full card number. Send at most the holder's name and the last four digits.",
                errors={field or "$": ["must not hold a full card number"]},
                code="card_number",
            )


def holds_card_number(text: str) -> bool:
    """Whether any run of digits in the text is of an issuer's range and length and has the right check digit."""
    return any(_is_card(re.sub(r"[ .-]", "", match[0])) for match in _GROUPED.finditer(text))


def _is_card(digits: str) -> bool:
    if len(digits) not in _LENGTHS or _BRANDS.fullmatch(digits) is None or not luhn.is_valid(digits):
        return False
    return not (len(digits) == 14 and document_checks(digits))


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text and number of a document with its place, but for the fields of other people's numbers."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name.lower() not in _OTHERS_NUMBERS:
                yield from _texts(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for n, member in enumerate(value):
            yield from _texts(member, f"{path}[{n}]")
    elif isinstance(value, str):
        yield path, value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path, str(value)
