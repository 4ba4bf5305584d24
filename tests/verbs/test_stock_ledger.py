"""The ledger: every change of a level has its line, and what stands before and after adds up."""

from typing import Any

from balcao.base.batch import Sent
from balcao.base.db import Database, Tx
from balcao.base.values import Micros, OrderId, new_id
from balcao.orders.cancel import CancelOrder, cancel_orders
from balcao.orders.ledger import read_ledger
from balcao.orders.rules.moving import CancelledBy
from balcao.stock.count import CountStock, count_stock
from balcao.stock.ledger import find_batch_lines, purge_ledger
from balcao.stock.rules.ledger import KEPT_DAYS, Cause, ShownLine
from balcao.stock.rules.model import StockCount
from balcao.tenants.rules import Role
from tests.verbs.shop import NOW, STORE, Shop, items, open_shop
from tests.verbs.test_invoice_order import send

DAY_US = 24 * 3600 * 1_000_000


async def lines(shop: Shop, sku: str = "1") -> list[ShownLine]:
    async with shop.db.transaction() as tx:
        return await read_ledger(tx, shop.tenant, (shop.stores[STORE], shop.skus[sku]), limit=100)


async def count(shop: Shop, quantity: int, sku: str = "1", **given: Any) -> None:
    rows = [Sent(1, StockCount(seller=STORE, sku=sku, quantity=quantity))]
    cmd = CountStock(tenant=shop.tenant, actor="erp.1", rows=rows, **given)

    async def work(tx: Tx) -> None:
        await count_stock(tx, cmd, NOW)

    await shop.db.run(work)


async def cancel(shop: Shop, order_id: OrderId) -> None:
    cmd = CancelOrder(caller=shop.caller(Role.ADMIN), order_id=order_id, by=CancelledBy.ADMIN, reason="x")
    await shop.one(cancel_orders, cmd)


def told(shown: list[ShownLine]) -> list[tuple[str, tuple[int, int], tuple[int, int]]]:
    """Oldest first: cause, and on hand and reserved before and after."""
    return [
        (each.line.cause.name, (each.before.on_hand, each.before.reserved), (each.after.on_hand, each.after.reserved))
        for each in shown[::-1]
    ]


async def test_the_whole_life_of_a_level(db: Database) -> None:
    shop = await open_shop(db)
    batch = new_id()
    await count(shop, 50, batch_id=batch)
    invoiced = await shop.paid(items=items(s1=3, s2=1))
    cancelled = await shop.placed(items=items(s1=2))
    await shop.placed(items=items(s1=4))
    await send(shop, invoiced)
    await cancel(shop, cancelled)
    await count(shop, 40)
    await cancel(shop, invoiced)
    shown = await lines(shop)
    assert told(shown) == [
        ("COUNTED", (100, 0), (50, 0)),
        ("RESERVED", (50, 0), (50, 3)),
        ("RESERVED", (50, 3), (50, 5)),
        ("RESERVED", (50, 5), (50, 9)),
        ("CONSUMED", (50, 9), (47, 6)),
        ("RELEASED", (47, 6), (47, 4)),
        ("COUNTED", (47, 4), (40, 4)),
        ("RELEASED", (40, 4), (43, 4)),
    ]
    assert await shop.level() == (43, 4)
    assert [each.line.subject_id for each in shown[::-1]][:3] == [batch, invoiced, cancelled]
    assert [each.line.actor for each in shown[::-1]][:2] == ["erp.1", shop.caller(Role.CHANNEL).client_id]
    instants = [each.line.at_us for each in shown]
    assert instants == sorted(set(instants), reverse=True)
    assert told(await lines(shop, "2")) == [
        ("RESERVED", (100, 0), (100, 1)),
        ("CONSUMED", (100, 1), (99, 0)),
        ("RELEASED", (99, 0), (100, 0)),
    ]


async def test_equal_counts_leave_no_line(db: Database) -> None:
    shop = await open_shop(db)
    await count(shop, 50)
    await count(shop, 50)
    assert [each.line.cause for each in await lines(shop)] == [Cause.COUNTED]


async def test_the_lines_of_a_batch(db: Database) -> None:
    shop = await open_shop(db)
    batch = new_id()
    await count(shop, 50, batch_id=batch)
    await count(shop, 51, batch_id=new_id())
    await count(shop, 52, "2", batch_id=batch)
    async with db.read() as tx:
        found = await find_batch_lines(
            tx, shop.tenant, batch, between=(NOW, Micros(NOW + 1)), after=Micros(0), limit=10
        )
        later = await find_batch_lines(
            tx, shop.tenant, batch, between=(NOW, Micros(NOW + 1)), after=found[0].at_us, limit=10
        )
    assert [(line.sku_id, line.on_hand, line.on_hand_change) for line in found] == [
        (shop.skus["1"], 50, -50),
        (shop.skus["2"], 52, -48),
    ]
    assert later == found[1:]


async def test_lines_are_forgotten_after_90_days(db: Database) -> None:
    shop = await open_shop(db)
    await count(shop, 50)
    at_us = (await lines(shop))[0].line.at_us
    end = Micros(at_us + KEPT_DAYS * DAY_US)
    assert await db.run(lambda tx: purge_ledger(tx, shop.tenant, now=end)) == 0
    assert await db.run(lambda tx: purge_ledger(tx, shop.tenant, now=Micros(end + 1))) == 1
    assert await lines(shop) == []


async def test_products_are_told_when_the_last_unit_goes_and_comes_back(db: Database) -> None:
    shop = await open_shop(db)
    await count(shop, 2)
    touched = [await touch(shop)]
    for quantity, crosses in ((1, False), (1, True)):
        last = await shop.placed(items=items(s1=quantity))
        touched.append(await touch(shop))
        assert (touched[-1] > touched[-2]) is crosses
    await cancel(shop, last)
    touched.append(await touch(shop))
    assert touched[-1] > touched[-2]
    await count(shop, 7)
    assert await touch(shop) == touched[-1]
    await count(shop, 0)
    assert await touch(shop) > touched[-1]


async def touch(shop: Shop) -> int:
    """The product's instant, which is never ahead of the clock."""
    async with shop.db.read() as tx:
        at_us: int = await tx.fetchval("SELECT last_update_us FROM product WHERE tenant = $1", shop.tenant)
        clock_us: int = await tx.fetchval("SELECT at_us FROM tenant_clock WHERE tenant = $1", shop.tenant)
    assert at_us <= clock_us
    return at_us
