"""What a decision about an order is: a change to make, nothing to do, or a refusal that is worth a log line."""

from collections import Counter
from typing import Any

import msgspec

from balcao.base.errors import Conflict
from balcao.base.values import SellerId, SkuId
from balcao.orders.rules.lifecycle import BEFORE_PAID, Facts, allowed, landing, why_not
from balcao.orders.rules.model import Item, Order, PaymentStatus, PaymentType
from balcao.orders.rules.status import CANCELLED, Status, description_of, wire_name
from balcao.stock.rules.ledger import Cause
from balcao.tenants.rules import Caller, Channel, PaymentCover

GOOD = frozenset({PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED})
_ALIVE = GOOD | {PaymentStatus.PENDING}


class Situation(msgspec.Struct, frozen=True):
    """What a decision is made on: the locked order, its channel's settings, and who asks."""

    order: Order
    channel: Channel
    caller: Caller


class Shift(msgspec.Struct, frozen=True):
    """What a change does to the stock of one SKU, in the order's store unless another is named; differences both."""

    sku_id: SkuId
    on_hand: int
    reserved: int
    seller_id: SellerId | None = None


class Note(msgspec.Struct, frozen=True):
    """A line for the action log: its kind, what people read, and what operators read."""

    type: str
    display: str
    internal: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """All that one decision does, in one transaction: the order after it, steps, log lines, stock and one event.

    cause: what the stock's ledger says, where the move of the stock does not say it by itself.
    """

    order: Order
    event: str
    steps: tuple[Status, ...] = ()
    notes: tuple[Note, ...] = ()
    shifts: tuple[Shift, ...] = ()
    cause: Cause | None = None
    facts: dict[str, Any] = {}


class Refusal(msgspec.Struct, frozen=True):
    """A change that the state of the order refuses; `note` is kept in its action log."""

    error: Conflict
    note: Note


Decision = Change | Refusal | None
"""None: it is so already, there is nothing to do."""


def facts_of(at: Situation) -> Facts:
    """What the lifecycle asks, read off the order and its channel."""
    order, channel = at.order, at.channel
    return Facts(
        status=order.status,
        resume=order.resume_status,
        is_delivery=order.is_delivery,
        is_paid=channel.paid_on_create or covers(order, channel),
        on_pickup=pays_on_pickup(order),
        has_invoice=bool(order.invoices),
        was_separated=Status.SEPARATE in order.passed,
        was_invoiced=Status.INVOICE_CREATED in order.passed,
        invoice_optional=channel.ship_without_invoice,
        needs_consent=channel.cancel_needs_consent,
    )


def covers(order: Order, channel: Channel) -> bool:
    """Whether the approved payments cover the total, or (as the channel says) there is any."""
    good = [payment.amount for payment in order.payments if payment.status in GOOD]
    if channel.payment_cover is PaymentCover.ANY:
        return bool(good)
    return sum(good) >= order.total_amount and bool(order.payments)


def pays_on_pickup(order: Order) -> bool:
    """Whether the shopper pays in the store when collecting."""
    return not order.is_delivery and any(
        payment.type is PaymentType.CASH_ON_PICKUP and payment.status in _ALIVE for payment in order.payments
    )


def take_step(at: Situation, order: Order, to: Status) -> tuple[Order, tuple[Status, ...], tuple[Shift, ...]]:
    """The order after an allowed move, its steps, and what the move does to the stock.

    A cancellation gives everything back, what an invoice had consumed included: the goods never left the store.
    Completing an order consumes what no invoice consumed.
    """
    landed, resume = landing(facts_of(at), to)
    waits = landed in BEFORE_PAID or resume in BEFORE_PAID
    steps = (to,) if landed is to else (to, landed)
    items, shifts = order.items, tuple[Shift, ...]()
    if landed in CANCELLED:
        items, shifts = give_back(items)
    elif landed is Status.FINALIZED:
        items, shifts = consume(items, {item.line: item.reserved for item in items})
    after = msgspec.structs.replace(
        order,
        status=landed,
        resume_status=resume,
        expires_us=order.expires_us if waits else None,
        passed=order.passed | set(steps),
        items=items,
    )
    return after, steps, shifts


def give_back(items: tuple[Item, ...]) -> tuple[tuple[Item, ...], tuple[Shift, ...]]:
    """The lines holding nothing any more, and the stock that returns."""
    shifts = tuple(
        Shift(item.sku_id, item.consumed, -item.reserved) for item in items if item.consumed or item.reserved
    )
    return tuple(msgspec.structs.replace(item, reserved=0, consumed=0) for item in items), shifts


def consume(items: tuple[Item, ...], quantities: dict[int, int]) -> tuple[tuple[Item, ...], tuple[Shift, ...]]:
    """The lines after so much of each (by line number) left, at most what is reserved; and the stock's loss."""
    taken = {item.line: min(item.reserved, quantities.get(item.line, 0)) for item in items}
    after = tuple(
        msgspec.structs.replace(
            item, reserved=item.reserved - taken[item.line], consumed=item.consumed + taken[item.line]
        )
        for item in items
    )
    shifts = tuple(Shift(item.sku_id, -taken[item.line], -taken[item.line]) for item in items if taken[item.line])
    return after, shifts


def refuse(at: Situation, to: Status, reason: str | None = None) -> Refusal:
    """The refusal of a move: from, to, why, and what is allowed now."""
    facts = facts_of(at)
    why = reason or why_not(facts, to) or "it is not allowed"
    may = [wire_name(status) for status in allowed(facts)]
    detail = (
        f"The order cannot move from {wire_name(at.order.status)} ({at.order.status:d}) "
        f"to {wire_name(to)} ({to:d}): {why}. "
        f"Allowed now: {', '.join(may) or 'nothing'}."
    )
    error = Conflict(detail, code="refused_transition", orderId=str(at.order.order_id), allowed=may, reason=why)
    error.facts |= {"from": wire_name(at.order.status), "to": wire_name(to)}
    return Refusal(error, Note("Refused", f"Mudança recusada / Change refused: {description_of(to)}", detail))


def step_notes(steps: tuple[Status, ...], why: str | None) -> tuple[Note, ...]:
    """A log line for each step taken."""
    return tuple(
        Note("Status", description_of(status), f"{wire_name(status)} ({status:d})" + (f": {why}" if why else ""))
        for status in steps
    )


def status_facts(before: Order, after: Order) -> dict[str, Any]:
    """The before and after that every order event tells; `isPartial` where some items are shipped, or then the rest."""
    facts = {
        "orderId": str(after.order_id),
        "externalId": after.external_id,
        "statusBefore": wire_name(before.status),
        "status": wire_name(after.status),
    }
    was_partial, is_partial = ships_partly(before), ships_partly(after)
    return facts | ({"isPartial": is_partial} if was_partial is not is_partial else {})


def ships_partly(order: Order) -> bool:
    """Whether the order travels and its invoices cover but a part of it: the rest stayed in the store."""
    travels = order.status is Status.IN_DELIVERY and bool(order.invoices)
    return travels and any(quantity > 0 for quantity in uninvoiced(order).values())


def uninvoiced(order: Order) -> Counter[str]:
    """How many units of each SKU no invoice covers; nothing where an invoice is for all that there is."""
    left = Counter[str]()
    for item in order.items:
        left[item.sku_code] += item.quantity
    for known in order.invoices:
        if not known.body.items:
            return Counter()
        for part in known.body.items:
            left[part.sku_code] -= part.quantity
    return left
