"""A table in force as quotes search it: columns in memory, sorted by weight bracket and CEP."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from enum import IntEnum
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from balcao.freight.rules.rates import FIELDS, NAMES, Rates
from balcao.freight.rules.versions import Table

UM3_PER_CM3 = 10**12
_LETTERS: Mapping[str, Literal["h", "i", "q"]] = {"i2": "h", "i4": "i", "i8": "q"}


class Parcel(NamedTuple):
    """What the carrier weighs: grams that it charges, cubic micrometres, value in ten-thousandths of BRL; and how many
    such parcels there are.
    """

    weight_g: int
    volume_um3: int
    value_e4: int
    times: int


class Rate(NamedTuple):
    """A row that holds a parcel, in the units of `freight_row`."""

    weight_start_g: int
    price: int
    percent: int
    extra_per_kg: int
    insured_min: int
    delivery_days: int
    cut_off_min: int


class Miss(IntEnum):
    """Why no row holds a parcel."""

    CEP = 0
    WEIGHT = 1
    VOLUME = 2


class TableIndex:
    """One version of a table. Never changed, so that a quote that began with it ends with it.

    In each weight bracket the ranges of CEPs do not meet, so the one that ends first at or after a CEP is the only one
    that can hold it: one binary search, whatever the size of the table.
    """

    __slots__ = ("_columns", "_first", "_parts", "_starts", "nbytes", "table")

    def __init__(self, table: Table, rates: Rates) -> None:
        self.table = table
        rates = rates[np.lexsort((rates["cep_end"], rates["weight_end_g"], rates["weight_start_g"]))]
        columns = [rates[name] for name in NAMES]
        # Arrays of Python's own give plain numbers at once, where those of numpy would first wrap each.
        self._columns = tuple(
            array(_LETTERS[kind], column.tobytes()) for column, (_, kind) in zip(columns, FIELDS, strict=True)
        )
        starts, ends = columns[2], columns[3]
        cuts = np.flatnonzero((starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])) + 1
        bounds = [0, *cuts.tolist(), len(rates)] if len(rates) else []
        self._parts = [(int(ends[lo]), lo, hi) for lo, hi in pairwise(bounds)]
        self._starts = [int(starts[lo]) for _, lo, _ in self._parts]
        # The highest end so far: where it is below a weight, no bracket up to there holds it.
        self._first = np.maximum.accumulate([end for end, _, _ in self._parts]).tolist() if self._parts else []
        self.nbytes = sum(column.nbytes for column in columns) + 200 * len(self._parts)

    def __len__(self) -> int:
        return len(self._columns[0])

    def find(self, cep: int, weight_g: int, volume_um3: int) -> Rate | None:
        """The row for this parcel; where two brackets share the weight, the lower one's."""
        starts, parts, columns = self._starts, self._parts, self._columns
        cep_starts, cep_ends, volumes = columns[0], columns[1], columns[8]
        n = bisect_left(self._first, weight_g)
        while n < len(starts) and starts[n] <= weight_g:
            end_g, lo, hi = parts[n]
            if end_g >= weight_g:
                at = bisect_left(cep_ends, cep, lo, hi)
                if at < hi and cep_starts[at] <= cep and (not volumes[at] or volume_um3 <= volumes[at] * UM3_PER_CM3):
                    _, _, _, _, price, percent, extra, insured, _, days, cut_off = columns
                    return Rate(starts[n], price[at], percent[at], extra[at], insured[at], days[at], cut_off[at])
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
        starts, ends = self._columns[0], self._columns[1]
        for n, (_, lo, hi) in enumerate(self._parts):
            at = bisect_left(ends, cep, lo, hi)
            if at < hi and starts[at] <= cep:
                yield n
