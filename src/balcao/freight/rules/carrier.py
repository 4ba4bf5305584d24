"""A carrier: how it weighs, what it takes, where it goes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from balcao.base.values import is_money
from balcao.freight.rules.rates import NO_CUT_OFF
from balcao.freight.rules.table import CEP_MAX, WEIGHT_MAX_G

VOLUMETRIC_MAX_G = 10_000_000
SIDE_MAX_UM = 10**9
RANGES_MAX = 1000
DESCRIPTION_LENGTH_MAX = 200


class CepRange(NamedTuple):
    """From and to, both included."""

    start: int
    end: int


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """A carrier's service. What is None has no limit.

    volumetric_g_per_m3: grams that a cubic metre counts as (the field's *fator de cubagem* is in kilograms), 0 where
    volume does not matter; weight_max_g, value_max_e4: of one package, more is sent in several; side_max_um, and
    sides_max_um for the sum of the three: of one unit; cep_ranges: where it goes at all, empty for wherever its tables
    do; cut_off_min: minutes after midnight from which an order counts as the next day's, for rows that say nothing.
    """

    reference: str
    description: str
    is_active: bool = True
    volumetric_g_per_m3: int = 0
    weight_max_g: int | None = None
    side_max_um: int | None = None
    sides_max_um: int | None = None
    value_max_e4: int | None = None
    cep_ranges: tuple[CepRange, ...] = ()
    cut_off_min: int = NO_CUT_OFF

    @property
    def packing(self) -> tuple[int | None, ...]:
        """Carriers of which this is equal get the same parcels."""
        return self.volumetric_g_per_m3, self.weight_max_g, self.side_max_um, self.sides_max_um, self.value_max_e4

    def goes_to(self, cep: int) -> bool:
        """Whether the CEP is within its coverage."""
        return not self.cep_ranges or any(one.start <= cep <= one.end for one in self.cep_ranges)


def check_carrier(carrier: Carrier) -> Iterator[tuple[str, str]]:
    """What is wrong with it: field, as it is sent, and message."""
    if not 1 <= len(carrier.reference) <= 100 or carrier.reference != carrier.reference.strip():
        yield "reference", "must have 1 to 100 characters, without blanks around"
    if not 1 <= len(carrier.description) <= DESCRIPTION_LENGTH_MAX:
        yield "description", f"must have 1 to {DESCRIPTION_LENGTH_MAX} characters"
    if not 0 <= carrier.volumetric_g_per_m3 <= VOLUMETRIC_MAX_G:
        yield "volumetricFactor", f"must be from 0 to {VOLUMETRIC_MAX_G // 1000} kg a cubic metre"
    if carrier.weight_max_g is not None and not 1 <= carrier.weight_max_g <= WEIGHT_MAX_G:
        yield "maxWeightKg", "must be above zero, whole grams"
    for field, side in (("maxSideCm", carrier.side_max_um), ("maxSidesCm", carrier.sides_max_um)):
        if side is not None and not 1 <= side <= SIDE_MAX_UM:
            yield field, f"must be above zero and at most {SIDE_MAX_UM // 10_000}"
    value = carrier.value_max_e4
    if value is not None and not (value > 0 and is_money(Decimal(value) / 10_000)):
        yield "maxValue", "must be an amount above zero, with at most four decimals"
    if not 0 <= carrier.cut_off_min <= NO_CUT_OFF:
        yield "cutOff", "must be HH:MM"
    yield from check_ranges(carrier.cep_ranges)


def check_ranges(ranges: tuple[CepRange, ...]) -> Iterator[tuple[str, str]]:
    """What is wrong with a list of CEP ranges."""
    if len(ranges) > RANGES_MAX:
        yield "cepRanges", f"must be at most {RANGES_MAX}"
    for n, one in enumerate(ranges):
        if not 0 <= one.start <= one.end <= CEP_MAX:
            yield f"cepRanges[{n}]", "must be two CEPs, the lower one first"
