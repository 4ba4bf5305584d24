"""A small shop on the test's database: two stores, a few SKUs, a hundred of each."""

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, TypeVar

from balcao.base.db import Database, Tx
from balcao.base.errors import Conflict, Invalid
from balcao.base.values import Micros, OrderId, SellerId, SkuId, Tenant, new_id
from balcao.orders.change import Outcome
from balcao.orders.pay import PayOrder, pay_orders
from balcao.orders.place import PlaceOrder, place_at_once, place_orders
from balcao.orders.rules.model import History, Order
from balcao.orders.rules.new_order import NewItem, NewOrder
from balcao.orders.rules.paying import PaymentNews
from balcao.orders.rules.receipt import Receipt
from balcao.orders.rules.status import Status
from balcao.orders.store import load
from balcao.tenants.channels import set_channel
from balcao.tenants.rules import Caller, Channel, Role
from balcao.tenants.tenants import CreateTenant, create_tenant
from tests.rules import order_samples as samples

NOW = Micros(1_790_000_000_000_000)
STORE, OTHER_STORE, CLOSED_STORE = samples.CNPJ, "11222333000181", "12ABC34501DE35"
SKUS = ("1", "2", "3", "4")
COUNTED = 100

Dump = dict[str, list[str]]
Cmd = TypeVar("Cmd")
Out = TypeVar("Out")
Verb = Callable[[Tx, Tenant, Sequence[Cmd], Micros], Awaitable[list[Out]]]
_numbers = count(1)


class Shop:
    """The shop's database, what it sells where, and short ways to its verbs.

    at_once: whether orders are placed as a server does it, by one statement where that is possible.
    """

    at_once = True

    def __init__(self, db: Database, tenant: Tenant) -> None:
        self.db, self.tenant, self.now = db, tenant, NOW
        self.stores: dict[str, SellerId] = {}
        self.skus: dict[str, SkuId] = {}
        self.counted: dict[tuple[SellerId, SkuId], int] = {}

    def caller(self, role: Role = Role.ADMIN, **bound: Any) -> Caller:
        """A credential of this shop, an administrator's unless told."""
        return samples.caller(role, **({"tenant": self.tenant} | bound))

    def new(self, **over: Any) -> NewOrder:
        """The documented example, under an external id of its own."""
        return samples.new_order(**({"external_id": f"NEOMODE-{next(_numbers)}"} | over))

    async def all(self, verb: Verb[Cmd, Out], *cmds: Cmd) -> list[Out]:
        """What became of each command, after one transaction."""
        return await self.db.run(lambda tx: verb(tx, self.tenant, cmds, self.now))

    async def one(self, verb: Verb[Cmd, Out], cmd: Cmd) -> Out:
        """What became of the command, after a transaction of its own."""
        return (await self.all(verb, cmd))[0]

    async def place(self, *news: NewOrder, **bound: Any) -> list[Any]:
        """Send these orders in one batch."""
        caller = self.caller(Role.CHANNEL, **bound)
        cmds = [PlaceOrder(caller=caller, new=new) for new in news]
        if self.at_once:
            receipts = await self.db.at_once(lambda tx: place_at_once(tx, self.tenant, cmds, self.now))
            if receipts is not None:
                return receipts
        return await self.all(place_orders, *cmds)

    async def placed(self, **over: Any) -> OrderId:
        """A new order's id; raises what refused it."""
        (receipt,) = await self.place(self.new(**over))
        if not isinstance(receipt, Receipt):
            raise receipt
        return receipt.order_id

    async def pay(self, order_id: OrderId, *told: PaymentNews) -> Outcome:
        """Approve the order's payment, or what is told of its payments."""
        cmd = PayOrder(caller=self.caller(Role.CHANNEL), order_id=order_id, payments=told or (PaymentNews(),))
        return await self.one(pay_orders, cmd)

    async def paid(self, **over: Any) -> OrderId:
        """A new, paid order's id."""
        order_id = await self.placed(**over)
        paid = await self.pay(order_id, PaymentNews(amount=(await self.order(order_id)).total_amount))
        assert isinstance(paid, Order)
        assert paid.status is Status.PENDING_CREATE
        return order_id

    async def whole(self, order_id: OrderId) -> tuple[Order, History]:
        """The order with its history, read afresh."""
        async with self.db.read() as tx:
            whole = (await load.load_whole(tx, self.tenant, [order_id]))[order_id]
        return whole.order, whole.history

    async def order(self, order_id: OrderId) -> Order:
        """The order, read afresh."""
        return (await self.whole(order_id))[0]

    async def logs(self, order_id: OrderId, kind: str) -> list[str]:
        """The internal messages of the order's action log lines of that kind."""
        return [line.internal_message for line in (await self.whole(order_id))[1].logs if line.type == kind]

    async def channel(self, name: str = "ecommerce", **settings: Any) -> None:
        """Create a channel or set it anew."""
        channel = Channel(name=name, **settings)
        await self.db.run(lambda tx: set_channel(tx, self.tenant, channel, actor="test", now=self.now))

    async def level(self, sku: str = "1", store: str = STORE) -> tuple[int, int] | None:
        """What the store has of the SKU, and how much of it is reserved."""
        key = (self.tenant, self.stores[store], self.skus[sku])
        text = "SELECT on_hand, reserved FROM stock WHERE tenant = $1 AND seller_id = $2 AND sku_id = $3"
        async with self.db.read() as tx:
            row = await tx.fetchrow(text, *key)
        return tuple(row) if row else None

    async def count(self, sku: str, on_hand: int, store: str = STORE) -> None:
        """Set what the store has of the SKU."""
        key = (self.tenant, self.stores[store], self.skus[sku])
        text = "UPDATE stock SET on_hand = $4 WHERE tenant = $1 AND seller_id = $2 AND sku_id = $3"
        async with self.db.transaction() as tx:
            await tx.execute(text, *key, on_hand)
        self.counted[self.stores[store], self.skus[sku]] = on_hand

    async def events(self, kind: str = "order.%") -> list[dict[str, Any]]:
        """The events of these kinds, oldest first."""
        text = "SELECT * FROM event WHERE tenant = $1 AND type LIKE $2 ORDER BY seq"
        async with self.db.read() as tx:
            return [dict(row) for row in await tx.fetch(text, self.tenant, kind)]


async def open_shop(db: Database, *, name: str = "qaapp", **settings: Any) -> Shop:
    """A shop with the channel `ecommerce` set like this."""
    shop = Shop(db, Tenant(name))
    await db.run(lambda tx: create_tenant(tx, CreateTenant(name=name, actor="test"), NOW))
    await shop.channel(**settings)
    await db.run(partial(_fill, shop=shop))
    return shop


async def _fill(tx: Tx, *, shop: Shop) -> None:
    stores = [(STORE, "PDV-1", True), (OTHER_STORE, "PDV-2", True), (CLOSED_STORE, "PDV-3", False)]
    for row, (cnpj, point, active) in enumerate(stores, 1):
        shop.stores[cnpj] = SellerId(new_id())
        await tx.execute(
            """
            INSERT INTO seller (tenant, seller_id, cnpj, point_sale_id, name, is_active, pickup_enabled,
                delivery_enabled, handling_days, safety_stock, priority, body, created_us, last_update_us)
            VALUES ($1, $2, $3, $4, $3, $5, true, true, 0, 0, 0, '{}', 1, $6)
            """,
            *(shop.tenant, shop.stores[cnpj], cnpj, point, active, row),
        )
    product = new_id()
    await tx.execute(
        """
        INSERT INTO product (tenant, product_id, code, name, is_active, body, created_us, last_update_us)
        VALUES ($1, $2, '1', 'Camiseta', true, '{}', 1, 10)
        """,
        *(shop.tenant, product),
    )
    for row, code in enumerate((*SKUS, "INACTIVE", "DELETED", "UNCOUNTED"), 11):
        shop.skus[code] = SkuId(new_id())
        await tx.execute(
            """
            INSERT INTO sku (tenant, sku_id, product_id, code, name, is_active, is_deleted, body, created_us,
                last_update_us)
            VALUES ($1, $2, $3, $4, 'Camiseta ' || $4, $5, $6, '{}', 1, $7)
            """,
            *(shop.tenant, shop.skus[code], product, code, code != "INACTIVE", code == "DELETED", row),
        )
    await tx.execute(
        """
        INSERT INTO stock (tenant, seller_id, sku_id, on_hand, reserved, last_update_us)
        SELECT $1, seller_id, sku_id, $4, 0, 100 + row_number() OVER ()
          FROM unnest($2::uuid[]) AS s (seller_id), unnest($3::uuid[]) AS k (sku_id)
        """,
        *(shop.tenant, [shop.stores[STORE], shop.stores[OTHER_STORE]], [shop.skus[code] for code in SKUS], COUNTED),
    )
    shop.counted = {(shop.stores[store], shop.skus[sku]): COUNTED for store in (STORE, OTHER_STORE) for sku in SKUS}


def items(**quantities: int) -> tuple[NewItem, ...]:
    """Lines at 10 BRL without discount: `items(s1=2, s2=1)` are two of SKU 1 and one of SKU 2."""
    return tuple(
        samples.new_item(
            sku_code=name.lstrip("s"), quantity=quantity, unit_price=Decimal(10), discount_price=Decimal(0)
        )
        for name, quantity in quantities.items()
    )


def receipt(outcome: object) -> Receipt:
    """The outcome of an order that was placed or replayed."""
    assert isinstance(outcome, Receipt), outcome
    return outcome


def refused(outcome: object, code: str = "refused_transition") -> Conflict:
    """The outcome of what the state of things refuses, for this reason."""
    assert isinstance(outcome, Conflict), outcome
    assert outcome.code == code
    return outcome


def invalid(outcome: object) -> dict[str, list[str]]:
    """What is wrong, by field, in a request that never helps."""
    assert isinstance(outcome, Invalid), outcome
    return outcome.errors


async def dump(db: Database, *, but: Sequence[str] = ()) -> Dump:
    """Every row of every table that has tenants, as text; except these tables'."""
    async with db.read() as tx:
        tables = await tx.fetch(
            """
            SELECT table_name FROM information_schema.columns
             WHERE table_schema = 'public' AND column_name = 'tenant' AND table_name <> ALL($1::text[])
             ORDER BY table_name
            """,
            but,
        )
        return {
            table: [row["row"] for row in await tx.fetch(f'SELECT t::text AS row FROM "{table}" t ORDER BY 1')]  # noqa: S608
            for (table,) in tables
        }


async def logged(db: Database) -> list[tuple[OrderId, str, str]]:
    """Every action log line: its order, kind and issuer."""
    async with db.read() as tx:
        return [
            (OrderId(row["order_id"]), row["type"], row["issuer"])
            for row in await tx.fetch("SELECT order_id, type, issuer FROM order_log ORDER BY created_us, log_id")
        ]
