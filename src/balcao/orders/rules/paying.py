"""Approving payments (contract, section 3.6)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from balcao.base.errors import Conflict
from balcao.base.values import money_sum, new_id
from balcao.orders.rules.change import (
    GOOD,
    Change,
    Decision,
    Note,
    Refusal,
    Situation,
    covers,
    facts_of,
    pays_on_pickup,
    status_facts,
    step_notes,
    take_step,
)
from balcao.orders.rules.lifecycle import BEFORE_PAID, REQUESTS, why_not
from balcao.orders.rules.model import Order, Payment, PaymentBody, PaymentStatus, PaymentType
from balcao.orders.rules.status import CANCELLED, Status, wire_name


class PaymentNews(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel reports of one payment; None is "not said". amount in BRL.

    Without `status` it means captured, unless `is_authorized` and `is_captured` say otherwise.
    """

    type: PaymentType | None = None
    amount: Decimal | None = None
    status: PaymentStatus | None = None
    nsu: str | None = None
    authorization_code: str | None = None
    tid: str | None = None
    brand: str | None = None
    info: str | None = None
    modality: str | None = None
    acquirer_message: str | None = None
    acquirer_approval_code: str | None = None
    quantity_installments: int | None = None
    card_holder_name: str | None = None
    card_last_digits: str | None = None
    external_order_id: str | None = None
    is_authorized: bool | None = None
    is_captured: bool | None = None

    @property
    def outcome(self) -> PaymentStatus:
        """The payment's status after this news."""
        if self.status is not None:
            return self.status
        if self.is_captured is False or self.is_authorized is not None:
            if self.is_captured:
                return PaymentStatus.CAPTURED
            if self.is_authorized is False:
                return PaymentStatus.DENIED
            return PaymentStatus.AUTHORIZED if self.is_authorized else PaymentStatus.PENDING
        return PaymentStatus.CAPTURED


_BODY_FIELDS = frozenset(PaymentBody.__struct_fields__) & frozenset(PaymentNews.__struct_fields__)


_UNPAID = frozenset({Status.NONE, Status.PENDING})


def pay(at: Situation, news: Sequence[PaymentNews]) -> Decision:
    """Record the news; once the payments cover the order (or the channel says so) it moves to paid.

    A repeat changes nothing. A denial is logged and, as the channel says, cancels. Money that comes for a cancelled
    order is refused and kept in the action log for the operator; that it went back, or never came, is recorded.
    """
    payments = _after(at.order, news)
    if at.order.status in CANCELLED and payments != at.order.payments and any(told.outcome in GOOD for told in news):
        return _too_late(at, news)
    waits = at.order.status in _UNPAID and covers(at.order, at.channel)
    if payments == at.order.payments and not waits:
        return None
    order = msgspec.structs.replace(at.order, payments=payments)
    if pays_on_pickup(order):
        order = msgspec.structs.replace(order, expires_us=None)
    facts = {"payments": [_told(payment) for payment in payments if payment not in at.order.payments]}
    if at.order.status not in CANCELLED and covers(order, at.channel):
        return _paid(at, order, facts)
    denied = any(told.outcome is PaymentStatus.DENIED for told in news)
    if denied and at.channel.cancel_on_denied and at.order.status in BEFORE_PAID:
        return _moved(at, order, Status.CANCELED_BY_PROCESSOR, facts | {"reason": "payment denied"})
    return _recorded(order, facts, "Pagamento negado / Payment denied" if denied else None, at)


def _after(order: Order, news: Sequence[PaymentNews]) -> tuple[Payment, ...]:
    """The payments with the news in them: each piece goes to the payment it is about, or becomes a new one."""
    after = list(order.payments)
    touched: set[int] = set()
    for told in news:
        place = _place(after, told, touched)
        if place is None:
            after.append(_new(told, len(after) + 1, _open_amount(order, after)))
            touched.add(len(after) - 1)
        else:
            after[place] = _told_to(after[place], told)
            touched.add(place)
    return tuple(after)


def _place(payments: Sequence[Payment], told: PaymentNews, touched: set[int]) -> int | None:
    """Which payment a piece of news is about.

    The one with the same transaction (tid, or nsu and authorization code); else the first of its type that has none
    yet and no other news of this request; a request that names neither type nor transaction means the first payment.
    """
    free = [n for n in range(len(payments)) if n not in touched and told.type in {None, payments[n].type}]
    same = [n for n in free if _same_transaction(payments[n].body, told)]
    if same:
        return same[0]
    open_ones = [n for n in free if payments[n].body.tid is None and payments[n].body.nsu is None]
    if open_ones:
        return open_ones[0]
    return free[0] if free and told.tid is None and told.nsu is None else None


def _same_transaction(body: PaymentBody, told: PaymentNews) -> bool:
    if told.tid is not None and body.tid is not None:
        return told.tid == body.tid
    codes = {body.authorization_code, told.authorization_code} - {None}
    return told.nsu is not None and told.nsu == body.nsu and len(codes) <= 1


def _told_to(payment: Payment, told: PaymentNews) -> Payment:
    said = {field: getattr(told, field) for field in _BODY_FIELDS if getattr(told, field) is not None}
    return msgspec.structs.replace(
        payment,
        status=told.outcome,
        amount=payment.amount if told.amount is None else told.amount,
        body=msgspec.structs.replace(payment.body, **said),
    )


def _open_amount(order: Order, payments: Sequence[Payment]) -> Decimal:
    """What the approved payments leave of the total: what a payment is of that does not say its amount."""
    return max(order.total_amount - money_sum(known.amount for known in payments if known.status in GOOD), Decimal(0))


def _new(told: PaymentNews, line: int, open_amount: Decimal) -> Payment:
    said: dict[str, Any] = {field: getattr(told, field) for field in _BODY_FIELDS}
    return Payment(
        line=line,
        type=told.type if told.type is not None else PaymentType.PAYMENT_LINK,
        status=told.outcome,
        amount=told.amount if told.amount is not None else open_amount,
        body=PaymentBody(payment_id=new_id(), **said),
    )


def _paid(at: Situation, order: Order, facts: dict[str, Any]) -> Decision:
    if order.status in REQUESTS and order.resume_status in BEFORE_PAID:
        # The request stands; what it returns to is now a paid order.
        order = msgspec.structs.replace(order, resume_status=Status.PENDING_CREATE, expires_us=None)
        return _recorded(order, facts, "Pagamento aprovado / Payment approved", at)
    if order.status not in _UNPAID:
        return _recorded(order, facts, None, at)
    return _moved(at, order, Status.PENDING_CREATE, facts)


def _moved(at: Situation, order: Order, to: Status, facts: dict[str, Any]) -> Decision:
    now = msgspec.structs.replace(at, order=order)
    reason = why_not(facts_of(now), to)
    if reason is not None:  # pragma: no cover - both moves are allowed from every status before paid
        raise AssertionError(reason)
    after, steps, shifts = take_step(now, order, to)
    why = facts.get("reason")
    return Change(
        order=after,
        event="order.cancelled" if to in CANCELLED else "order.paid",
        steps=steps,
        notes=(*step_notes(steps, why), *_notes(facts)),
        shifts=shifts,
        facts=status_facts(at.order, after) | facts,
    )


def _recorded(order: Order, facts: dict[str, Any], headline: str | None, at: Situation) -> Change:
    notes = _notes(facts)
    if headline is not None:
        notes = (Note("Payment", headline, headline), *notes)
    return Change(
        order=order,
        event="order.payment_changed",
        notes=notes,
        facts=status_facts(at.order, order) | facts,
    )


def _too_late(at: Situation, news: Sequence[PaymentNews]) -> Refusal:
    amounts = ", ".join(str(told.amount) for told in news if told.amount is not None) or "not said"
    detail = f"The order was paid after its cancellation ({wire_name(at.order.status)}): nothing moves, refund it."
    error = Conflict(detail, code="paid_after_cancellation", orderId=str(at.order.order_id))
    note = Note(
        "PaidAfterCancellation",
        "Pago depois de cancelado: estornar / Paid after cancellation: refund",
        f"{detail} Amount: {amounts}; nsu: {', '.join(told.nsu for told in news if told.nsu) or 'not said'}.",
    )
    return Refusal(error, note)


def _told(payment: Payment) -> dict[str, Any]:
    return {
        "line": payment.line,
        "type": payment.type.value,
        "status": payment.status.value,
        "amount": payment.amount,
        "nsu": payment.body.nsu,
    }


def _notes(facts: dict[str, Any]) -> tuple[Note, ...]:
    return tuple(
        Note(
            "Payment",
            f"Pagamento / Payment {told['line']}: {PaymentStatus(told['status']).name.lower()}",
            f"payment {told['line']}: type {told['type']}, amount {told['amount']}, nsu {told['nsu']}",
        )
        for told in facts["payments"]
    )
