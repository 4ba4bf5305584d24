"""Cover a cart with packages from several stores: the fewest packages, then the lowest total, then the fastest."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, product
from math import prod
from typing import NamedTuple

from balcao.freight.rules.cart import Stockroom
from balcao.freight.rules.desk import BY_RANK, Counter, Desk, Way, write_package
from balcao.freight.rules.model import RESULTS_DEFAULT, Combination, Line, in_reais
from balcao.freight.rules.network import Place

STORES_MAX = 12
"""Every set of so many stores is tried (4,083 of two and more); of more stores, the ones most likely to help."""
STEPS_MAX = 200_000
"""So many SKUs are placed, in all allotments together, before a search goes on with the simplest ones only: enough for
every allotment of eight SKUs to any two of twelve stores. It gives up at four times that."""
COMBINATIONS_MAX = 10
_PRICING_STEPS = 20
"""Pricing goods that were not priced from that store before takes as long as placing so many SKUs."""


class Piece(NamedTuple):
    """Units of the nth SKU, from the `first`th on: two stores that part a SKU send different units of it."""

    sku: int
    first: int
    units: int


Goods = tuple[Piece, ...]
Share = Sequence[tuple[Place, Piece]]
"""Where one SKU comes from: one store, or several where none of the set has all of it."""


class Sending(NamedTuple):
    """One way to send the cart: each store of a set, by rank, with its goods and its best delivery."""

    parts: tuple[tuple[Place, Goods], ...]
    best: tuple[Way, ...]

    @property
    def order(self) -> tuple[object, ...]:
        """Lowest total, fastest, then the stores by priority and CNPJ, then what each sends."""
        return (
            sum(way.cents for way in self.best),
            max(way.day for way in self.best),
            max(way.days for way in self.best),
            tuple(place.rank for place, _ in self.parts),
            tuple(goods for _, goods in self.parts),
        )


def split(desk: Desk, lines: Sequence[Line], room: Stockroom) -> list[Combination]:
    """The ways to get the cart in as few packages as possible, best first; empty when there is none.

    A SKU is parted only where no store of a set has all of it, then the store with the most sends first. Each set of
    stores comes once, with its best allotment.
    """
    return _Search(desk, lines, room).combinations()


class _Search:
    def __init__(self, desk: Desk, lines: Sequence[Line], room: Stockroom) -> None:
        self._desk = desk
        self._room = room
        self._lines: list[list[Line]] = [[line for line in lines if line.sku == sku] for sku in room.needs]
        self._skus = list(room.needs)
        self._needs = list(room.needs.values())
        self._counters: dict[Goods, Counter] = {}
        self._best: dict[tuple[int, Goods], Way | None] = {}
        self._steps = 0

    def combinations(self) -> list[Combination]:
        reached = [place for place in self._room.holding_any(self._skus) if self._desk.reaches(place)]
        stores = sorted(choose_stores(reached, self._room), key=lambda place: place.rank)
        held = {
            place.rank: [min(self._room.available(place, sku), need) for sku, need in self._room.needs.items()]
            for place in stores
        }
        for size in range(2, len(stores) + 1):
            found = [
                best
                for some in combinations(stores, size)
                if self._covers(some, held) and (best := self._best_of(some, held)) is not None
            ]
            if found:
                return self._write(sorted(found, key=lambda sending: sending.order))
        return []

    def _covers(self, some: Sequence[Place], held: Mapping[int, Sequence[int]]) -> bool:
        if self._steps > 4 * STEPS_MAX:
            return False
        self._steps += 1
        counts = [held[place.rank] for place in some]
        return all(sum(column) >= need for column, need in zip(zip(*counts, strict=True), self._needs, strict=True))

    def _best_of(self, some: Sequence[Place], held: Mapping[int, Sequence[int]]) -> Sending | None:
        """The best allotment to exactly these stores."""
        shares = [self._shares(n, some, held) for n in range(len(self._skus))]
        if self._steps + prod(map(len, shares)) * len(shares) <= STEPS_MAX:
            allotments: Iterator[Sequence[Share]] = product(*shares)
        else:
            allotments = _simplest(some, shares)
        found = (sending for allotment in allotments if (sending := self._send(some, allotment)) is not None)
        return min(found, key=lambda sending: sending.order, default=None)

    def _shares(self, n: int, some: Sequence[Place], held: Mapping[int, Sequence[int]]) -> list[Share]:
        need = self._needs[n]
        whole = [place for place in some if held[place.rank][n] >= need]
        if whole:
            return [((place, Piece(n, 0, need)),) for place in whole]
        first, share = 0, []
        for place in sorted(some, key=lambda place: (-held[place.rank][n], place.rank)):
            units = min(held[place.rank][n], need - first)
            if units:
                share.append((place, Piece(n, first, units)))
                first += units
        return [share]

    def _send(self, some: Sequence[Place], allotment: Sequence[Share]) -> Sending | None:
        """None when a store is left out, or cannot send its part."""
        self._steps += len(allotment)
        pieces: dict[int, list[Piece]] = {}
        for share in allotment:
            for place, piece in share:
                pieces.setdefault(place.rank, []).append(piece)
        if len(pieces) < len(some):
            return None
        parts = tuple((place, tuple(pieces[place.rank])) for place in some)
        best = tuple(way for place, goods in parts if (way := self._best_way(place, goods)) is not None)
        return Sending(parts, best) if len(best) == len(parts) else None

    def _best_way(self, place: Place, goods: Goods) -> Way | None:
        key = (place.rank, goods)
        if key not in self._best:
            self._steps += _PRICING_STEPS
            ways = list(self._counter(goods).ways_from(place))
            # Who wants the goods at home pays for it: collecting counts only where a store does not deliver.
            brought = [way for way in ways if way.is_delivery]
            self._best[key] = min(brought or ways, key=BY_RANK, default=None)
        return self._best[key]

    def _counter(self, goods: Goods) -> Counter:
        known = self._counters.get(goods)
        if known is None:
            known = self._counters[goods] = self._desk.counter(self._take(goods))
        return known

    def _take(self, goods: Goods) -> list[Line]:
        """The pieces as lines: a SKU that is in several lines of the cart is taken from them in order."""
        taken = []
        for piece in goods:
            first, last = piece.first, piece.first + piece.units
            begin = 0
            for line in self._lines[piece.sku]:
                units = min(last, begin + line.quantity) - max(first, begin)
                if units > 0:
                    taken.append(line._replace(quantity=units))
                begin += line.quantity
        return taken

    def _write(self, ranked: Sequence[Sending]) -> list[Combination]:
        terms = self._desk.terms
        most = min(terms.results_max or COMBINATIONS_MAX, COMBINATIONS_MAX)
        return [self._combination(sending, terms.results_max or RESULTS_DEFAULT) for sending in ranked[:most]]

    def _combination(self, sending: Sending, most: int) -> Combination:
        counters = [(place, self._counter(goods)) for place, goods in sending.parts]
        return Combination(
            packages=tuple(
                write_package(counter.load.lines, counter.ways([place]), self._desk.terms, most)
                for place, counter in counters
            ),
            total_amount=in_reais(sum(way.cents for way in sending.best)),
            delivery_time=max(way.days for way in sending.best),
            delivery_date=date.fromordinal(max(way.day for way in sending.best)),
        )


def choose_stores(places: Sequence[Place], room: Stockroom) -> list[Place]:
    """At most twelve: again and again those that together cover most with fewest, the one that adds most first."""
    if len(places) <= STORES_MAX:
        return list(places)
    left, chosen = list(places), list[Place]()
    while left and len(chosen) < STORES_MAX:
        wanted = dict(room.needs)
        while wanted and len(chosen) < STORES_MAX:
            gains = [(_gain(place, wanted, room), place) for place in left]
            gain, best = min(gains, key=lambda one: (-one[0][0], -one[0][1], one[1].rank), default=((0, 0), None))
            if best is None or gain == (0, 0):
                break
            chosen.append(best)
            left.remove(best)
            wanted = {sku: need - min(need, room.available(best, sku)) for sku, need in wanted.items()}
            wanted = {sku: need for sku, need in wanted.items() if need}
        if wanted == room.needs:
            break
    return chosen


def _gain(place: Place, wanted: Mapping[str, int], room: Stockroom) -> tuple[int, int]:
    """How many of the wanted SKUs it has whole, and how many units of them all."""
    counts = [(min(room.available(place, sku), need), need) for sku, need in wanted.items()]
    return sum(there >= need for there, need in counts), sum(there for there, _ in counts)


def _simplest(some: Sequence[Place], shares: Sequence[Sequence[Share]]) -> Iterator[Sequence[Share]]:
    """For each store of the set, the allotment that gives it all that it has, and the others what they have first."""
    for favoured in some:
        yield [next((one for one in share if one[0][0] is favoured), share[0]) for share in shares]
