"""Taking trackings: the order ships, later news completes it."""

import pytest

from balcao.base.db import Database
from balcao.base.values import OrderId
from balcao.orders.change import Outcome
from balcao.orders.rules.model import Order, Tracking
from balcao.orders.rules.status import Status
from balcao.orders.track import TrackOrder, track_orders
from balcao.tenants.rules import Role
from tests.verbs.invariants import check
from tests.verbs.order_states import State, put_orders
from tests.verbs.shop import Shop, dump, open_shop, refused

PARCEL = Tracking(carrier_name="Correios", code="BR1", link="https://example.com/BR1", delivery_date="2026-08-12")


async def track(shop: Shop, order_id: OrderId, tracking: Tracking = PARCEL) -> Outcome:
    cmd = TrackOrder(caller=shop.caller(Role.ERP), order_id=order_id, tracking=tracking)
    return await shop.one(track_orders, cmd)


async def test_a_tracking_ships_the_order(db: Database) -> None:
    shop = await open_shop(db)
    (order_id,) = await put_orders(shop, [State(status=Status.INVOICE_CREATED, is_invoiced=True)])
    level = await shop.level()
    await track(shop, order_id)
    order, history = await shop.whole(order_id)
    assert (order.status, order.body.tracking) == (Status.IN_DELIVERY, PARCEL)
    assert [step.status for step in history.steps] == [Status.INVOICE_CREATED, Status.IN_DELIVERY]
    assert [line.type for line in history.logs] == ["Status", "Tracking"]
    (event,) = await shop.events("order.tracked")
    assert (event["at_us"], event["data"]["trackingCode"]) == (order.last_update_us, "BR1")
    assert await shop.level() == level
    async with db.read() as tx:
        assert await tx.fetchval("SELECT tracking_code FROM orders WHERE order_id = $1", order_id) == "BR1"
    before = await dump(db)
    assert isinstance(await track(shop, order_id), Order)
    assert await dump(db) == before


async def test_later_news_keeps_what_it_does_not_say(db: Database) -> None:
    shop = await open_shop(db)
    (order_id,) = await put_orders(shop, [State(status=Status.SEPARATE, is_invoiced=True)])
    await track(shop, order_id, Tracking())
    await track(shop, order_id, Tracking(carrier_name="Correios", delivery_date="2026-08-12"))
    await track(shop, order_id, Tracking(code="BR1", link="https://example.com/BR1"))
    order, history = await shop.whole(order_id)
    assert (order.status, order.body.tracking) == (Status.IN_DELIVERY, PARCEL)
    assert [step.status for step in history.steps].count(Status.IN_DELIVERY) == 1
    assert len(await shop.events("order.tracked")) == 3


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State(status=Status.PENDING, pays="unpaid"), "the order is not paid"),
        (State(status=Status.PROCESSING), "the order has no invoice"),
        (State(status=Status.SEPARATE, is_invoiced=True, is_delivery=False), "the order is collected in the store"),
        (State(status=Status.READY_FOR_PICKUP, is_delivery=False), "InDelivery does not follow ReadyForPickup"),
        (
            State(status=Status.PENDING_CANCEL, is_invoiced=True, resume=Status.SEPARATE),
            "InDelivery does not follow PendingCancel",
        ),
        (State(status=Status.FINALIZED, is_invoiced=True), "Finalized is final"),
        (State(status=Status.CANCELED_BY_SELLER), "CandeledBySeller is final"),
    ],
)
async def test_what_does_not_ship(db: Database, state: State, why: str) -> None:
    shop = await open_shop(db)
    (order_id,) = await put_orders(shop, [state])
    before = await dump(db, but=["order_log"])
    no = refused(await track(shop, order_id))
    assert (no.facts["to"], no.facts["reason"]) == ("InDelivery", why)
    assert await dump(db, but=["order_log"]) == before
    assert await shop.logs(order_id, "Refused") == [no.detail]


async def test_without_invoice_where_the_channel_says_so_the_goods_go_at_the_end(db: Database) -> None:
    shop = await open_shop(db, ship_without_invoice=True)
    order_id = await shop.paid()
    await track(shop, order_id)
    assert (await shop.order(order_id)).status is Status.IN_DELIVERY
    assert await shop.level() == (100, 1)
    await check(shop)
