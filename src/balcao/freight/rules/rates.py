"""A carrier's table as columns of whole numbers: how it is checked, written, read and searched."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from balcao.freight.rules.model import E4

NO_CUT_OFF = 1440
"""Minutes of a whole day: an order is never too late."""

FIELDS = (
    ("cep_start", "i4"),
    ("cep_end", "i4"),
    ("weight_start_g", "i4"),
    ("weight_end_g", "i4"),
    ("price", "i8"),
    ("percent", "i4"),
    ("extra_per_kg", "i8"),
    ("insured_min", "i8"),
    ("volume_max_cm3", "i8"),
    ("delivery_days", "i2"),
    ("cut_off_min", "i2"),
)
"""A row's columns in their order, as in the table `freight_row`: 54 bytes."""
NAMES = tuple(name for name, _ in FIELDS)
RATE = np.dtype(list(FIELDS))
Rates: TypeAlias = NDArray[np.void]
Wide: TypeAlias = NDArray[np.int64]
"""Rows as read, a column a field of `FIELDS`, before it is known whether their numbers may be."""


class RateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a carrier's table: all four ends belong to it, CEPs are numbers (`01001-000` is 1001000).

    A parcel costs `price`, the larger of `percent` of its value and `insured_min`, and `extra_per_kg` for what it
    weighs beyond `weight_start_g`. volume_max_cm3: 0 for any; cut_off_min: minutes after midnight in the store's own
    time from which an order counts as the next day's, 1440 for what the carrier says.
    """

    cep_start: int
    cep_end: int
    weight_start_g: int
    weight_end_g: int
    price: Decimal
    percent: Decimal = Decimal(0)
    extra_per_kg: Decimal = Decimal(0)
    insured_min: Decimal = Decimal(0)
    volume_max_cm3: int = 0
    delivery_days: int
    cut_off_min: int = NO_CUT_OFF


_SCALED = frozenset({"price", "percent", "extra_per_kg", "insured_min"})
_LEAST, _MOST = -(2**62), 2**62


def widen(rows: Iterable[RateRow]) -> Wide:
    """The rows as whole numbers; what is out of all proportion stays so."""
    cells = [[_whole(name, getattr(row, name)) for name in NAMES] for row in rows]
    return np.array(cells, dtype=np.int64).reshape(-1, len(NAMES))


def narrow(wide: Wide) -> Rates:
    """Rows that were found sound, packed."""
    rates = np.empty(len(wide), dtype=RATE)
    for n, name in enumerate(NAMES):
        rates[name] = wide[:, n]
    return rates


def as_row(rate: Sequence[Any]) -> RateRow:
    """One packed row as people read it."""
    cells = {name: int(value) for name, value in zip(NAMES, rate, strict=True)}
    return msgspec.convert(
        {name: Decimal(value) / E4 if name in _SCALED else value for name, value in cells.items()}, RateRow
    )


def _whole(name: str, value: Decimal | int) -> int:
    return max(_LEAST, min(_MOST, int(value * E4) if name in _SCALED else int(value)))
