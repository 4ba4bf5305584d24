"""What the documents on the wire are made of: the base struct and the types of its fields."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final

import msgspec

from balcao.base.values import MONEY_MAX, QUANTITY_MAX

INT64_MAX: Final = 2**63 - 1
"""The largest whole number that a `bigint` holds: none larger is let in."""


class Wire(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A document on the wire, named in its documented casing: `rename="camel"` (inherited) or `rename="pascal"`.

    Say `kw_only=True` in every subclass, so that optional fields may stand anywhere. Reading is case-insensitive
    and ignores unknown fields all the same (`read.Reader`): `forbid_unknown_fields` is only how the fast path notices
    that a body is not in the documented casing.

    Class-level extras, inherited and overridden as any attribute:

    - `__aliases__`: further accepted names by the documented one, any case: `{"zipcode": "cep", "length": "lenght"}`.
      When both spellings come, the last one in the document wins.
    - `__example__`: a JSON-ready document, shown in the API's documentation.
    """

    __aliases__: ClassVar[Mapping[str, str]] = {}
    __example__: ClassVar[Any] = None


class Bounds(msgspec.Struct, frozen=True):
    """What a `Decimal` field may hold; put it in `Meta(extra={"bounds": Bounds(...)})`."""

    digits: int = 15
    """At most so many digits before the point."""
    places: int = 12
    """At most so many after it, zeros at the end not counted."""
    minimum: Decimal | None = None
    maximum: Decimal | None = None


ANY_DECIMAL: Final = Bounds()
"""Every `Decimal` field without bounds of its own: finite, and small enough for any column and any sum."""

Money = Annotated[
    Decimal,
    msgspec.Meta(
        extra={"bounds": Bounds(digits=12, places=4, minimum=Decimal(0), maximum=MONEY_MAX)},
        extra_json_schema={"extra": {"minimum": 0}},
    ),
]
"""An amount of money, not negative, at most four decimals and twelve digits before them: `base.values.is_money`."""

Quantity = Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]
"""A quantity of pieces, at least one."""

Count = Annotated[int, msgspec.Meta(ge=0, le=QUANTITY_MAX)]
"""A number of pieces or days, zero allowed."""

Instant = Annotated[
    str,
    msgspec.Meta(
        extra_json_schema={"extra": {"format": "date-time"}, "examples": ["2026-07-01T12:00:00.000000Z"]},
    ),
]
"""An instant in an **answer**, written by `base.values.iso` (always UTC, `Z` and six digits; msgspec's own form of a
`datetime` drops zero microseconds). In a **request** a field is a plain `datetime`: it always arrives aware, UTC where
no zone was sent."""
