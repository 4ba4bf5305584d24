"""The ways that are shown, written out as a package's options."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice

from balcao.freight.rules.cart import BY_RANK
from balcao.freight.rules.desk import Route, Way
from balcao.freight.rules.model import Line, Option, OptionType, Package, Service, Terms, in_reais
from balcao.sellers.rules import Seller

PICKUP_DESCRIPTION = "Retirada na loja (store pickup)"


def chosen(ways: Iterable[Way], terms: Terms, most: int) -> list[Way]:
    """The best ones, at most so many; with unique SLAs the best one of each service."""
    if not terms.unique_slas:
        return list(islice(ways, most))
    best: dict[tuple[str, str], Way] = {}
    for way in ways:
        best.setdefault((way[0].reference, describe(way[0])), way)
    return list(best.values())[:most]


def describe(route: Route) -> str:
    """What shoppers read."""
    return PICKUP_DESCRIPTION if route.lane is None else route.lane.carrier.description


def write_package(lines: Sequence[Line], ways: Iterable[Way], terms: Terms, most: int) -> Package:
    """The goods with the options that are shown, and the stores of those, by priority and CNPJ."""
    shown = chosen(ways, terms, most)
    places = sorted({place for _, place in shown}, key=BY_RANK)
    services: dict[int, Service] = {}
    options = []
    for route, place in shown:
        service = services.get(id(route))
        if service is None:
            service = services[id(route)] = write_service(route, place.seller)
        options.append(Option(service, place.seller))
    return Package(tuple(lines), tuple(place.seller for place in places), tuple(options))


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
