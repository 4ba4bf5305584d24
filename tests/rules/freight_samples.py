"""Small stores, tables and carts for the freight's rules."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from balcao.base.values import SellerId
from balcao.freight.rules.model import EVERY_SELLER, Bracket, Line, Quote, Shelf, Tariff, Terms
from balcao.freight.rules.options import Means, Tariffs
from balcao.sellers.rules import Seller, SellerBody

WEDNESDAY = date(2026, 7, 1)


def seller(number: int, *, holidays: tuple[date, ...] = (), **given: Any) -> Seller:
    """Store `number`; delivers, and lets nobody collect unless said otherwise."""
    facts: dict[str, Any] = {
        "seller_id": SellerId(UUID(int=number)),
        "cnpj": f"{number:014d}",
        "point_sale_id": None,
        "name": f"Loja {number}",
        "pickup_enabled": False,
        "body": SellerBody(holidays=holidays),
    }
    return Seller(**(facts | given))


def line(sku: str, quantity: int = 1, weight_kg: str = "1", price: str = "10") -> Line:
    return Line(sku, quantity, Decimal(price), Decimal(weight_kg))


def tariff(number: int | None, reference: str, *brackets: tuple[int, int, str, int]) -> Tariff:
    """The table `reference` of store `number` (None: every store) with (from g, to g, price, days)."""
    return Tariff(
        reference=reference,
        description=reference.title(),
        seller_id=EVERY_SELLER if number is None else SellerId(UUID(int=number)),
        brackets=tuple(Bracket(low, high, Decimal(price), days) for low, high, price, days in brackets),
    )


def means(shelves: list[Shelf], tariffs: list[Tariff], **terms: Any) -> Means:
    return Means(shelves, Tariffs(tariffs), Terms(**({"today": WEDNESDAY} | terms)))


def offered(quote: Quote) -> list[list[tuple[str, str, str, int]]]:
    """Each package's options as (store's number, reference, amount, days)."""
    return [
        [
            (option.seller.cnpj.lstrip("0"), option.reference, str(option.amount), option.delivery_time)
            for option in package.options
        ]
        for package in quote.packages
    ]


def missed(quote: Quote) -> list[tuple[str, int, int, str]]:
    return [(one.sku, one.quantity, one.available, one.reason.value) for one in quote.unavailables]
