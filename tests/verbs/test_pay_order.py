"""Approving payments on a real database."""

from decimal import Decimal

import pytest

from balcao.base.db import Database
from balcao.orders.cancel import CancelOrder, cancel_orders
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.pay import PayOrder, pay_orders
from balcao.orders.rules.model import Order, PaymentStatus, PaymentType
from balcao.orders.rules.moving import CancelledBy
from balcao.orders.rules.new_order import NewPayment
from balcao.orders.rules.paying import PaymentNews
from balcao.orders.rules.status import Status
from balcao.tenants.rules import PaymentCover
from tests.verbs.invariants import check
from tests.verbs.shop import Shop, dump, open_shop, refused

CARD, PIX, LINK = PaymentType.CREDIT_CARD, PaymentType.PIX, PaymentType.PAYMENT_LINK
DENIED, REFUNDED = PaymentStatus.DENIED, PaymentStatus.REFUNDED
APPROVED = PaymentNews(nsu="000123", authorization_code="A1", brand="Visa", card_last_digits="1234")


def parts(*amounts: str) -> tuple[NewPayment, ...]:
    return tuple(NewPayment(type=CARD, amount=Decimal(amount)) for amount in amounts)


async def cancelled(shop: Shop) -> Order:
    order_id = await shop.placed()
    cmd = CancelOrder(caller=shop.caller(), order_id=order_id, by=CancelledBy.BUYER, reason="desistiu")
    await shop.one(cancel_orders, cmd)
    return await shop.order(order_id)


async def test_a_payment_that_covers_the_order_makes_it_paid(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.placed()
    await shop.pay(order_id, APPROVED)
    order, history = await shop.whole(order_id)
    assert (order.status, order.expires_us, order.resume_status) == (Status.PENDING_CREATE, None, None)
    (payment,) = order.payments
    assert (payment.type, payment.status, payment.amount) == (LINK, PaymentStatus.CAPTURED, Decimal(21))
    assert (payment.body.nsu, payment.body.authorization_code, payment.body.card_last_digits) == (
        "000123",
        "A1",
        "1234",
    )
    assert [step.status for step in history.steps] == [Status.PENDING, Status.PENDING_CREATE]
    assert [line.type for line in history.logs] == ["Status", "Warning", "Status", "Payment"]
    assert history.logs[-1].issuer == "channel:qaapp.channel"
    (event,) = await shop.events("order.paid")
    assert event["at_us"] == order.last_update_us
    assert event["data"]["payments"] == [{"line": 1, "type": 7, "status": 2, "amount": Decimal(21), "nsu": "000123"}]
    assert await shop.level() == (100, 1)
    await check(shop)


async def test_a_repeat_writes_nothing(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.placed(payments=parts("5", "6"))
    told = (PaymentNews(type=CARD, nsu="1"), PaymentNews(type=CARD, nsu="2"))
    await shop.pay(order_id, *told)
    before = await dump(db)
    for again in (told, told[:1], told[1:], (told[1], told[0])):
        outcome = await shop.pay(order_id, *again)
        assert isinstance(outcome, Order)
        assert outcome.status is Status.PENDING_CREATE
    assert await dump(db) == before


async def test_parts_of_the_total_wait_for_the_rest(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.placed(payments=parts("5", "6"))
    await shop.pay(order_id, PaymentNews(type=CARD, nsu="1"))
    half = await shop.order(order_id)
    assert (half.status, [one.status for one in half.payments]) == (Status.PENDING, [2, 0])
    assert half.expires_us is not None
    await shop.pay(order_id, PaymentNews(type=CARD, nsu="2"))
    assert (await shop.order(order_id)).status is Status.PENDING_CREATE
    kinds = [event["type"] for event in await shop.events()]
    assert kinds == ["order.placed", "order.payment_changed", "order.paid"]
    await check(shop)


async def test_any_part_is_enough_where_the_channel_says_so(db: Database) -> None:
    shop = await open_shop(db, payment_cover=PaymentCover.ANY)
    order_id = await shop.placed(payments=parts("5", "6"))
    await shop.pay(order_id, PaymentNews(type=CARD, nsu="1"))
    assert (await shop.order(order_id)).status is Status.PENDING_CREATE


async def test_a_payment_that_was_not_announced_is_added(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.placed()
    await shop.pay(order_id, PaymentNews(type=PIX, amount=Decimal(11), tid="T1"))
    order = await shop.order(order_id)
    assert [(one.line, one.type, one.status, one.amount) for one in order.payments] == [
        (1, LINK, PaymentStatus.PENDING, Decimal(21)),
        (2, PIX, PaymentStatus.CAPTURED, Decimal(11)),
    ]
    assert order.status is Status.PENDING_CREATE
    async with db.read() as tx:
        assert await tx.fetchval("SELECT payment_types FROM orders WHERE order_id = $1", order_id) == [6, 7]
    await check(shop)


async def test_a_denial_is_logged_and_cancels_where_the_channel_says_so(db: Database) -> None:
    shop = await open_shop(db)
    await shop.channel("strict", cancel_on_denied=True)
    patient, strict = await shop.placed(), await shop.placed(channel="strict")
    for order_id in (patient, strict):
        await shop.pay(order_id, PaymentNews(status=DENIED))
    assert (await shop.order(patient)).status is Status.PENDING
    assert (await shop.logs(patient, "Payment"))[0] == "Pagamento negado / Payment denied"
    gone = await shop.order(strict)
    assert (gone.status, gone.payments[0].status) == (Status.CANCELED_BY_PROCESSOR, DENIED)
    assert (await shop.events("order.cancelled"))[0]["data"]["reason"] == "payment denied"
    assert await shop.level() == (100, 1)
    await shop.pay(patient, APPROVED)
    assert (await shop.order(patient)).status is Status.PENDING_CREATE
    await check(shop)


async def test_money_for_a_cancelled_order_is_refused_and_logged_and_nothing_else(db: Database) -> None:
    shop = await open_shop(db)
    order = await cancelled(shop)
    before = await dump(db, but=["order_log"])
    for times in (1, 2):
        no = refused(await shop.pay(order.order_id, APPROVED), "paid_after_cancellation")
        assert no.facts == {"orderId": str(order.order_id)}
        assert await dump(db, but=["order_log"]) == before
        lines = await shop.logs(order.order_id, "PaidAfterCancellation")
        assert lines == times * [f"{no.detail} Amount: not said; nsu: 000123."]
    await check(shop)


async def test_a_refund_of_a_cancelled_order_is_recorded(db: Database) -> None:
    shop = await open_shop(db)
    order_id = await shop.paid()
    cmd = CancelOrder(caller=shop.caller(), order_id=order_id, by=CancelledBy.BUYER, reason="desistiu")
    await shop.one(cancel_orders, cmd)
    assert isinstance(await shop.pay(order_id, PaymentNews(status=REFUNDED)), Order)
    order = await shop.order(order_id)
    assert (order.status, order.payments[0].status) == (Status.CANCELED_BY_BUYER, REFUNDED)
    assert await shop.logs(order_id, "PaidAfterCancellation") == []
    await check(shop)


@pytest.mark.parametrize("answer", [Status.ERROR_CANCEL, Status.CANCELED_BY_SELLER])
async def test_a_payment_while_a_cancellation_is_asked_for(db: Database, answer: Status) -> None:
    """The request stands; when it is refused, the order goes on as a paid one."""
    shop = await open_shop(db, cancel_needs_consent=True)
    order_id = await shop.placed()
    for to in (Status.PENDING_CANCEL, answer):
        await shop.one(move_orders, MoveOrder(caller=shop.caller(), order_id=order_id, to=to))
        if to is Status.PENDING_CANCEL:
            await shop.pay(order_id, APPROVED)
            waiting = await shop.order(order_id)
            assert (waiting.status, waiting.resume_status, waiting.expires_us) == (13, Status.PENDING_CREATE, None)
    order, history = await shop.whole(order_id)
    paid = [16, 2] if answer is Status.ERROR_CANCEL else [10]
    assert [step.status for step in history.steps] == [1, 13, *paid]
    assert order.status == paid[-1]
    await check(shop)


async def test_an_order_sent_with_its_approved_payments_is_paid_by_the_next_word(db: Database) -> None:
    shop = await open_shop(db)
    sent = NewPayment(type=PIX, amount=Decimal(11), status=PaymentStatus.CAPTURED)
    order_id = await shop.placed(payments=(sent,))
    assert (await shop.order(order_id)).status is Status.PENDING
    await shop.pay(order_id)
    assert (await shop.order(order_id)).status is Status.PENDING_CREATE
    await check(shop)


async def test_a_batch_pays_many_orders_and_one_of_them_twice(db: Database) -> None:
    shop = await open_shop(db)
    ids = [await shop.placed(payments=parts("5", "6")) for _ in range(3)]
    told = [(ids[0], "1"), (ids[1], "1"), (ids[0], "2"), (ids[2], "1"), (ids[0], "2")]
    outcomes = await shop.all(
        pay_orders,
        *(
            PayOrder(caller=shop.caller(), order_id=order_id, payments=(PaymentNews(type=CARD, nsu=nsu),))
            for order_id, nsu in told
        ),
    )
    assert [isinstance(outcome, Order) and outcome.status for outcome in outcomes] == [1, 1, 2, 1, 2]
    assert [event["type"] for event in (await shop.events())[3:]] == [
        "order.payment_changed",
        "order.payment_changed",
        "order.paid",
        "order.payment_changed",
    ]
    await check(shop)
