"""The oldest and the newest orders of every status, as a board shows them; and what they cost."""

from balcao.base.db import Database
from balcao.base.values import OrderId
from balcao.orders.find import list_ends
from balcao.orders.rules.listing import OrderFilter
from balcao.orders.rules.status import Status
from balcao.tenants.rules import Caller, Role
from tests.verbs.order_states import State, put_orders
from tests.verbs.shop import OTHER_STORE, STORE, Shop, open_shop

BOTH = frozenset({Status.PENDING_CREATE, Status.SEPARATE})


async def aged(shop: Shop, states: list[State]) -> list[OrderId]:
    """Orders in these states, each created a second after the one before."""
    ids = await put_orders(shop, states)
    async with shop.db.transaction() as tx:
        await tx.execute(
            """
            UPDATE orders o SET create_us = 1000000 * k.n
              FROM unnest($2::uuid[]) WITH ORDINALITY AS k (order_id, n) WHERE o.tenant = $1 AND o.order_id = k.order_id
            """,
            *(shop.tenant, ids),
        )
    return ids


async def ends(shop: Shop, caller: Caller, oldest: int, newest: int) -> list[OrderId]:
    async with shop.db.read() as tx:
        found = await list_ends(tx, caller, OrderFilter(statuses=BOTH), oldest=oldest, newest=newest)
    return [line.order_id for line in found]


async def test_both_ends_of_each_status(db: Database) -> None:
    shop = await open_shop(db)
    states = [State(Status.PENDING_CREATE), State(Status.PENDING_CREATE, channel="ships"), State(Status.SEPARATE)] * 3
    ids = await aged(shop, [*states, State(Status.FINALIZED, is_invoiced=True)])
    await open_shop(db, name="another")
    paid, separate = [ids[n] for n in (0, 1, 3, 4, 6, 7)], [ids[n] for n in (2, 5, 8)]
    everybody = shop.caller()
    assert await ends(shop, everybody, 2, 1) == [ids[0], ids[1], ids[2], ids[5], ids[7], ids[8]]
    assert await ends(shop, everybody, 4, 4) == sorted([*paid, *separate], key=ids.index)
    assert await ends(shop, everybody, 1, 0) == [ids[0], ids[2]]
    assert await ends(shop, everybody, 0, 1) == [ids[7], ids[8]]
    assert await ends(shop, shop.caller(channel="ships"), 2, 1) == [ids[1], ids[4], ids[7]]
    assert await ends(shop, shop.caller(tenant="another"), 9, 9) == []


async def test_a_stores_own(db: Database) -> None:
    shop = await open_shop(db)
    ids = await aged(shop, [State(Status.PENDING_CREATE)] * 5)
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE orders SET seller_id = $2 WHERE order_id = ANY ($1::uuid[])", ids[:3], shop.stores[OTHER_STORE]
        )
        # The index of a store's orders is by their last change: what is oldest must not be taken from that.
        await tx.execute("UPDATE orders SET last_update_us = 9000000000000000 WHERE order_id = $1", ids[0])
    operator = shop.caller(Role.OPERATOR, seller_cnpj=OTHER_STORE)
    assert await ends(shop, operator, 1, 1) == [ids[0], ids[2]]
    assert await ends(shop, operator, 9, 9) == ids[:3]
    assert await ends(shop, shop.caller(Role.OPERATOR, seller_cnpj=STORE), 9, 9) == ids[3:]
