"""Counting orders under way, as a board shows them."""

from balcao.base.db import Database
from balcao.base.paging import Count
from balcao.orders.count import count_open_orders, count_open_orders_by_store
from balcao.orders.rules.status import Status
from balcao.tenants.rules import Caller, Role
from tests.verbs.order_states import State, put_orders
from tests.verbs.shop import OTHER_STORE, STORE, Shop, open_shop


async def counted(shop: Shop, caller: Caller, seller_cnpj: str | None = None) -> dict[Status, int]:
    async with shop.db.read() as tx:
        found = await count_open_orders(tx, caller, seller_cnpj)
    assert not any(count.capped for count in found.values())
    return {status: count.rows for status, count in found.items()}


async def test_by_status_for_whoever_asks(db: Database) -> None:
    shop = await open_shop(db)
    states = [
        *[State(Status.PENDING, pays="unpaid")] * 2,
        State(Status.PENDING_CREATE),
        State(Status.INVOICE_CREATED, is_invoiced=True),
        State(Status.PENDING_CREATE, channel="ships"),
        State(Status.FINALIZED, is_invoiced=True),
        State(Status.CANCELED_BY_BUYER),
    ]
    ids = await put_orders(shop, states)  # and one more, pending, that they are copied from
    await open_shop(db, name="another")
    async with db.transaction() as tx:
        await tx.execute("UPDATE orders SET seller_id = $2 WHERE order_id = $1", ids[0], shop.stores[OTHER_STORE])
        await tx.execute("UPDATE orders SET invoice_key = 'K' WHERE order_id = $1", ids[3])
    everything = {Status.PENDING: 3, Status.PENDING_CREATE: 2, Status.INVOICE_CREATED: 1}
    for role in (Role.ADMIN, Role.OPERATOR, Role.ERP, Role.CHANNEL):
        assert await counted(shop, shop.caller(role)) == everything
    assert await counted(shop, shop.caller(), OTHER_STORE) == {Status.PENDING: 1}
    assert await counted(shop, shop.caller(seller_cnpj=OTHER_STORE)) == {Status.PENDING: 1}
    assert await counted(shop, shop.caller(seller_cnpj=OTHER_STORE), STORE) == {}
    assert await counted(shop, shop.caller(channel="ships")) == {Status.PENDING_CREATE: 1}
    assert await counted(shop, shop.caller(channel="ships"), OTHER_STORE) == {}
    assert await counted(shop, shop.caller(Role.CARRIER, carrier="SEDEX")) == {Status.INVOICE_CREATED: 1}
    assert await counted(shop, shop.caller(Role.CARRIER, carrier="PAC")) == {}
    assert await counted(shop, shop.caller(tenant="another")) == {}
    assert await counted(shop, shop.caller(), "11444777000161") == {}


async def test_by_store(db: Database) -> None:
    shop = await open_shop(db)
    ids = await put_orders(shop, [State(Status.PENDING, pays="unpaid")] * 2 + [State(Status.CANCELED_BY_BUYER)])
    async with db.transaction() as tx:
        await tx.execute("UPDATE orders SET seller_id = $2 WHERE order_id = $1", ids[0], shop.stores[OTHER_STORE])
    async with db.read() as tx:
        everywhere = await count_open_orders_by_store(tx, shop.caller())
        bound = await count_open_orders_by_store(tx, shop.caller(seller_cnpj=STORE))
        elsewhere = await count_open_orders_by_store(tx, shop.caller(channel="ships"))
    assert everywhere == {STORE: {Status.PENDING: Count(2, False)}, OTHER_STORE: {Status.PENDING: Count(1, False)}}
    assert bound == {STORE: {Status.PENDING: Count(2, False)}}
    assert elsewhere == {}
