"""What news of payments does to an order."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from balcao.orders.rules.change import Change, Decision, Refusal, Shift, facts_of
from balcao.orders.rules.model import Order, Payment, PaymentStatus, PaymentType
from balcao.orders.rules.paying import PaymentNews, pay
from balcao.orders.rules.status import CANCELLED, Status
from balcao.tenants.rules import PaymentCover
from tests.rules.order_samples import SKU_A, SKU_B, at, order, payment, unpaid

CARD, PIX, LINK, CASH = (
    PaymentType.CREDIT_CARD,
    PaymentType.PIX,
    PaymentType.PAYMENT_LINK,
    PaymentType.CASH_ON_PICKUP,
)
PENDING, AUTHORIZED, CAPTURED, DENIED, REFUNDED = (
    PaymentStatus.PENDING,
    PaymentStatus.AUTHORIZED,
    PaymentStatus.CAPTURED,
    PaymentStatus.DENIED,
    PaymentStatus.REFUNDED,
)


def news(**said: Any) -> PaymentNews:
    return PaymentNews(**said)


def paid(order: Order, *told: PaymentNews, **settings: Any) -> Decision:
    return pay(at(order, **settings), told)


def change(decision: Decision) -> Change:
    assert isinstance(decision, Change), decision
    return decision


def after(order: Order, *told: PaymentNews, **settings: Any) -> Order:
    return change(paid(order, *told, **settings)).order


def short(payments: tuple[Payment, ...]) -> list[tuple[int, int, int, str, str | None]]:
    return [(one.line, one.type, one.status, str(one.amount), one.body.nsu) for one in payments]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({}, CAPTURED),
        ({"status": PENDING}, PENDING),
        ({"status": DENIED, "is_captured": True}, DENIED),
        ({"is_captured": True}, CAPTURED),
        ({"is_captured": False}, PENDING),
        ({"is_authorized": True}, AUTHORIZED),
        ({"is_authorized": False}, DENIED),
        ({"is_authorized": True, "is_captured": True}, CAPTURED),
        ({"is_authorized": True, "is_captured": False}, AUTHORIZED),
        ({"is_authorized": False, "is_captured": False}, DENIED),
    ],
)
def test_what_the_news_means(said: dict[str, Any], outcome: PaymentStatus) -> None:
    assert news(**said).outcome is outcome


def test_an_approved_payment_makes_the_order_paid() -> None:
    waiting = unpaid()
    done = change(paid(waiting, news(nsu="123", authorization_code="A1", brand="Visa")))
    assert (done.order.status, done.order.expires_us) == (Status.PENDING_CREATE, None)
    assert done.event == "order.paid"
    assert done.steps == (Status.PENDING_CREATE,)
    assert done.shifts == ()
    assert short(done.order.payments) == [(1, LINK, CAPTURED, "40.00", "123")]
    assert done.order.payments[0].body.payment_id == waiting.payments[0].body.payment_id
    assert [note.internal for note in done.notes] == [
        "PendingCreate (2)",
        "payment 1: type 7, amount 40.00, nsu 123",
    ]
    assert done.facts == {
        "orderId": str(waiting.order_id),
        "externalId": "NEOMODE-1",
        "statusBefore": "Pending",
        "status": "PendingCreate",
        "payments": [{"line": 1, "type": 7, "status": 2, "amount": Decimal("40.00"), "nsu": "123"}],
    }


@pytest.mark.parametrize(
    "told",
    [
        (news(),),
        (news(nsu="123"),),
        (news(nsu="123", authorization_code="A1"),),
        (news(tid="T"),),
        (news(type=CARD, amount=Decimal(40), nsu="1"),),
        (news(type=PIX),),
        (news(type=CARD, amount=Decimal(15), nsu="1"), news(type=PIX, amount=Decimal(25), tid="T")),
        (news(amount=Decimal(20)), news(type=LINK, amount=Decimal(20))),
        (news(status=DENIED),),
        (news(status=PENDING, nsu="123"),),
    ],
)
def test_a_repeat_changes_nothing(told: tuple[PaymentNews, ...]) -> None:
    once = after(unpaid(), *told)
    assert paid(once, *told) is None
    assert pay(at(once), [told[0]]) is None


def test_payments_below_the_total_leave_the_order_waiting() -> None:
    half = change(paid(unpaid(), news(amount=Decimal("39.99"))))
    assert (half.order.status, half.event, half.steps) == (Status.PENDING, "order.payment_changed", ())
    assert half.order.expires_us is not None
    rest = change(paid(half.order, news(type=PIX, amount=Decimal("0.01"))))
    assert (rest.order.status, rest.event) == (Status.PENDING_CREATE, "order.paid")
    assert short(rest.order.payments) == [(1, LINK, CAPTURED, "39.99", None), (2, PIX, CAPTURED, "0.01", None)]


def test_any_payment_is_enough_where_the_channel_says_so() -> None:
    told = news(amount=Decimal("0.01"))
    assert after(unpaid(), told, payment_cover=PaymentCover.ANY).status is Status.PENDING_CREATE
    assert after(unpaid(), told, payment_cover=PaymentCover.TOTAL).status is Status.PENDING
    denied = news(status=DENIED)
    assert after(unpaid(), denied, payment_cover=PaymentCover.ANY).status is Status.PENDING


def test_an_authorization_counts_as_paid() -> None:
    assert after(unpaid(), news(is_authorized=True)).status is Status.PENDING_CREATE


def test_several_payments_at_once() -> None:
    two = unpaid(
        payments=(
            payment("30.00", PENDING, CARD, line=1),
            payment("10.00", PENDING, CARD, line=2),
        )
    )
    done = after(two, news(type=CARD, nsu="1"), news(type=CARD, nsu="2"))
    assert done.status is Status.PENDING_CREATE
    assert short(done.payments) == [(1, CARD, CAPTURED, "30.00", "1"), (2, CARD, CAPTURED, "10.00", "2")]


def test_several_payments_one_after_the_other() -> None:
    two = unpaid(payments=(payment("30.00", PENDING, CARD, line=1), payment("10.00", PENDING, CARD, line=2)))
    first = after(two, news(type=CARD, nsu="1"))
    assert short(first.payments) == [(1, CARD, CAPTURED, "30.00", "1"), (2, CARD, PENDING, "10.00", None)]
    assert paid(first, news(type=CARD, nsu="1")) is None
    assert after(first, news(nsu="2")).status is Status.PENDING_CREATE


def test_news_finds_its_payment_by_its_transaction() -> None:
    two = order(payments=(payment("30.00", nsu="1", tid="T1"), payment("10.00", line=2, nsu="2", tid="T2")))
    back = after(two, news(tid="T2", status=REFUNDED))
    assert short(back.payments) == [(1, LINK, CAPTURED, "30.00", "1"), (2, LINK, REFUNDED, "10.00", "2")]
    assert back.status is Status.PENDING_CREATE


def test_a_transaction_told_again_without_its_authorization_code_is_the_same() -> None:
    known = order(payments=(payment(nsu="1", authorization_code="A1"),))
    assert paid(known, news(nsu="1")) is None
    later = after(order(payments=(payment(nsu="1"),)), news(nsu="1", authorization_code="A1"))
    assert len(later.payments) == 1
    assert len(after(known, news(nsu="1", authorization_code="B2")).payments) == 2


def test_a_payment_of_another_type_without_amount_is_of_what_is_open() -> None:
    by_card = after(unpaid(), news(type=CARD, nsu="1"))
    assert by_card.status is Status.PENDING_CREATE
    assert short(by_card.payments) == [(1, LINK, PENDING, "40.00", None), (2, CARD, CAPTURED, "40.00", "1")]
    half = unpaid(payments=(payment("15.00", CAPTURED, PIX),))
    assert short(after(half, news(type=CARD, nsu="1")).payments)[1] == (2, CARD, CAPTURED, "25.00", "1")
    over = order(payments=(payment("50.00"),))
    assert short(after(over, news(type=CARD, nsu="1")).payments)[1] == (2, CARD, CAPTURED, "0", "1")


def test_an_order_created_with_approved_payments_is_paid_by_the_next_word_of_them() -> None:
    covered = unpaid(payments=(payment(),))
    done = change(paid(covered, news()))
    assert (done.order.status, done.event, done.facts["payments"]) == (Status.PENDING_CREATE, "order.paid", [])


def test_a_denial_is_logged() -> None:
    no = change(paid(unpaid(), news(status=DENIED, nsu="9")))
    assert (no.order.status, no.event) == (Status.PENDING, "order.payment_changed")
    assert [note.display for note in no.notes] == [
        "Pagamento negado / Payment denied",
        "Pagamento / Payment 1: denied",
    ]


@pytest.mark.parametrize("status", [0, 1, 14, 15])
def test_a_denial_cancels_where_the_channel_says_so(status: int) -> None:
    waiting = unpaid(Status(status))
    gone = change(paid(waiting, news(status=DENIED), cancel_on_denied=True, cancel_needs_consent=True))
    assert (gone.order.status, gone.event) == (Status.CANCELED_BY_PROCESSOR, "order.cancelled")
    assert gone.shifts == (Shift(SKU_A, 0, -2), Shift(SKU_B, 0, -2))
    assert gone.facts["reason"] == "payment denied"
    assert gone.order.payments[0].status is DENIED


def test_a_denial_does_not_cancel_what_another_payment_covers() -> None:
    told = (news(type=LINK, status=DENIED, nsu="1"), news(type=CARD, amount=Decimal(40), nsu="2"))
    assert after(unpaid(), *told, cancel_on_denied=True).status is Status.PENDING_CREATE


@pytest.mark.parametrize("status", [2, 4, 6, 20, 7, 9, 13, 17])
def test_a_denial_does_not_cancel_what_was_paid(status: int) -> None:
    resume = Status.PROCESSING if status in {13, 17} else None
    running = order(Status(status), resume_status=resume)
    told = change(paid(running, news(status=DENIED), cancel_on_denied=True))
    assert (told.order.status, told.event, told.shifts) == (status, "order.payment_changed", ())


@pytest.mark.parametrize("status", sorted(CANCELLED))
def test_money_for_a_cancelled_order_is_refused_and_kept_in_the_log(status: Status) -> None:
    gone = unpaid(status, expires_us=None)
    no = paid(gone, news(amount=Decimal("40.00"), nsu="123"), cancel_on_denied=True)
    assert isinstance(no, Refusal)
    assert no.error.code == "paid_after_cancellation"
    assert no.error.facts == {"orderId": str(gone.order_id)}
    assert no.note.type == "PaidAfterCancellation"
    assert no.note.display == "Pago depois de cancelado: estornar / Paid after cancellation: refund"
    assert no.note.internal.endswith("Amount: 40.00; nsu: 123.")


@pytest.mark.parametrize("status", sorted(CANCELLED))
@pytest.mark.parametrize("outcome", [PENDING, DENIED, REFUNDED, PaymentStatus.CANCELLED])
def test_that_the_money_went_back_or_never_came_is_recorded_on_a_cancelled_order(
    status: Status, outcome: PaymentStatus
) -> None:
    gone = order(status)
    back = change(paid(gone, news(status=outcome), cancel_on_denied=True))
    assert (back.order.status, back.event, back.steps, back.shifts) == (status, "order.payment_changed", (), ())
    assert back.order.payments[0].status is outcome
    assert paid(back.order, news(status=outcome)) is None


@pytest.mark.parametrize("status", sorted(CANCELLED))
def test_a_repeat_of_a_payment_on_a_cancelled_order_changes_nothing(status: Status) -> None:
    assert paid(order(status), news()) is None


@pytest.mark.parametrize("asked", [Status.PENDING_CANCEL, Status.PENDING_UPDATE], ids=["cancel", "update"])
def test_a_payment_during_a_request_is_kept_for_its_answer(asked: Status) -> None:
    waiting = unpaid(asked, resume_status=Status.PENDING)
    told = change(paid(waiting, news()))
    assert (told.order.status, told.order.resume_status) == (asked, Status.PENDING_CREATE)
    assert (told.event, told.steps, told.order.expires_us) == ("order.payment_changed", (), None)
    assert told.notes[0].display == "Pagamento aprovado / Payment approved"


@pytest.mark.parametrize("status", [14, 15])
def test_a_payment_of_a_pre_order_is_recorded_until_the_store_goes_on(status: int) -> None:
    told = change(paid(unpaid(Status(status)), news()))
    assert (told.order.status, told.event) == (status, "order.payment_changed")
    assert facts_of(at(told.order)).is_paid


def test_cash_on_pickup_stops_the_expiry() -> None:
    pickup = unpaid(is_delivery=False)
    cash = after(pickup, news(type=CASH, status=PENDING))
    assert (cash.status, cash.expires_us) == (Status.PENDING, None)
    assert after(unpaid(), news(type=CASH, status=PENDING)).expires_us is not None


@pytest.mark.parametrize(
    ("status", "alive"),
    [(PENDING, True), (CAPTURED, True), (DENIED, False), (REFUNDED, False), (PaymentStatus.CANCELLED, False)],
)
def test_a_dead_payment_on_pickup_promises_nothing(status: PaymentStatus, alive: bool) -> None:
    pickup = unpaid(is_delivery=False, payments=(payment(status=status, kind=CASH),))
    assert facts_of(at(pickup)).on_pickup is alive
    assert not facts_of(at(msgspec.structs.replace(pickup, is_delivery=True))).on_pickup


def test_nothing_to_pay_is_paid_by_a_payment_of_nothing() -> None:
    free = unpaid(total_amount=Decimal(0), payments=(payment("0", PENDING),))
    assert facts_of(at(free)).is_paid
    assert after(free, news()).status is Status.PENDING_CREATE
    assert not facts_of(at(unpaid(total_amount=Decimal(0), payments=()))).is_paid
