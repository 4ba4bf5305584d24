"""The desk at which one quote is priced: every store's options for some goods, each table asked once."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, tzinfo
from functools import cached_property
from itertools import groupby, islice
from typing import NamedTuple

from balcao.freight.rules.calendar import MINUTES, Dispatch, Moment, arrival, local_moment
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.cart import BY_RANK
from balcao.freight.rules.charges import Charge, FreightRule, Occasion, charge_of, holding
from balcao.freight.rules.index import Parcel
from balcao.freight.rules.model import Line, Option, OptionType, Package, Terms, in_reais
from balcao.freight.rules.network import Lane, Network, Place
from balcao.freight.rules.parcels import Load, Oversize, parcels_for
from balcao.freight.rules.price import Priced, price_parcels

PICKUP_REFERENCE = "PICKUP"
PICKUP_DESCRIPTION = "Retirada na loja (store pickup)"


class Route(NamedTuple):
    """What is offered alike from every store of a kind: centavos, day of arrival, business days until then, and how.

    lane: None where the buyer collects.
    """

    cents: int
    day: int
    days: int
    reference: str
    lane: Lane | None


class Way(NamedTuple):
    """A route from one store."""

    route: Route
    place: Place


def _by_price(offer: tuple[Route, list[Place]]) -> tuple[object, ...]:
    """Cheapest, then fastest."""
    return offer[0][:3]


def _by_rank(way: Way) -> tuple[int, str]:
    """What is equal in that: by the store's priority and CNPJ, then by reference."""
    return way.place.rank, way.route.reference


class Desk:
    """Prices one quote. `cart_e4` is the value of the whole cart, which free shipping looks at."""

    def __init__(self, network: Network, terms: Terms, *, cep: int, channel: str, cart_e4: int) -> None:
        self.network = network
        self.terms = terms
        self.cep = cep
        self._occasion = Occasion(channel, cep, cart_e4, terms.now)
        self._moments: dict[tzinfo, Moment] = {}
        self._charges: dict[str, Charge] = {}
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
        known = self._charges.get(carrier.reference)
        if known is None:
            known = self._charges[carrier.reference] = charge_of(self._rules, carrier.reference)
        return known

    def moment(self, place: Place) -> Moment:
        """What the store's clock shows."""
        zone = place.calendar.zone
        known = self._moments.get(zone)
        if known is None:
            known = self._moments[zone] = local_moment(self.terms.now, zone)
        return known

    @cached_property
    def _rules(self) -> list[FreightRule]:
        return holding(self.network.rules, self._occasion)

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
        self._parcels: dict[str, tuple[Parcel, ...] | Oversize] = {}
        self._priced: dict[int, Priced | None] = {}
        self._routes: dict[int, list[Route]] = {}

    def parcels(self, carrier: Carrier) -> tuple[Parcel, ...] | Oversize:
        """The goods as this carrier gets them."""
        known = self._parcels.get(carrier.reference)
        if known is None:
            individually = self.desk.terms.package_individually
            known = self._parcels[carrier.reference] = parcels_for(carrier, self.load, individually=individually)
        return known

    def priced(self, lane: Lane) -> Priced | None:
        """What the table and the rules ask for the goods, None where they are not taken."""
        key = id(lane.tariff)
        if key in self._priced:
            return self._priced[key]
        priced = self._priced[key] = self._price(lane)
        return priced

    def ways(self, places: Iterable[Place]) -> Iterator[Way]:
        """Every way to get the goods from any of these stores to the buyer, best first; no two are alike."""
        kinds: dict[int, list[Place]] = {}
        for place in places:
            kinds.setdefault(place.kind, []).append(place)
        offers = [(route, alike) for alike in kinds.values() for route in self.routes(alike[0])]
        offers.sort(key=_by_price)
        for _, equal in groupby(offers, key=_by_price):
            ways = [Way(route, place) for route, alike in equal for place in alike]
            if len(ways) > 1:
                ways.sort(key=_by_rank)
            yield from ways

    def routes(self, place: Place) -> Sequence[Route]:
        """What is offered from this store, and from every one of its kind."""
        known = self._routes.get(place.kind)
        if known is None:
            known = self._routes[place.kind] = list(self._find_routes(place))
        return known

    def _find_routes(self, place: Place) -> Iterator[Route]:
        seller, now = place.seller, self.desk.moment(place)
        if seller.pickup_enabled:
            ready = place.calendar.pickup(now)
            yield Route(0, ready.day, ready.days, PICKUP_REFERENCE, None)
        if not seller.delivery_enabled or self.load.pickup_only:
            return
        on_time: Dispatch | None = None
        after_hours = place.calendar.is_late(now, MINUTES)
        for lane in place.lanes:
            priced = self.priced(lane)
            if priced is None:
                continue
            if after_hours or now.minute >= priced.cut_off_min:
                sent = place.calendar.dispatch(now.day, is_late=True)
            else:
                sent = on_time = on_time or place.calendar.dispatch(now.day, is_late=False)
            day = arrival(sent.day, priced.days)
            yield Route(priced.cents, day, sent.days + priced.days, lane.carrier.reference, lane)

    def _price(self, lane: Lane) -> Priced | None:
        carrier, desk = lane.carrier, self.desk
        if not desk.goes(carrier):
            return None
        parcels = self.parcels(carrier)
        if isinstance(parcels, Oversize):
            return None
        priced = price_parcels(lane.tariff, desk.cep, parcels)
        if priced is None:
            return None
        cut_off = carrier.cut_off_min if priced.cut_off_min == MINUTES else priced.cut_off_min
        return Priced(desk.charge(carrier).on(priced.cents), priced.days, cut_off)


def chosen(ways: Iterable[Way], terms: Terms, most: int) -> list[Way]:
    """The best ones, at most so many; with unique SLAs the best one of each service."""
    if not terms.unique_slas:
        return list(islice(ways, most))
    best: dict[tuple[str, str], Way] = {}
    for way in ways:
        best.setdefault((way.route.reference, describe(way.route)), way)
    return list(best.values())[:most]


def describe(route: Route) -> str:
    """What shoppers read."""
    return PICKUP_DESCRIPTION if route.lane is None else route.lane.carrier.description


def write_package(lines: Sequence[Line], ways: Iterable[Way], terms: Terms, most: int) -> Package:
    """The goods with the options that are shown, and the stores of those, by priority and CNPJ."""
    shown = chosen(ways, terms, most)
    places = sorted({place for _, place in shown}, key=BY_RANK)
    return Package(tuple(lines), tuple(place.seller for place in places), tuple(map(write_option, shown)))


def write_option(way: Way) -> Option:
    """A way as an option."""
    (cents, day, days, reference, lane), seller = way.route, way.place.seller
    handling = seller.handling_days if lane is not None or seller.pickup_lead_minutes is None else 0
    return Option(
        type=OptionType.PICKUP if lane is None else OptionType.DELIVERY,
        reference=reference,
        description=describe(way.route),
        amount=in_reais(cents),
        delivery_time=days,
        delivery_date=date.fromordinal(day),
        handling_time=handling,
        seller=seller,
        table_id=None if lane is None else lane.tariff.table.table_id,
    )
