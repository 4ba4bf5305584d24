"""A table in force as quotes search it: columns in memory, sorted by weight bracket and CEP."""

import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from balcao.freight.rules.rates import Rates
from balcao.freight.rules.versions import Table

UM3_PER_CM3 = 10**12
_PACKED = np.dtype(
    [
        ("price", "<i8"),
        ("extra_per_kg", "<i8"),
        ("insured_min", "<i8"),
        ("volume_max_cm3", "<i8"),
        ("weight_start_g", "<i4"),
        ("percent", "<i4"),
        ("delivery_days", "<i2"),
        ("cut_off_min", "<i2"),
    ]
)
_unpack = struct.Struct("<qqqqiihh").unpack_from
_SIZE = _PACKED.itemsize


class Parcel(NamedTuple):
    """What the carrier weighs: grams that it charges, cubic micrometres, value in ten-thousandths of BRL; and how many
    such parcels there are.
    """

    weight_g: int
    volume_um3: int
    value_e4: int
    times: int


Rate: TypeAlias = tuple[int, int, int, int, int, int, int, int]
"""A row that holds a parcel: price, price of an extra kilogram, least insurance, volume (0 for any), start of the
weight bracket, percent, days, cut-off, in the units of `freight_row`. No named tuple: a cart asks dozens of tables.
"""


Ranges: TypeAlias = "tuple[array[int], array[int]]"
"""Where ranges of CEPs end, in order, and where each starts."""


class Miss(IntEnum):
    """Why no row holds a parcel."""

    CEP = 0
    WEIGHT = 1
    VOLUME = 2


class TableIndex:
    """One version of a table. Never changed, so that a quote that began with it ends with it.

    In each weight bracket the ranges of CEPs do not meet, so the one that ends first at or after a CEP is the only one
    that can hold it: one binary search, whatever the size of the table. Brackets with the same ranges, as most have
    them, share those: what is searched again and again is little, and stays near the processor.
    """

    __slots__ = ("_first", "_parts", "_row_count", "_rows", "_starts", "nbytes", "table")

    def __init__(self, table: Table, rates: Rates) -> None:
        self.table = table
        rates = rates[np.lexsort((rates["cep_end"], rates["weight_end_g"], rates["weight_start_g"]))]
        # What is only looked at once the row is found lies together: each look elsewhere is to slow memory.
        rows = np.empty(len(rates), dtype=_PACKED)
        for name in _PACKED.names or ():
            rows[name] = rates[name]
        self._rows = rows.tobytes()
        self._row_count = len(rates)
        starts, ends = rates["weight_start_g"], rates["weight_end_g"]
        cuts = np.flatnonzero((starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])) + 1
        bounds = [0, *cuts.tolist(), len(rates)] if len(rates) else []
        shared: dict[bytes, Ranges] = {}
        self._parts = [(int(ends[lo]), _ranges(rates[lo:hi], shared), lo) for lo, hi in pairwise(bounds)]
        self._starts = [int(starts[lo]) for _, _, lo in self._parts]
        # The highest end so far: where it is below a weight, no bracket up to there holds it.
        self._first = np.maximum.accumulate([end for end, _, _ in self._parts]).tolist() if self._parts else []
        self.nbytes = len(self._rows) + 8 * sum(len(one[0]) for one in shared.values()) + 200 * len(self._parts)

    def __len__(self) -> int:
        return self._row_count

    def find(self, cep: int, weight_g: int, volume_um3: int) -> Rate | None:
        """The row for this parcel; where two brackets share the weight, the lower one's."""
        starts, parts = self._starts, self._parts
        n = bisect_left(self._first, weight_g)
        while n < len(starts) and starts[n] <= weight_g:
            end_g, (cep_ends, cep_starts), lo = parts[n]
            if end_g >= weight_g:
                at = bisect_left(cep_ends, cep)
                if at < len(cep_ends) and cep_starts[at] <= cep:
                    row: Rate = _unpack(self._rows, (lo + at) * _SIZE)
                    if not row[3] or volume_um3 <= row[3] * UM3_PER_CM3:
                        return row
            n += 1
        return None

    def serves(self, cep: int) -> bool:
        """Whether it holds this CEP at any weight."""
        return any(True for _ in self._holding(cep))

    def miss(self, cep: int, weight_g: int) -> Miss:
        """Why `find` found nothing."""
        brackets = [(self._starts[n], self._parts[n][0]) for n in self._holding(cep)]
        if not brackets:
            return Miss.CEP
        return Miss.VOLUME if any(start <= weight_g <= end for start, end in brackets) else Miss.WEIGHT

    def heaviest(self, cep: int) -> int:
        """The most that it takes to this CEP, in grams; 0 where it does not go."""
        return max((self._parts[n][0] for n in self._holding(cep)), default=0)

    def _holding(self, cep: int) -> Iterator[int]:
        for n, (_, (cep_ends, cep_starts), _) in enumerate(self._parts):
            at = bisect_left(cep_ends, cep)
            if at < len(cep_ends) and cep_starts[at] <= cep:
                yield n


def _ranges(rates: Rates, shared: dict[bytes, Ranges]) -> Ranges:
    """A bracket's ranges; those of another one where they are the same.

    Arrays of Python's own give plain numbers at once, where those of numpy would first wrap each.
    """
    ends, starts = rates["cep_end"].tobytes(), rates["cep_start"].tobytes()
    return shared.setdefault(ends + starts, (array("i", ends), array("i", starts)))
