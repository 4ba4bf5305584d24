"""Moving by name, cancelling, expiring: what each decision does and what it refuses."""

from typing import Any

import msgspec
import pytest

from balcao.base.values import Micros
from balcao.orders.rules.change import Change, Decision, Note, Refusal, Shift, give_back
from balcao.orders.rules.model import Order, PaymentStatus, PaymentType
from balcao.orders.rules.moving import CancelledBy, cancel, expire, move
from balcao.orders.rules.status import CANCELLED, Status
from balcao.tenants.rules import Role
from tests.rules.order_samples import NOW, SKU_A, SKU_B, at, caller, invoice, item, order, payment, unpaid

CASH = payment(status=PaymentStatus.PENDING, kind=PaymentType.CASH_ON_PICKUP)
BUYER, SELLER, ADMIN, PROCESSOR = CancelledBy.BUYER, CancelledBy.SELLER, CancelledBy.ADMIN, CancelledBy.PROCESSOR


def moved(order: Order, to: int, **settings: Any) -> Decision:
    return move(at(order, **settings), Status(to), message=None, seller_order_id=None)


def change(decision: Decision) -> Change:
    assert isinstance(decision, Change), decision
    return decision


def refusal(decision: Decision) -> Refusal:
    assert isinstance(decision, Refusal), decision
    return decision


def test_a_move_is_a_step_a_log_line_and_an_event() -> None:
    before = order()
    after = change(move(at(before), Status.PROCESSING, message="faturando", seller_order_id="PV-7"))
    assert after == Change(
        order=msgspec.structs.replace(
            before,
            status=Status.PROCESSING,
            seller_order_id="PV-7",
            passed=frozenset({Status.PENDING, Status.PENDING_CREATE, Status.PROCESSING}),
        ),
        event="order.moved",
        steps=(Status.PROCESSING,),
        notes=(Note("Status", "Em faturamento / Being invoiced", "Processing (5): faturando"),),
        facts={
            "orderId": str(before.order_id),
            "externalId": "NEOMODE-1",
            "statusBefore": "PendingCreate",
            "status": "Processing",
            "message": "faturando",
        },
    )


@pytest.mark.parametrize("status", list(Status), ids=lambda status: status.name)
def test_a_move_to_where_the_order_is_changes_nothing(status: Status) -> None:
    assert moved(order(status), status) is None


def test_a_move_to_where_the_order_is_may_bring_the_stores_number() -> None:
    here = order(Status.PROCESSING, seller_order_id="PV-1")
    named = change(move(at(here), Status.PROCESSING, message=None, seller_order_id="PV-7"))
    assert named.order == msgspec.structs.replace(here, seller_order_id="PV-7")
    assert (named.event, named.steps, named.shifts) == ("order.renamed", (), ())
    assert [note.type for note in named.notes] == ["SellerOrderId"]
    assert move(at(here), Status.PROCESSING, message=None, seller_order_id="PV-1") is None


def test_a_refusal_tells_from_to_why_and_what_may_come() -> None:
    waiting = unpaid()
    no = refusal(moved(waiting, 4))
    assert no.error.detail == (
        "The order cannot move from Pending (1) to ApprovedExternal (4): the order is not paid. Allowed now: "
        "CandeledBySeller, CanceledByBuyer, CanceledByAdmin, PendingCreatePreOrder, PreOrderCreated, PendingUpdate, "
        "CanceledByProcessor."
    )
    assert no.error.code == "refused_transition"
    assert no.error.facts == {
        "orderId": str(waiting.order_id),
        "from": "Pending",
        "to": "ApprovedExternal",
        "reason": "the order is not paid",
        "allowed": [
            "CandeledBySeller",
            "CanceledByBuyer",
            "CanceledByAdmin",
            "PendingCreatePreOrder",
            "PreOrderCreated",
            "PendingUpdate",
            "CanceledByProcessor",
        ],
    }
    assert no.note == Note(
        "Refused",
        "Mudança recusada / Change refused: Confirmado pela loja / Confirmed by the store",
        no.error.detail,
    )


def test_a_refusal_from_the_end_allows_nothing() -> None:
    no = refusal(moved(order(Status.FINALIZED), 7))
    assert no.error.detail.endswith("Finalized is final. Allowed now: nothing.")
    assert no.error.facts["allowed"] == []


def test_a_refused_move_does_not_even_take_the_stores_number() -> None:
    assert isinstance(move(at(unpaid()), Status.PROCESSING, message=None, seller_order_id="PV-7"), Refusal)


@pytest.mark.parametrize("to", sorted(CANCELLED))
def test_a_cancellation_gives_back_what_is_held_and_what_was_invoiced(to: Status) -> None:
    partly = order(
        Status.INVOICE_CREATED, items=(item(1, reserved=0, consumed=2), item(2, reserved=2)), invoices=(invoice(),)
    )
    gone = change(moved(partly, to))
    assert gone.shifts == (Shift(SKU_A, 2, 0), Shift(SKU_B, 0, -2))
    assert [(line.reserved, line.consumed) for line in gone.order.items] == [(0, 0), (0, 0)]
    assert (gone.event, gone.steps, gone.order.status) == ("order.cancelled", (to,), to)


def test_finishing_consumes_what_no_invoice_consumed() -> None:
    partly = order(
        Status.IN_DELIVERY, items=(item(1, reserved=0, consumed=2), item(2, reserved=2)), invoices=(invoice(),)
    )
    done = change(moved(partly, 9))
    assert done.shifts == (Shift(SKU_B, -2, -2),)
    assert [(line.reserved, line.consumed) for line in done.order.items] == [(0, 2), (0, 2)]


@pytest.mark.parametrize("to", [3, 4, 5, 6, 17])
def test_moves_on_the_way_leave_the_stock_alone(to: int) -> None:
    step = change(moved(order(), to))
    assert step.shifts == ()
    assert step.order.items == order().items


def test_lines_that_hold_nothing_shift_nothing() -> None:
    assert give_back((item(1, reserved=0), item(2, reserved=0))) == (
        (item(1, reserved=0), item(2, reserved=0)),
        (),
    )


def test_a_request_remembers_where_it_came_from_and_its_answer_resumes_it() -> None:
    asked = change(moved(order(Status.SEPARATE), 17)).order
    assert (asked.status, asked.resume_status) == (17, 6)
    for answer in (Status.UPDATED, Status.ERROR_UPDATE):
        back = change(moved(asked, answer))
        assert (back.order.status, back.order.resume_status) == (6, None)
        assert back.steps == (answer, Status.SEPARATE)
        assert [note.internal for note in back.notes] == [
            f"{'Updated' if answer == 18 else 'ErrorUpdate'} ({answer})",
            "Separate (6)",
        ]
        assert back.facts["status"] == "Separate"


def test_a_cancellation_asked_during_an_update_resumes_what_the_update_interrupted() -> None:
    asked = change(moved(order(Status.PENDING_UPDATE, resume_status=Status.PROCESSING), 13, cancel_needs_consent=True))
    assert (asked.order.status, asked.order.resume_status) == (13, 5)
    assert change(moved(asked.order, 16)).order.status == 5


def test_an_unpaid_order_keeps_its_expiry_while_it_waits() -> None:
    waiting = unpaid()
    asked = change(moved(waiting, 17)).order
    assert asked.expires_us == waiting.expires_us
    assert change(moved(asked, 18)).order.expires_us == waiting.expires_us
    assert change(moved(waiting, 14)).order.expires_us == waiting.expires_us
    assert change(moved(waiting, 12)).order.expires_us is None


def test_a_paid_order_has_no_expiry() -> None:
    assert change(moved(unpaid(payments=(payment(),)), 2)).order.expires_us is None


def test_a_carrier_finishes_what_it_carries_and_nothing_else() -> None:
    carrier = caller(Role.CARRIER, carrier="SEDEX")
    shipped = order(Status.IN_DELIVERY, invoices=(invoice(),))
    done = change(move(at(shipped, carrier), Status.FINALIZED, message=None, seller_order_id=None))
    assert done.order.status is Status.FINALIZED
    packed = order(Status.INVOICE_CREATED, invoices=(invoice(),))
    for to in (Status.FINALIZED, Status.IN_DELIVERY, Status.CANCELED_BY_SELLER):
        no = refusal(move(at(packed, carrier), to, message=None, seller_order_id=None))
        assert no.error.facts["reason"] == "a carrier finishes only what it is carrying"


@pytest.mark.parametrize(("by", "status"), [(SELLER, 10), (BUYER, 11), (ADMIN, 12), (PROCESSOR, 21)])
def test_each_party_has_its_own_cancellation(by: CancelledBy, status: int) -> None:
    gone = change(cancel(at(order()), by, "desistiu"))
    assert gone.order.status == status
    assert gone.event == "order.cancelled"
    assert gone.notes[0].internal.endswith(f"({status}): desistiu")
    assert gone.facts["by"] == by.value
    assert gone.facts["reason"] == "desistiu"


@pytest.mark.parametrize(
    ("by", "before", "lands"),
    [
        (BUYER, order(Status.SEPARATE), 13),
        (PROCESSOR, order(Status.SEPARATE), 13),
        (SELLER, order(Status.SEPARATE), 10),
        (ADMIN, order(Status.SEPARATE), 12),
        (BUYER, unpaid(), 11),
        (PROCESSOR, unpaid(), 21),
        (BUYER, order(Status.PENDING_UPDATE, resume_status=Status.PROCESSING), 13),
        (SELLER, order(Status.PENDING_CANCEL, resume_status=Status.PROCESSING), 10),
        (ADMIN, order(Status.PENDING_CANCEL, resume_status=Status.PROCESSING), 12),
    ],
)
def test_who_asks_and_who_decides_where_consent_is_needed(by: CancelledBy, before: Order, lands: int) -> None:
    gone = change(cancel(at(before, cancel_needs_consent=True), by, "x"))
    assert gone.order.status == lands
    assert gone.event == ("order.moved" if lands == 13 else "order.cancelled")
    assert gone.order.items == (before.items if lands == 13 else give_back(before.items)[0])


def test_asking_twice_changes_nothing() -> None:
    asked = order(Status.PENDING_CANCEL, resume_status=Status.SEPARATE)
    assert cancel(at(asked, cancel_needs_consent=True), BUYER, "again") is None
    assert cancel(at(asked, cancel_needs_consent=True), PROCESSOR, "again") is None


@pytest.mark.parametrize(("by", "status"), [(SELLER, 10), (BUYER, 11), (ADMIN, 12), (PROCESSOR, 21)])
def test_cancelling_twice_changes_nothing_and_another_party_is_refused(by: CancelledBy, status: int) -> None:
    gone = order(Status(status))
    for other in CancelledBy:
        for consent in (False, True):
            decision = cancel(at(gone, cancel_needs_consent=consent), other, "x")
            assert decision is None if other is by else isinstance(decision, Refusal)


@pytest.mark.parametrize("status", [7, 9])
@pytest.mark.parametrize("by", list(CancelledBy))
def test_what_is_on_its_way_is_not_cancelled(status: int, by: CancelledBy) -> None:
    for consent in (False, True):
        assert isinstance(cancel(at(order(Status(status)), cancel_needs_consent=consent), by, "x"), Refusal)


@pytest.mark.parametrize(
    ("before", "when", "goes"),
    [
        (unpaid(expires_us=NOW), NOW, True),
        (unpaid(expires_us=NOW), NOW + 1, True),
        (unpaid(expires_us=NOW), NOW - 1, False),
        (unpaid(expires_us=None), NOW, False),
        (unpaid(Status.PENDING_UPDATE, expires_us=NOW, resume_status=Status.PENDING), NOW, False),
        (order(expires_us=NOW), NOW, False),
        (order(Status.CANCELED_BY_BUYER, expires_us=NOW), NOW, False),
        (unpaid(expires_us=NOW, is_delivery=False, payments=(CASH,)), NOW, False),
        (unpaid(expires_us=NOW, is_delivery=True, payments=(CASH,)), NOW, True),
    ],
)
def test_what_expires_and_when(before: Order, when: int, goes: bool) -> None:
    for consent in (False, True):
        decision = expire(at(before, cancel_needs_consent=consent), Micros(when))
        if not goes:
            assert decision is None
            continue
        gone = change(decision)
        assert (gone.event, gone.steps, gone.order.status) == ("order.expired", (21,), 21)
        assert gone.shifts == (Shift(SKU_A, 0, -2), Shift(SKU_B, 0, -2))
        assert gone.order.expires_us is None
        assert gone.facts["reason"] == "not paid in time"
        assert gone.notes[0].internal == "CanceledByProcessor (21): not paid in time"
