"""Cover a cart with packages from several stores: the fewest packages, then the lowest total, then the fastest."""

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, product
from math import prod
from typing import NamedTuple

from balcao.freight.rules.cart import BY_RANK, Stockroom
from balcao.freight.rules.desk import Counter, Desk, Route
from balcao.freight.rules.model import RESULTS_DEFAULT, Combination, Line, in_reais
from balcao.freight.rules.network import Place
from balcao.freight.rules.package import write_package

STORES_MAX = 12
"""Every set of so many stores is tried (4,083 of two and more); of more stores, the ones most likely to help."""
STEPS_MAX = 150_000
"""So many packages are looked up, in all allotments together, before a search ends with what it found, and twice as
many before it gives up: enough for every allotment of eight SKUs to any two of twelve stores."""
STEPS_AT_ONCE = 1_000
"""So many are a millisecond or two: then a search lets others work."""
COMBINATIONS_MAX = 10
_WHOLE = 1 << 50
"""More than all units of a cart."""
_PRICING_STEPS = 20
"""Pricing goods that were not priced from that store before takes as long as so many look-ups."""


class Piece(NamedTuple):
    """Units of the nth SKU, from the `first`th on: two stores that part a SKU send different units of it."""

    sku: int
    first: int
    units: int


Goods = tuple[int, tuple[Piece, ...]]
"""What a store sends: the SKUs that it sends whole, as a set of bits, and the pieces of others."""


class Sending(NamedTuple):
    """One way to send the cart: its total, the slowest delivery's day and business days, the stores by rank, and what
    each sends. Sendings of different stores sort as combinations do.
    """

    cents: int
    day: int
    days: int
    ranks: tuple[int, ...]
    places: tuple[Place, ...]
    goods: tuple[Goods, ...]


Search = Generator[None, None, list[Combination]]
"""Stops now and then, so that whoever goes on with it can do something else meanwhile."""


def split(desk: Desk, lines: Sequence[Line], room: Stockroom) -> Search:
    """The ways to get the cart in as few packages as possible, best first; empty when there is none.

    A SKU is parted only where no store of a set has all of it, then the store with the most sends first. Each set of
    stores comes once, with its best allotment: the lowest total, then the fastest, then the one in which the first SKUs
    go from the stores that come first.
    """
    return _Search(desk, lines, room).combinations()


class _Search:
    def __init__(self, desk: Desk, lines: Sequence[Line], room: Stockroom) -> None:
        self._desk = desk
        self._room = room
        self._lines: list[list[Line]] = [[line for line in lines if line.sku == sku] for sku in room.needs]
        self._needs = list(room.needs.values())
        self._counters: dict[Goods, Counter] = {}
        self._best: dict[tuple[int, tuple[Piece, ...]], dict[int, Route | None]] = {}
        self._steps = 0
        self._rests = 0

    def combinations(self) -> Search:
        """Best first."""
        reached = [place for place in self._room.holding_any(self._room.needs) if self._desk.reaches(place)]
        stores = sorted(choose_stores(reached, self._room), key=BY_RANK)
        held = {
            place.rank: [min(self._room.available(place, sku), need) for sku, need in self._room.needs.items()]
            for place in stores
        }
        for size in range(2, len(stores) + 1):
            found: list[Sending] = []
            for some in combinations(stores, size):
                if self._steps > (STEPS_MAX if found else 2 * STEPS_MAX):
                    break
                if self._covers(some, held) and (best := (yield from self._best_of(some, held))) is not None:
                    found.append(best)
                if self._is_tired():
                    yield
            if found:
                return self._write(sorted(found))
        return []

    def _is_tired(self) -> bool:
        if self._steps // STEPS_AT_ONCE <= self._rests:
            return False
        self._rests = self._steps // STEPS_AT_ONCE
        return True

    def _covers(self, some: Sequence[Place], held: Mapping[int, Sequence[int]]) -> bool:
        self._steps += 1 + len(self._needs) // 8
        counts = [held[place.rank] for place in some]
        return all(sum(column) >= need for column, need in zip(zip(*counts, strict=True), self._needs, strict=True))

    def _best_of(
        self, some: Sequence[Place], held: Mapping[int, Sequence[int]]
    ) -> Generator[None, None, Sending | None]:
        """The best allotment to exactly these stores."""
        self._steps += len(self._needs)
        fixed, free = [0] * len(some), list[tuple[int, list[int]]]()
        parted: list[list[Piece]] = [[] for _ in some]
        for sku, need in enumerate(self._needs):
            whole = [n for n, place in enumerate(some) if held[place.rank][sku] >= need]
            if len(whole) == 1:
                fixed[whole[0]] |= 1 << sku
            elif whole:
                free.append((1 << sku, whole))
            else:
                self._part(sku, [held[place.rank][sku] for place in some], parted)
        pieces = [tuple(some_pieces) for some_pieces in parted]
        books = [self._best.setdefault((place.kind, mine), {}) for place, mine in zip(some, pieces, strict=True)]
        best: tuple[tuple[int, int, int], tuple[int, ...]] | None = None
        for masks in self._allotments(fixed, free):
            key = self._sum_up(some, masks, pieces, books)
            if key is not None and (best is None or key < best[0]):
                best = key, tuple(masks)
            if self._is_tired():
                yield
        if best is None:
            return None
        goods = tuple(zip(best[1], pieces, strict=True))
        return Sending(*best[0], tuple(place.rank for place in some), tuple(some), goods)

    def _part(self, sku: int, counts: Sequence[int], parted: Sequence[list[Piece]]) -> None:
        first = 0
        for n in sorted(range(len(counts)), key=lambda n: (-counts[n], n)):
            units = min(counts[n], self._needs[sku] - first)
            if units:
                parted[n].append(Piece(sku, first, units))
                first += units

    def _allotments(self, fixed: Sequence[int], free: Sequence[tuple[int, list[int]]]) -> Iterator[list[int]]:
        """What each store sends whole. Where there are too many: for each store, the one that gives it all it has."""
        if self._steps + prod(len(whole) for _, whole in free) * len(fixed) > STEPS_MAX:
            for favoured in range(len(fixed)):
                masks = list(fixed)
                for bit, whole in free:
                    masks[favoured if favoured in whole else whole[0]] |= bit
                yield masks
            return
        for choice in product(*(whole for _, whole in free)):
            masks = list(fixed)
            for (bit, _), n in zip(free, choice, strict=True):
                masks[n] |= bit
            yield masks

    def _sum_up(
        self,
        some: Sequence[Place],
        masks: Sequence[int],
        pieces: Sequence[tuple[Piece, ...]],
        books: Sequence[dict[int, Route | None]],
    ) -> tuple[int, int, int] | None:
        """Total, slowest day and business days; None when a store is left out, or cannot send its part."""
        self._steps += len(some)
        cents = day = days = 0
        for n, (mask, book) in enumerate(zip(masks, books, strict=True)):
            if mask in book:
                route = book[mask]
            else:
                route = book[mask] = self._best_route(some[n], (mask, pieces[n]))
            if route is None:
                return None
            cents += route.cents
            day, days = max(day, route.day), max(days, route.days)
        return cents, day, days

    def _best_route(self, place: Place, goods: Goods) -> Route | None:
        if goods == (0, ()):
            return None
        self._steps += _PRICING_STEPS + 2 * len(self._needs)
        # Who wants the goods at home pays for it: collecting counts only where a store does not deliver.
        routes = self._counter(goods).routes(place)
        return min([route for route in routes if route.lane] or routes, key=lambda route: route[:4], default=None)

    def _counter(self, goods: Goods) -> Counter:
        known = self._counters.get(goods)
        if known is None:
            known = self._counters[goods] = self._desk.counter(self._take(goods))
        return known

    def _take(self, goods: Goods) -> list[Line]:
        """The goods as lines: a piece of a SKU that is in several lines of the cart is taken from them in order."""
        mask, pieces = goods
        taken = [line for sku, lines in enumerate(self._lines) if mask >> sku & 1 for line in lines]
        for piece in pieces:
            first, last, begin = piece.first, piece.first + piece.units, 0
            for line in self._lines[piece.sku]:
                units = min(last, begin + line.quantity) - max(first, begin)
                if units > 0:
                    taken.append(line._replace(quantity=units))
                begin += line.quantity
        return sorted(taken) if pieces else taken

    def _write(self, ranked: Sequence[Sending]) -> list[Combination]:
        terms = self._desk.terms
        most = min(terms.results_max or COMBINATIONS_MAX, COMBINATIONS_MAX)
        return [self._combination(sending, terms.results_max or RESULTS_DEFAULT) for sending in ranked[:most]]

    def _combination(self, sending: Sending, most: int) -> Combination:
        counters = [self._counter(goods) for goods in sending.goods]
        return Combination(
            packages=tuple(
                write_package(counter.load.lines, counter.ways([place]), self._desk.terms, most)
                for place, counter in zip(sending.places, counters, strict=True)
            ),
            total_amount=in_reais(sending.cents),
            delivery_time=sending.days,
            delivery_date=date.fromordinal(sending.day),
        )


def choose_stores(places: Sequence[Place], room: Stockroom) -> list[Place]:
    """At most twelve: again and again those that together cover most with fewest, the one that adds most first."""
    if len(places) <= STORES_MAX:
        return list(places)
    left, chosen = set(places), list[Place]()
    while left and len(chosen) < STORES_MAX:
        wanted, before = dict(room.needs), len(chosen)
        while wanted and len(chosen) < STORES_MAX:
            gains = _gains(room, wanted, left)
            if not gains:
                break
            best = min(gains, key=lambda place: (-gains[place], place.rank))
            chosen.append(best)
            left.discard(best)
            for sku in list(wanted):
                wanted[sku] -= room.having(sku).get(best, 0)
                if wanted[sku] <= 0:
                    del wanted[sku]
        if len(chosen) == before:
            break
    return chosen


def _gains(room: Stockroom, wanted: Mapping[str, int], left: Collection[Place]) -> dict[Place, int]:
    """How many of the wanted SKUs each store has whole, and units of them all: one number, the larger the better."""
    gains: dict[Place, int] = {}
    for sku, need in wanted.items():
        for place, there in room.having(sku).items():
            if place in left:
                gains[place] = gains.get(place, 0) + (_WHOLE + need if there >= need else there)
    return gains
