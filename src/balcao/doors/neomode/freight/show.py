"""From a quote to its body."""

from datetime import date, datetime, time
from uuid import UUID

from balcao.base.values import iso
from balcao.doors.neomode.address import show_address
from balcao.doors.neomode.freight import body as wire
from balcao.freight.rules.model import Combination, Option, OptionType, Package, Quote
from balcao.freight.rules.where_when import BRASILIA, Point, distance_km
from balcao.sellers.rules import Seller

_NOON = time(12)


def show_quote(quote_id: UUID, quote: Quote, here: Point) -> wire.SimulationShown:
    """The answer; `here` is the destination, for the stores' distances."""
    return wire.SimulationShown(
        id=quote_id,
        packages=[_package(package, here) for package in quote.packages],
        unavailables=[
            wire.UnavailableShown(sku=one.sku, quantity=one.quantity, available=one.available, reason=one.reason)
            for one in quote.unavailables
        ],
        combinations=[_combination(one, here) for one in quote.combinations],
    )


def _combination(combination: Combination, here: Point) -> wire.CombinationShown:
    return wire.CombinationShown(
        packages=[_package(package, here) for package in combination.packages],
        total_amount=combination.total_amount,
        delivery_time=combination.delivery_time,
        delivery_date=_noon(combination.delivery_date),
    )


def _package(package: Package, here: Point) -> wire.PackageShown:
    return wire.PackageShown(
        items=[wire.PackedItem(sku=one.sku, quantity=one.quantity, price=one.price) for one in package.lines],
        sellers=[_sender(seller, here) for seller in package.sellers],
        freights=[_freight(option) for option in package.options],
    )


def _sender(seller: Seller, here: Point) -> wire.SenderShown:
    return wire.SenderShown(
        seller_id=seller.seller_id,
        cnpj=seller.cnpj,
        point_sale_id=seller.point_sale_id,
        name=seller.name,
        address=show_address(seller.address),
        distance=distance_km((seller.latitude, seller.longitude), here),
    )


def _freight(option: Option) -> wire.FreightShown:
    return wire.FreightShown(
        calculation_key=option.calculation_key,
        type=option.type,
        reference=option.reference,
        description=option.description,
        amount=option.amount,
        delivery_time=option.delivery_time,
        delivery_date=_noon(option.delivery_date),
        handling_time=option.handling_time,
        seller_cnpj=option.seller.cnpj,
        carrier=option.reference if option.type is OptionType.DELIVERY else None,
        sla=option.description,
    )


def _noon(day: date) -> str:
    """An instant that falls on that day in every Brazilian zone, and in UTC."""
    return iso(datetime.combine(day, _NOON, BRASILIA))
