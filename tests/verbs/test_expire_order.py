"""Expiring unpaid orders: what goes, what stays, in every tenant."""

from decimal import Decimal

from balcao.base.db import Database
from balcao.base.values import Micros, OrderId
from balcao.orders.expire import BATCH, expire_due_orders, expire_orders
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.rules.model import PaymentStatus, PaymentType
from balcao.orders.rules.new_order import NewPayment
from balcao.orders.rules.paying import PaymentNews
from balcao.orders.rules.receipt import Receipt
from balcao.orders.rules.status import Status
from tests.verbs.invariants import check
from tests.verbs.shop import NOW, Shop, dump, items, open_shop

HOUR_US = 3_600_000_000
DUE = Micros(NOW + HOUR_US)
CASH = NewPayment(type=PaymentType.CASH_ON_PICKUP, amount=Decimal(11))


async def shop_of_an_hour(db: Database, name: str = "qaapp") -> Shop:
    """A shop whose unpaid orders expire after an hour."""
    return await open_shop(db, name=name, payment_expiry_s=3600)


async def status(shop: Shop, order_id: OrderId) -> Status:
    return (await shop.order(order_id)).status


async def test_an_unpaid_order_goes_when_its_time_is_up(db: Database) -> None:
    shop = await shop_of_an_hour(db)
    order_id = await shop.placed(items=items(s1=2, s2=1))
    before = await dump(db)
    assert await expire_due_orders(db, Micros(DUE - 1)) == 0
    assert await dump(db) == before
    assert await expire_due_orders(db, DUE) == 1
    order, history = await shop.whole(order_id)
    assert (order.status, order.expires_us) == (Status.CANCELED_BY_PROCESSOR, None)
    assert [step.status for step in history.steps] == [Status.PENDING, Status.CANCELED_BY_PROCESSOR]
    assert (history.logs[-1].internal_message, history.logs[-1].issuer) == (
        "CanceledByProcessor (21): not paid in time",
        "admin:expiry",
    )
    assert (await shop.level(), await shop.level("2")) == ((100, 0), (100, 0))
    (event,) = await shop.events("order.expired")
    assert (event["subject"], event["actor"], event["at_us"]) == (str(order_id), "expiry", order.last_update_us)
    assert event["data"] == {
        "orderId": str(order_id),
        "externalId": order.external_id,
        "statusBefore": "Pending",
        "status": "CanceledByProcessor",
        "reason": "not paid in time",
    }
    await check(shop)
    assert await expire_due_orders(db, DUE) == 0


async def test_what_was_paid_meanwhile_or_is_paid_on_pickup_stays(db: Database) -> None:
    shop = await shop_of_an_hour(db)
    approved = NewPayment(type=PaymentType.PIX, amount=Decimal(11), status=PaymentStatus.CAPTURED)
    stay = {
        await shop.paid(): Status.PENDING_CREATE,
        await shop.placed(is_delivery=False, payments=(CASH,)): Status.PENDING,
        await shop.placed(payments=(approved,)): Status.PENDING,
    }
    to_cash = await shop.placed(is_delivery=False)
    await shop.pay(to_cash, PaymentNews(type=PaymentType.CASH_ON_PICKUP, status=PaymentStatus.PENDING))
    stay[to_cash] = Status.PENDING
    before = await dump(db)
    assert await expire_due_orders(db, Micros(NOW + 1000 * HOUR_US)) == 0
    assert await dump(db) == before
    assert {order_id: await status(shop, order_id) for order_id in stay} == stay


async def test_an_order_that_a_request_holds_goes_once_it_is_pending_again(db: Database) -> None:
    shop = await shop_of_an_hour(db)
    order_id = await shop.placed()
    await shop.one(move_orders, MoveOrder(caller=shop.caller(), order_id=order_id, to=Status.PENDING_UPDATE))
    assert await expire_due_orders(db, DUE) == 0
    await shop.one(move_orders, MoveOrder(caller=shop.caller(), order_id=order_id, to=Status.UPDATED))
    assert await expire_due_orders(db, DUE) == 1
    await check(shop)


async def test_the_verb_leaves_alone_what_is_not_due(db: Database) -> None:
    """The job's list may be old by the time the orders are locked."""
    shop = await shop_of_an_hour(db)
    due, paid = await shop.placed(), await shop.paid()
    shop.now = DUE
    fresh = await shop.placed()
    outcomes = await db.run(lambda tx: expire_orders(tx, shop.tenant, [due, paid, fresh], DUE))
    assert outcomes[1:] == [await shop.order(paid), await shop.order(fresh)]
    assert [await status(shop, order_id) for order_id in (due, paid, fresh)] == [21, 2, 1]
    await check(shop)


async def test_each_tenant_keeps_its_own_time(db: Database) -> None:
    shop, slow, idle = await shop_of_an_hour(db), await open_shop(db, name="slow"), await open_shop(db, name="idle")
    quick = [await shop.placed() for _ in range(3)]
    late = await slow.placed()
    assert await expire_due_orders(db, DUE) == 3
    assert [await status(shop, order_id) for order_id in quick] == 3 * [21]
    assert await status(slow, late) == Status.PENDING
    for each in (shop, slow, idle):
        await check(each)


async def test_more_than_a_batch_at_once(db: Database) -> None:
    shop = await shop_of_an_hour(db)
    await shop.count("1", 2 * BATCH)
    placed = await shop.place(*(shop.new() for _ in range(BATCH + 1)))
    assert all(isinstance(outcome, Receipt) for outcome in placed)
    assert await shop.level() == (2 * BATCH, BATCH + 1)
    assert await expire_due_orders(db, DUE) == BATCH + 1
    assert await shop.level() == (2 * BATCH, 0)
    assert len(await shop.events("order.expired")) == BATCH + 1
    await check(shop)


async def test_orders_that_stay_do_not_keep_the_job_busy_for_ever(db: Database) -> None:
    """A full batch of which nothing goes ends the round: orders paid in the store that kept an expiry of old."""
    shop = await shop_of_an_hour(db)
    await shop.count("1", BATCH)
    await shop.place(*(shop.new(is_delivery=False, payments=(CASH,)) for _ in range(BATCH)))
    async with db.transaction() as tx:
        await tx.execute("UPDATE orders SET expires_us = $2 WHERE tenant = $1", shop.tenant, DUE)
    assert await expire_due_orders(db, DUE) == 0


async def test_what_somebody_is_changing_is_left_for_the_next_time(db: Database) -> None:
    shop = await shop_of_an_hour(db)
    held, free = await shop.placed(), await shop.placed()
    async with db.transaction() as tx:
        await tx.execute("SELECT 1 FROM orders WHERE tenant = $1 AND order_id = $2 FOR UPDATE", shop.tenant, held)
        assert await expire_due_orders(db, DUE) == 1
    assert (await status(shop, held), await status(shop, free)) == (1, 21)
    assert await expire_due_orders(db, DUE) == 1
    await check(shop)
