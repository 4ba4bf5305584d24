"""The desk at which one quote is priced: every store's options for some goods, each table asked once."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from balcao.freight.rules.calendar import MINUTES, arrival
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.charges import NO_CHARGE, Charge, Charges, Occasion
from balcao.freight.rules.index import Parcel, TableIndex
from balcao.freight.rules.model import Line, Terms
from balcao.freight.rules.network import Lane, Network, Place
from balcao.freight.rules.parcels import Load, Oversize, parcels_for
from balcao.freight.rules.price import Priced, price_parcels
from balcao.freight.rules.timetable import Handover

PICKUP_REFERENCE = "PICKUP"


class Route(NamedTuple):
    """What is offered alike from every store of a kind: centavos, day of arrival, business days until then, and how.

    lane: None where the buyer collects.
    """

    cents: int
    day: int
    days: int
    reference: str
    lane: Lane | None


Way: TypeAlias = tuple[Route, Sequence[Place]]
"""A route, and stores of a kind from which it is offered, by rank."""


Bid: TypeAlias = tuple[int, Lane | None, Priced | None, list[list[Place]]]
"""Centavos, and what one table asks for the goods: nothing where the buyer collects; and the stores, those of a kind
together. No named tuple: a quote makes dozens.
"""

_cents = itemgetter(0)
_nth = itemgetter(2)


class Desk:
    """Prices one quote. `cart_e4` is the value of the whole cart, which free shipping looks at."""

    def __init__(self, network: Network, terms: Terms, *, cep: int, channel: str, cart_e4: int) -> None:
        self.network = network
        self.terms = terms
        self.cep = cep
        self._occasion = Occasion(channel, cep, cart_e4, terms.now)
        self._timetable = network.timetable(terms.now)
        self._goes: dict[str, bool] = {}
        self._serves: dict[int, bool] = {}

    def counter(self, lines: Sequence[Line]) -> "Counter":
        """Where these goods are priced."""
        return Counter(self, lines)

    def reaches(self, place: Place) -> bool:
        """Whether anything at all gets from this store to the buyer."""
        seller = place.seller
        if seller.pickup_enabled:
            return True
        return seller.delivery_enabled and any(self._is_served(lane) for lane in place.lanes)

    def goes(self, carrier: Carrier) -> bool:
        """Whether the carrier is in use and its coverage holds the CEP."""
        if not carrier.cep_ranges:
            return carrier.is_active
        known = self._goes.get(carrier.reference)
        if known is None:
            known = self._goes[carrier.reference] = carrier.is_active and carrier.goes_to(self.cep)
        return known

    def charge(self, carrier: Carrier) -> Charge:
        """What the rules make of this carrier's price."""
        return self._charges.of(carrier.reference)

    def handover(self, place: Place) -> Handover:
        """The same for every store of the kind, whatever the goods."""
        return self._timetable.handover(place.calendar)

    def collected(self, place: Place) -> Route:
        """The buyer comes for it: the same for every store of the kind, whatever the goods."""
        ready = self._timetable.pickup(place.calendar)
        return Route(0, ready.day, ready.days, PICKUP_REFERENCE, None)

    @cached_property
    def _charges(self) -> Charges:
        return self.network.charges(self._occasion)

    def _is_served(self, lane: Lane) -> bool:
        known = self._serves.get(id(lane.tariff))
        if known is None:
            known = self._serves[id(lane.tariff)] = self.goes(lane.carrier) and lane.tariff.serves(self.cep)
        return known


class Counter:
    """Prices some goods from whichever store."""

    def __init__(self, desk: Desk, lines: Sequence[Line]) -> None:
        self.desk = desk
        self.load = Load(lines)
        self._parcels: dict[int, tuple[Parcel, ...] | Oversize] = {}
        self._priced: dict[TableIndex, Priced | None] = {}
        self._routes: dict[int, list[Route]] = {}

    def parcels(self, lane: Lane) -> tuple[Parcel, ...] | Oversize:
        """The goods as this carrier gets them."""
        known = self._parcels.get(lane.packing)
        if known is None:
            individually = self.desk.terms.package_individually
            known = self._parcels[lane.packing] = parcels_for(lane.carrier, self.load, individually=individually)
        return known

    def priced(self, lane: Lane) -> Priced | None:
        """What the table and the rules ask for the goods, None where they are not taken."""
        tariff = lane.tariff
        if tariff in self._priced:
            return self._priced[tariff]
        priced = self._priced[tariff] = self._price(lane)
        return priced

    def ways(self, places: Iterable[Place]) -> Iterator[Way]:
        """Every way to get the goods from any of these stores, by rank, to the buyer; best first, no two alike.

        Made as they are asked for: of some hundred ways few are shown, and what a store's calendar says of those that
        cost more is never asked.
        """
        for _, equal in groupby(sorted(self._bids(places), key=_cents), key=_cents):
            by_time: dict[tuple[int, int], list[Way]] = {}
            for _, lane, priced, stores in equal:
                for alike in stores:
                    route = self._route(lane, priced, alike[0])
                    by_time.setdefault((route.day, route.days), []).append((route, alike))
            for time in sorted(by_time):
                yield from _in_turn(by_time[time])

    def routes(self, place: Place) -> Sequence[Route]:
        """What is offered from this store, and from every one of its kind."""
        known = self._routes.get(place.kind)
        if known is None:
            bids = self._bids([place])
            known = self._routes[place.kind] = [self._route(lane, priced, place) for _, lane, priced, _ in bids]
        return known

    def _bids(self, places: Iterable[Place]) -> list[Bid]:
        """Each table is asked once, whoever sends by it."""
        kinds: dict[int, list[Place]] = {}
        for place in places:
            kinds.setdefault(place.kind, []).append(place)
        collecting: list[list[Place]] = []
        fleets: dict[int, list[list[Place]]] = {}
        for alike in kinds.values():
            seller = alike[0].seller
            if seller.pickup_enabled:
                collecting.append(alike)
            if seller.delivery_enabled and not self.load.pickup_only:
                fleets.setdefault(id(alike[0].lanes), []).append(alike)
        bids: dict[TableIndex, Bid] = {}
        for stores in fleets.values():
            for lane in stores[0][0].lanes:
                bid = bids.get(lane.tariff)
                if bid is not None:
                    bid[3].extend(stores)
                elif (priced := self.priced(lane)) is not None:
                    bids[lane.tariff] = priced[0], lane, priced, [*stores]
        return [(0, None, None, collecting), *bids.values()] if collecting else [*bids.values()]

    def _route(self, lane: Lane | None, priced: Priced | None, place: Place) -> Route:
        if lane is None or priced is None:
            return self.desk.collected(place)
        cents, days, cut_off_min = priced
        minute, on_time, late = self.desk.handover(place)
        sent = late if minute >= cut_off_min else on_time
        return Route(cents, arrival(sent.day, days), sent.days + days, lane.carrier.reference, lane)

    def _price(self, lane: Lane) -> Priced | None:
        """Where the carrier goes and takes the goods; with its own cut-off where the rows say nothing."""
        desk, carrier = self.desk, lane.carrier
        parcels = self.parcels(lane)
        if isinstance(parcels, Oversize) or not desk.goes(carrier):
            return None
        priced = price_parcels(lane.tariff, desk.cep, parcels)
        if priced is None:
            return None
        charge = desk.charge(carrier)
        if charge is NO_CHARGE and carrier.cut_off_min == MINUTES:
            return priced
        cents, days, cut_off_min = priced
        return charge.on(cents), days, carrier.cut_off_min if cut_off_min == MINUTES else cut_off_min


def _in_turn(ways: Sequence[Way]) -> Sequence[Way]:
    """What costs the same and is as fast: by the store's priority and CNPJ, then by reference."""
    if len(ways) == 1:
        return ways
    each = sorted((place.rank, route.reference, n, place) for n, (route, alike) in enumerate(ways) for place in alike)
    return [(ways[n][0], [place for *_, place in some]) for n, some in groupby(each, key=_nth)]
