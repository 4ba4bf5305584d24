"""What it costs to get a package from one store, and how long it takes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from balcao.base.values import SellerId
from balcao.freight.rules.cart import parcels_of
from balcao.freight.rules.model import (
    EVERY_SELLER,
    Bracket,
    Line,
    Option,
    OptionType,
    Package,
    Shelf,
    Tariff,
    Terms,
)
from balcao.freight.rules.where_when import delivery_date
from balcao.sellers.rules import Seller

PICKUP_REFERENCE = "PICKUP"
PICKUP_DESCRIPTION = "Retirada na loja (store pickup)"


class Tariffs:
    """The tables of one quote by store."""

    def __init__(self, tariffs: Iterable[Tariff]) -> None:
        self._own: dict[SellerId, dict[str, Tariff]] = defaultdict(dict)
        for tariff in tariffs:
            self._own[tariff.seller_id][tariff.reference] = tariff

    def of(self, seller: Seller) -> Iterable[Tariff]:
        """The store's own table beats the one for every store of the same carrier, even where it does not go there."""
        return {**self._own.get(EVERY_SELLER, {}), **self._own.get(seller.seller_id, {})}.values()

    def reach(self, seller: Seller) -> bool:
        """Whether anything at all gets from this store to the buyer."""
        return seller.pickup_enabled or (seller.delivery_enabled and any(one.brackets for one in self.of(seller)))


class Means(NamedTuple):
    """What a quote is drawn from: the stores' shelves, the carriers' tables and how it is asked for."""

    shelves: Sequence[Shelf]
    tariffs: Tariffs
    terms: Terms


def price_parcels(brackets: Sequence[Bracket], parcels: Sequence[tuple[int, int]]) -> tuple[Decimal, int] | None:
    """The sum of the parcels' prices and the slowest one's days, or None when one of them is not taken.

    Both ends of a bracket belong to it; where two share an end, the lower one holds there.
    """
    amount, days = Decimal(0), 0
    for weight_g, count in parcels:
        fitting = [one for one in brackets if one.weight_start_g <= weight_g <= one.weight_end_g]
        if not fitting:
            return None
        bracket = min(fitting)
        amount, days = amount + bracket.price * count, max(days, bracket.delivery_days)
    return amount, days


def pack(lines: Sequence[Line], shelves: Sequence[Shelf], means: Means) -> Package | None:
    """These lines as one package that any of these stores can send; None when no option gets it to the buyer.

    Options are the cheapest first, then the fastest, then by the store's priority and CNPJ, so that the same question
    always has the same answer.
    """
    parcels = parcels_of(lines, individually=means.terms.package_individually)
    options = [option for shelf in shelves for option in _options_of(shelf.seller, parcels, means)]
    if not options:
        return None
    able = {option.seller.seller_id for option in options}
    sellers = tuple(shelf.seller for shelf in shelves if shelf.seller.seller_id in able)
    options.sort(key=_rank)
    if means.terms.unique_slas:
        options = _best_of_each(options)
    return Package(tuple(lines), sellers, tuple(options))


def trim(package: Package, terms: Terms) -> Package:
    """The package with no more options than asked for."""
    return replace(package, options=package.options[: terms.results_max])


def _options_of(seller: Seller, parcels: Sequence[tuple[int, int]], means: Means) -> Iterator[Option]:
    if seller.pickup_enabled:
        yield _pickup(seller, means.terms)
    if seller.delivery_enabled:
        for tariff in means.tariffs.of(seller):
            priced = price_parcels(tariff.brackets, parcels)
            if priced is not None:
                yield _delivery(seller, tariff, priced, means.terms)


def _pickup(seller: Seller, terms: Terms) -> Option:
    return Option(
        type=OptionType.PICKUP,
        reference=PICKUP_REFERENCE,
        description=PICKUP_DESCRIPTION,
        amount=Decimal(0),
        delivery_time=seller.handling_days,
        delivery_date=delivery_date(terms.today, seller.handling_days, seller.holidays),
        handling_time=seller.handling_days,
        seller=seller,
    )


def _delivery(seller: Seller, tariff: Tariff, priced: tuple[Decimal, int], terms: Terms) -> Option:
    amount, days = priced
    return Option(
        type=OptionType.DELIVERY,
        reference=tariff.reference,
        description=tariff.description,
        amount=amount,
        delivery_time=days + seller.handling_days,
        delivery_date=delivery_date(terms.today, days + seller.handling_days, seller.holidays),
        handling_time=seller.handling_days,
        seller=seller,
    )


def _rank(option: Option) -> tuple[Decimal, int, int, str, str]:
    return option.amount, option.delivery_time, option.seller.priority, option.seller.cnpj, option.reference


def _best_of_each(options: Iterable[Option]) -> list[Option]:
    best: dict[tuple[str, str], Option] = {}
    for option in options:
        best.setdefault((option.reference, option.description), option)
    return list(best.values())
