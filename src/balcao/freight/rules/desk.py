"""The desk at which one quote is priced: every store's options for some goods, each table asked once."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from operator import attrgetter, itemgetter
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


Way: TypeAlias = tuple[Route, Place]
"""A route from one store. No named tuple: a quote makes a hundred."""


class Bid(NamedTuple):
    """What one table asks for the goods, or that nothing is asked where the buyer collects; and the stores, those of a
    kind together.
    """

    cents: int
    lane: Lane | None
    priced: Priced | None
    stores: list[list[Place]]


class Handed(NamedTuple):
    """Goods as a carrier gets them, what the rules make of its price, and its cut-off for rows that say nothing."""

    parcels: tuple[Parcel, ...]
    charge: Charge
    cut_off_min: int


_by_cents = attrgetter("cents")
_last = itemgetter(-1)


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
        self._parcels: dict[tuple[int | None, ...], tuple[Parcel, ...] | Oversize] = {}
        self._handed: dict[str, Handed | None] = {}
        self._priced: dict[TableIndex, Priced | None] = {}
        self._routes: dict[int, list[Route]] = {}

    def parcels(self, carrier: Carrier) -> tuple[Parcel, ...] | Oversize:
        """The goods as this carrier gets them."""
        known = self._parcels.get(carrier.packing)
        if known is None:
            individually = self.desk.terms.package_individually
            known = self._parcels[carrier.packing] = parcels_for(carrier, self.load, individually=individually)
        return known

    def priced(self, lane: Lane) -> Priced | None:
        """What the table and the rules ask for the goods, None where they are not taken."""
        tariff = lane.tariff
        if tariff in self._priced:
            return self._priced[tariff]
        reference = lane.carrier.reference
        if reference not in self._handed:
            self._handed[reference] = self._hand(lane.carrier)
        handed = self._handed[reference]
        priced = self._priced[tariff] = None if handed is None else self._price(tariff, handed)
        return priced

    def ways(self, places: Iterable[Place]) -> Iterator[Way]:
        """Every way to get the goods from any of these stores to the buyer, best first; no two are alike.

        Made as they are asked for: of some hundred ways few are shown, and what a store's calendar says of those that
        cost more is never asked.
        """
        for _, equal in groupby(sorted(self._bids(places), key=_by_cents), key=_by_cents):
            # What costs the same: fastest first, then by the store's priority and CNPJ, then by reference.
            by_time: dict[tuple[int, int], list[tuple[Route, list[Place]]]] = {}
            for bid in equal:
                for alike in bid.stores:
                    route = self._route(bid.lane, bid.priced, alike[0])
                    by_time.setdefault((route.day, route.days), []).append((route, alike))
            for time in sorted(by_time):
                ways = [
                    (place.rank, route.reference, (route, place)) for route, alike in by_time[time] for place in alike
                ]
                ways.sort()
                yield from map(_last, ways)

    def routes(self, place: Place) -> Sequence[Route]:
        """What is offered from this store, and from every one of its kind."""
        known = self._routes.get(place.kind)
        if known is None:
            bids = self._bids([place])
            known = self._routes[place.kind] = [self._route(bid.lane, bid.priced, place) for bid in bids]
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
                    bid.stores.extend(stores)
                elif (priced := self.priced(lane)) is not None:
                    bids[lane.tariff] = Bid(priced.cents, lane, priced, [*stores])
        return [*([Bid(0, None, None, collecting)] if collecting else ()), *bids.values()]

    def _route(self, lane: Lane | None, priced: Priced | None, place: Place) -> Route:
        if lane is None or priced is None:
            return self.desk.collected(place)
        minute, on_time, late = self.desk.handover(place)
        sent = late if minute >= priced.cut_off_min else on_time
        day = arrival(sent.day, priced.days)
        return Route(priced.cents, day, sent.days + priced.days, lane.carrier.reference, lane)

    def _price(self, tariff: TableIndex, handed: Handed) -> Priced | None:
        parcels, charge, cut_off = handed
        priced = price_parcels(tariff, self.desk.cep, parcels)
        if priced is None:
            return None
        cents, days, row_cut_off = priced
        is_said = row_cut_off != MINUTES or cut_off == MINUTES
        if is_said and charge is NO_CHARGE:
            return priced
        return Priced(charge.on(cents), days, row_cut_off if is_said else cut_off)

    def _hand(self, carrier: Carrier) -> Handed | None:
        """None where the carrier does not go, or does not take the goods."""
        parcels = self.parcels(carrier) if self.desk.goes(carrier) else None
        if parcels is None or isinstance(parcels, Oversize):
            return None
        return Handed(parcels, self.desk.charge(carrier), carrier.cut_off_min)
