"""Cancelling orders: at once or by consent, what comes back, and when it is too late."""

import pytest

from balcao.base.db import Database
from balcao.base.values import OrderId
from balcao.orders.cancel import CancelOrder, cancel_orders
from balcao.orders.change import Outcome
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.rules.model import Order
from balcao.orders.rules.moving import CANCEL_STATUS, CancelledBy
from balcao.orders.rules.status import CANCELLED, Status
from balcao.tenants.rules import Role
from tests.verbs.invariants import check
from tests.verbs.order_states import State, put_orders
from tests.verbs.shop import Shop, dump, items, open_shop, refused

BUYER, SELLER, ADMIN, PROCESSOR = CancelledBy.BUYER, CancelledBy.SELLER, CancelledBy.ADMIN, CancelledBy.PROCESSOR
OPEN = (0, 1, 2, 3, 4, 5, 6, 8, 14, 15, 20)
"""Where an order may be cancelled: before it is on its way, and while it waits to be collected."""


def asked(shop: Shop, order_id: OrderId, by: CancelledBy = BUYER, reason: str = "desistiu") -> CancelOrder:
    return CancelOrder(caller=shop.caller(Role.OPERATOR), order_id=order_id, by=by, reason=reason)


async def cancel(shop: Shop, order_id: OrderId, by: CancelledBy = BUYER) -> Outcome:
    return await shop.one(cancel_orders, asked(shop, order_id, by))


async def move(shop: Shop, order_id: OrderId, to: Status) -> Outcome:
    return await shop.one(move_orders, MoveOrder(caller=shop.caller(), order_id=order_id, to=to))


@pytest.mark.parametrize(("by", "status"), [(SELLER, 10), (BUYER, 11), (ADMIN, 12), (PROCESSOR, 21)])
async def test_each_party_cancels_at_once_and_the_stock_comes_back(db: Database, by: CancelledBy, status: int) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid(items=items(s1=3, s2=2))
    assert (await shop.level(), await shop.level("2")) == ((100, 3), (100, 2))
    await cancel(shop, order_id, by)
    order, history = await shop.whole(order_id)
    assert (order.status, [step.status for step in history.steps]) == (status, [1, 2, status])
    assert history.logs[-1].internal_message.endswith(f"({status}): desistiu")
    assert (await shop.level(), await shop.level("2")) == ((100, 0), (100, 0))
    (event,) = await shop.events("order.cancelled")
    assert (event["data"]["by"], event["data"]["reason"], event["data"]["message"]) == (by, "desistiu", "desistiu")
    await check(shop)
    before = await dump(db)
    assert isinstance(await cancel(shop, order_id, by), Order)
    assert await dump(db) == before


async def test_every_status_and_party(db: Database) -> None:
    """Held, or invoiced and not shipped: everything comes back; on its way, or gone: a refusal and its log line."""
    shop = await open_shop(db)
    cases = [
        (State(status=status, is_delivery=status != 8, is_invoiced=invoiced, resume=_resume(status)), by)
        for status in Status
        for invoiced in (False, True)
        for by in CancelledBy
    ]
    ids = await put_orders(shop, [state for state, _ in cases])
    outcomes = await shop.all(
        cancel_orders, *(asked(shop, order_id, by) for order_id, (_, by) in zip(ids, cases, strict=True))
    )
    for order_id, (state, by), outcome in zip(ids, cases, outcomes, strict=True):
        order, wish = await shop.order(order_id), CANCEL_STATUS[by]
        held = (order.items[0].reserved, order.items[0].consumed)
        if state.status in OPEN or state.status == 17 or (state.status == 13 and by is not PROCESSOR):
            assert (order.status, order.resume_status, held) == (wish, None, (0, 0)), (state, by)
        else:
            assert (order.status, held) == (state.status, state.held), (state, by)
            assert isinstance(outcome, Order) if state.status is wish else refused(outcome)
    await check(
        shop, "what the stock reserves is what the orders' lines hold", "the log has no gap and ends at the clock"
    )


def _resume(status: Status) -> Status | None:
    return Status.PROCESSING if status in {13, 16, 17, 18, 19} else None


async def test_invoiced_goods_that_never_left_return_on_hand(db: Database) -> None:
    shop = await open_shop(db)
    (order_id,) = await put_orders(shop, [State(status=Status.INVOICE_CREATED, is_invoiced=True)])
    on_hand, reserved = await shop.level() or (0, 0)
    await cancel(shop, order_id, SELLER)
    assert await shop.level() == (on_hand + 1, reserved)
    order = await shop.order(order_id)
    assert (order.status, len(order.invoices)) == (Status.CANCELED_BY_SELLER, 1)


@pytest.mark.parametrize("by", [BUYER, PROCESSOR])
@pytest.mark.parametrize("answer", [*sorted(CANCELLED - {Status.CANCELED_BY_PROCESSOR}), Status.ERROR_CANCEL])
async def test_the_store_answers_where_its_consent_is_needed(db: Database, by: CancelledBy, answer: Status) -> None:
    shop = await open_shop(db, cancel_needs_consent=True)
    order_id = await shop.paid()
    await move(shop, order_id, Status.SEPARATE)
    await cancel(shop, order_id, by)
    waiting = await shop.order(order_id)
    assert (waiting.status, waiting.resume_status) == (Status.PENDING_CANCEL, Status.SEPARATE)
    assert await shop.level() == (100, 1)
    before = await dump(db)
    assert isinstance(await cancel(shop, order_id, by), Order)
    assert await dump(db) == before
    await move(shop, order_id, answer)
    order = await shop.order(order_id)
    refuses = answer is Status.ERROR_CANCEL
    assert (order.status, order.resume_status) == (Status.SEPARATE if refuses else answer, None)
    assert await shop.level() == (100, 1 if refuses else 0)
    await check(shop)


@pytest.mark.parametrize(("by", "status"), [(SELLER, 10), (ADMIN, 12)])
async def test_the_store_and_the_administrator_need_nobodys_consent(db: Database, by: CancelledBy, status: int) -> None:
    shop = await open_shop(db, cancel_needs_consent=True)
    order_id = await shop.paid()
    await cancel(shop, order_id, by)
    assert (await shop.order(order_id)).status == status


async def test_an_unpaid_order_is_cancelled_without_consent(db: Database) -> None:
    shop = await open_shop(db, cancel_needs_consent=True)
    order_id = await shop.placed()
    await cancel(shop, order_id, BUYER)
    assert (await shop.order(order_id)).status is Status.CANCELED_BY_BUYER
    await check(shop)


async def test_one_order_twice_in_a_batch(db: Database) -> None:
    shop = await open_shop(db)
    order_id, other = await shop.paid(), await shop.paid()
    outcomes = await shop.all(
        cancel_orders, asked(shop, order_id), asked(shop, other), asked(shop, order_id), asked(shop, order_id, SELLER)
    )
    assert [isinstance(outcome, Order) for outcome in outcomes] == [True, True, True, False]
    assert refused(outcomes[3]).facts["from"] == "CanceledByBuyer"
    assert (await shop.level(), len(await shop.events("order.cancelled"))) == ((100, 0), 2)
    await check(shop)
