"""What a carrier is given: the goods as parcels that keep to its limits, each with the weight that it charges."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.index import Parcel
from balcao.freight.rules.model import Line, to_e4

PARCEL_MAX_G = 2**31
"""Beyond every table's last bracket: what weighs more is not delivered."""
_UM3_PER_M3 = 10**18


class Oversize(NamedTuple):
    """A unit that the carrier does not take: which SKU, and `weight`, `side`, `sides` or `value`."""

    sku: str
    what: str


class Load:
    """Goods that leave a store together, with the sums that every carrier asks for."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = tuple(lines)
        self.weight_mg = self.volume_um3 = self.value_e4 = self.side_um = self.sides_um = 0
        self.pickup_only = False
        # In one pass, without any call of `sum`: each package of each way to split a cart is a load.
        for _, quantity, price, weight_mg, (one, other, third), pickup_only in self.lines:
            self.weight_mg += weight_mg * quantity
            self.volume_um3 += one * other * third * quantity
            self.value_e4 += to_e4(price) * quantity
            self.side_um = max(self.side_um, one, other, third)
            self.sides_um = max(self.sides_um, one + other + third)
            self.pickup_only = self.pickup_only or pickup_only

    @cached_property
    def heaviest_first(self) -> list[Line]:
        """The lines in the order in which they are put into parcels."""
        return sorted(self.lines, key=lambda line: (-line.weight_mg, -line.price, line))


def volume_of(line: Line) -> int:
    """Cubic micrometres of one unit, 0 where a side is unknown."""
    one, other, third = line.sides_um
    return one * other * third


def parcels_for(carrier: Carrier, load: Load, *, individually: bool) -> tuple[Parcel, ...] | Oversize:
    """The goods as this carrier gets them: one parcel, or one of each unit, or as many as its limits ask for.

    Parcels are filled with the heaviest units first; the next one is begun when a unit does not fit any more. A unit
    that alone is too much is not taken at all.
    """
    if (carrier.side_max_um is not None and load.side_um > carrier.side_max_um) or (
        carrier.sides_max_um is not None and load.sides_um > carrier.sides_max_um
    ):
        return _too_long(carrier, load)
    weight_max_mg = carrier.weight_max_g * 1000 if carrier.weight_max_g is not None else None
    value_max_e4 = carrier.value_max_e4
    fits = (weight_max_mg is None or load.weight_mg <= weight_max_mg) and (
        value_max_e4 is None or load.value_e4 <= value_max_e4
    )
    factor = carrier.volumetric_g_per_m3
    if fits and not individually:
        return (_parcel(factor, load.weight_mg, load.volume_um3, load.value_e4),)
    for line in load.lines:
        if weight_max_mg is not None and line.weight_mg > weight_max_mg:
            return Oversize(line.sku, "weight")
        if value_max_e4 is not None and to_e4(line.price) > value_max_e4:
            return Oversize(line.sku, "value")
    if individually:
        units = (
            _parcel(factor, line.weight_mg, volume_of(line), to_e4(line.price), line.quantity) for line in load.lines
        )
        return _counted(units)
    return _counted(_fill(load.heaviest_first, factor, weight_max_mg, value_max_e4))


def _too_long(carrier: Carrier, load: Load) -> Oversize:
    for line in load.lines:
        if carrier.side_max_um is not None and max(line.sides_um) > carrier.side_max_um:
            return Oversize(line.sku, "side")
    return next(Oversize(line.sku, "sides") for line in load.lines if sum(line.sides_um) > (carrier.sides_max_um or 0))


def _parcel(factor: int, weight_mg: int, volume_um3: int, value_e4: int, times: int = 1) -> Parcel:
    """Grams are rounded up once, after adding, and are one at least: nothing weighs nothing, and tables that begin at
    one gram must still hold it.
    """
    grams = max(1, -(-weight_mg // 1000))
    if factor and volume_um3:
        grams = max(grams, -(-volume_um3 * factor // _UM3_PER_M3))
    return Parcel(min(grams, PARCEL_MAX_G), volume_um3, value_e4, times)


def _counted(parcels: Iterable[Parcel]) -> tuple[Parcel, ...]:
    counts: Counter[tuple[int, int, int]] = Counter()
    for parcel in parcels:
        counts[parcel[:3]] += parcel.times
    return tuple(Parcel(*key, count) for key, count in sorted(counts.items()))


def _fill(lines: Sequence[Line], factor: int, weight_max_mg: int | None, value_max_e4: int | None) -> list[Parcel]:
    """Parcels of a line's units alone are counted, not filled one by one: a cart may hold a billion of them."""
    parcels: list[Parcel] = []
    weight = volume = value = 0
    for line in lines:
        unit = (line.weight_mg, volume_of(line), to_e4(line.price))
        left = line.quantity
        while left:
            room = min(_room(weight_max_mg, weight, unit[0], left), _room(value_max_e4, value, unit[2], left))
            if room == 0:
                parcels.append(_parcel(factor, weight, volume, value))
                weight = volume = value = 0
                continue
            if weight == volume == value == 0 and left >= 2 * room:
                full = left // room - 1
                parcels.append(_parcel(factor, unit[0] * room, unit[1] * room, unit[2] * room, full))
                left -= full * room
                continue
            weight, volume, value = weight + unit[0] * room, volume + unit[1] * room, value + unit[2] * room
            left -= room
    return [*parcels, _parcel(factor, weight, volume, value)]


def _room(most: int | None, used: int, unit: int, left: int) -> int:
    """How many more units fit under this limit, at most those that are left."""
    if most is None or unit == 0:
        return left
    return min((most - used) // unit, left)
