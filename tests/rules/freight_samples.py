"""Small stores, tables and carts for the freight's rules."""

from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from balcao.base.values import Micros, SellerId, new_id, to_micros
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.cart import Stockroom, needs_of
from balcao.freight.rules.charges import FreightRule
from balcao.freight.rules.desk import Desk
from balcao.freight.rules.draw import draw_quote
from balcao.freight.rules.index import TableIndex
from balcao.freight.rules.model import EVERY_SELLER, Line, Quote, SkuFact, Terms, Unavailable, to_e4
from balcao.freight.rules.network import Network, Settings
from balcao.freight.rules.rates import RateRow, narrow, widen
from balcao.freight.rules.versions import Table
from balcao.sellers.rules import Seller, SellerBody

T = TypeVar("T")

WEDNESDAY = to_micros(datetime(2026, 7, 1, 15, tzinfo=UTC))
"""Noon in Brasília."""
EVERYWHERE = (0, 99_999_999)
CEP = 1_001_000


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


def line(sku: str, quantity: int = 1, weight_kg: str = "1", price: str = "10", **given: Any) -> Line:
    facts: dict[str, Any] = {"weight_mg": int(Decimal(weight_kg) * 1_000_000), "sides_um": (0, 0, 0)}
    return Line(sku, quantity, Decimal(price), **(facts | given))


def rate(
    weight_g: tuple[int, int], price: str = "10", days: int = 2, *, cep: tuple[int, int] = EVERYWHERE, **more: Any
) -> RateRow:
    return RateRow(
        cep_start=cep[0],
        cep_end=cep[1],
        weight_start_g=weight_g[0],
        weight_end_g=weight_g[1],
        price=Decimal(price),
        delivery_days=days,
        **more,
    )


def index(
    reference: str, rows: Sequence[RateRow], *, seller_id: SellerId = EVERY_SELLER, state: str = ""
) -> TableIndex:
    table = Table(
        table_id=new_id(),
        reference=reference,
        description=reference.title(),
        seller_id=seller_id,
        origin_state=state,
        row_count=len(rows),
        loaded_us=Micros(0),
        in_force_us=Micros(0),
    )
    return TableIndex(table, narrow(widen(rows)))


def tariff(number: int | None, reference: str, *brackets: tuple[int, int, str, int]) -> TableIndex:
    """The table `reference` of store `number` (None: every store) with (from g, to g, price, days)."""
    rows = [rate((low, high), price, days) for low, high, price, days in brackets]
    return index(reference, rows, seller_id=EVERY_SELLER if number is None else SellerId(UUID(int=number)))


def network(
    sellers: Sequence[Seller],
    tables: Sequence[TableIndex],
    *,
    carriers: Sequence[Carrier] = (),
    rules: Sequence[FreightRule] = (),
) -> Network:
    """Carriers that are not given have no limits."""
    known = {carrier.reference: carrier for carrier in carriers}
    for one in tables:
        reference = one.table.reference
        known.setdefault(reference, Carrier(reference=reference, description=reference.title()))
    settings = Settings(
        version=None,
        changed_us=Micros(0),
        carriers=tuple(known.values()),
        tables=tuple(one.table for one in tables),
        rules=tuple(rules),
    )
    return Network(settings, sellers, {one.table.table_id: one for one in tables}, sellers_us=Micros(0))


class Shelf(NamedTuple):
    """A store and what it has; None: the stock is not looked at."""

    seller: Seller
    held: Mapping[str, int] | None


class World(NamedTuple):
    """Everything that a quote depends on but the cart."""

    shelves: Sequence[Shelf]
    tables: Sequence[TableIndex]
    terms: Terms
    carriers: Sequence[Carrier] = ()
    rules: Sequence[FreightRule] = ()
    cep: int = CEP
    channel: str = "web"


def means(shelves: Sequence[Shelf], tables: Sequence[TableIndex], **terms: Any) -> World:
    return World(shelves, tables, Terms(**({"now": WEDNESDAY} | terms)))


def desk_of(lines: Sequence[Line], world: World) -> Desk:
    net = network([shelf.seller for shelf in world.shelves], world.tables, carriers=world.carriers, rules=world.rules)
    cart_e4 = sum(to_e4(one.price) * one.quantity for one in lines)
    return Desk(net, world.terms, cep=world.cep, channel=world.channel, cart_e4=cart_e4)


def room_of(lines: Sequence[Line], world: World, desk: Desk) -> Stockroom:
    needs = needs_of(lines)
    if any(shelf.held is None for shelf in world.shelves):
        return Stockroom(desk.network.places, needs)
    facts = {
        sku: SkuFact(
            is_sold=True,
            is_deleted=False,
            pickup_only=False,
            weight_mg=0,
            sides_um=(0, 0, 0),
            held={s.seller.seller_id.bytes: (s.held or {}).get(sku, 0) + s.seller.safety_stock for s in world.shelves},
        )
        for sku in needs
    }
    return Stockroom(desk.network.places, needs, facts)


def draw(lines: Sequence[Line], unknown: Sequence[Unavailable], world: World) -> Quote:
    """The quote of these lines."""
    desk = desk_of(lines, world)
    return finish(draw_quote(desk, sorted(lines), unknown, room_of(lines, world, desk)))


def finish(work: Generator[None, None, T]) -> T:
    """What it comes to, without a pause."""
    try:
        while True:
            next(work)
    except StopIteration as done:
        found: T = done.value
        return found


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
