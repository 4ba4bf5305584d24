"""The ways that are shown, written out as a package's options."""

from collections.abc import Iterable, Sequence
from datetime import date

from balcao.freight.rules.cart import BY_RANK
from balcao.freight.rules.desk import Route, Way
from balcao.freight.rules.model import Line, Offering, OptionType, Package, Service, Terms, in_reais
from balcao.freight.rules.network import Place
from balcao.sellers.rules import Seller

PICKUP_DESCRIPTION = "Retirada na loja (store pickup)"


def chosen(ways: Iterable[Way], terms: Terms, most: int) -> list[Way]:
    """The best ones, at most so many, counting each store; with unique SLAs the best one of each service."""
    if terms.unique_slas:
        best: dict[tuple[str, str], Way] = {}
        for route, places in ways:
            best.setdefault((route.reference, describe(route)), (route, places[:1]))
        return list(best.values())[:most]
    shown: list[Way] = []
    for route, places in ways:
        if len(places) >= most:
            shown.append((route, places[:most]))
            break
        shown.append((route, places))
        most -= len(places)
    return shown


def describe(route: Route) -> str:
    """What shoppers read."""
    return PICKUP_DESCRIPTION if route.lane is None else route.lane.carrier.description


def write_package(lines: Sequence[Line], ways: Iterable[Way], terms: Terms, most: int) -> Package:
    """The goods with the options that are shown, and the stores of those, by priority and CNPJ."""
    senders: set[Place] = set()
    services: dict[int, Service] = {}
    offerings = []
    for route, places in chosen(ways, terms, most):
        senders.update(places)
        service = services.get(id(route))
        if service is None:
            service = services[id(route)] = write_service(route, places[0].seller)
        offerings.append(Offering(service, tuple([place.seller for place in places])))
    sellers = tuple([place.seller for place in sorted(senders, key=BY_RANK)])
    return Package(tuple(lines), sellers, tuple(offerings))


def write_service(route: Route, seller: Seller) -> Service:
    """What is offered alike from this store and from every one of its kind."""
    cents, day, days, reference, lane = route
    return Service(
        type=OptionType.PICKUP if lane is None else OptionType.DELIVERY,
        reference=reference,
        description=describe(route),
        amount=in_reais(cents),
        delivery_time=days,
        delivery_date=date.fromordinal(day),
        handling_time=seller.handling_days if lane is not None or seller.pickup_lead_minutes is None else 0,
        table_id=None if lane is None else lane.tariff.table.table_id,
    )
