"""Moving an order along its lifecycle, cancelling it, and letting it expire."""

from enum import StrEnum

import msgspec

from balcao.orders.rules.change import (
    Change,
    Decision,
    Note,
    Situation,
    facts_of,
    pays_on_pickup,
    refuse,
    status_facts,
    step_notes,
    take_step,
)
from balcao.orders.rules.lifecycle import BEFORE_PAID, why_not
from balcao.orders.rules.model import Order
from balcao.orders.rules.status import CANCELLED, Status
from balcao.tenants.rules import Role


class CancelledBy(StrEnum):
    """Whose wish a cancellation is: `by` in the request."""

    SELLER = "seller"
    BUYER = "buyer"
    ADMIN = "admin"
    PROCESSOR = "processor"


CANCEL_STATUS = {
    CancelledBy.SELLER: Status.CANCELED_BY_SELLER,
    CancelledBy.BUYER: Status.CANCELED_BY_BUYER,
    CancelledBy.ADMIN: Status.CANCELED_BY_ADMIN,
    CancelledBy.PROCESSOR: Status.CANCELED_BY_PROCESSOR,
}

MAY_CANCEL_AS: dict[Role, tuple[CancelledBy, ...]] = {
    Role.CHANNEL: (CancelledBy.BUYER, CancelledBy.PROCESSOR),
    Role.ERP: (CancelledBy.SELLER, CancelledBy.BUYER, CancelledBy.PROCESSOR),
    Role.OPERATOR: (CancelledBy.SELLER, CancelledBy.BUYER, CancelledBy.ADMIN, CancelledBy.PROCESSOR),
    Role.ADMIN: (CancelledBy.ADMIN, CancelledBy.SELLER, CancelledBy.BUYER, CancelledBy.PROCESSOR),
    Role.CARRIER: (),
}
"""In whose name each role may cancel; the first is what a request without `by` means."""

MOVES: dict[Role, frozenset[Status]] = {
    Role.CHANNEL: frozenset(),
    Role.CARRIER: frozenset({Status.FINALIZED}),
    Role.ERP: frozenset(Status) - {Status.CANCELED_BY_ADMIN},
    Role.OPERATOR: frozenset(Status),
    Role.ADMIN: frozenset(Status),
}
"""To which statuses each role may move an order by name."""


def move(at: Situation, to: Status, *, message: str | None, seller_order_id: str | None) -> Decision:
    """Move to a status by name. A repeat of where the order already is changes nothing; a refusal says what may come.

    A carrier only reports the delivery of what it carries: 7 → 9.
    """
    order = at.order
    if seller_order_id is not None and seller_order_id != order.seller_order_id:
        order = msgspec.structs.replace(order, seller_order_id=seller_order_id)
    if to is order.status:
        return None if order is at.order else _renamed(at, order)
    if at.caller.role is Role.CARRIER and at.order.status is not Status.IN_DELIVERY:
        return refuse(at, to, "a carrier finishes only what it is carrying")
    if why_not(facts_of(at), to) is not None:
        return refuse(at, to)
    after, steps, shifts = take_step(at, order, to)
    return Change(
        order=after,
        event="order.cancelled" if after.status in CANCELLED else "order.moved",
        steps=steps,
        notes=step_notes(steps, message),
        shifts=shifts,
        facts=status_facts(at.order, after) | ({"message": message} if message else {}),
    )


def cancel(at: Situation, by: CancelledBy, reason: str) -> Decision:
    """Cancel, or ask for the point of sale's consent where the channel wants it and the order is already paid.

    The shopper and automated processes ask; the store and the administrator decide.
    """
    asks = by in {CancelledBy.BUYER, CancelledBy.PROCESSOR} and at.channel.cancel_needs_consent
    wish = Status.PENDING_CANCEL if asks and at.order.status not in BEFORE_PAID else CANCEL_STATUS[by]
    if at.order.status in CANCELLED:
        return None if at.order.status is CANCEL_STATUS[by] else refuse(at, wish)
    decision = move(at, wish, message=reason, seller_order_id=None)
    if isinstance(decision, Change):
        return msgspec.structs.replace(decision, facts=decision.facts | {"by": by.value, "reason": reason})
    return decision


def expire(at: Situation, now_us: int) -> Decision:
    """Let an unpaid order go whose time is up: cancelled by the process, whatever the channel says of consent."""
    order = at.order
    due = order.expires_us is not None and order.expires_us <= now_us
    if order.status is not Status.PENDING or not due or pays_on_pickup(order):
        return None
    after, steps, shifts = take_step(at, order, Status.CANCELED_BY_PROCESSOR)
    why = "not paid in time"
    return Change(
        order=after,
        event="order.expired",
        steps=steps,
        notes=step_notes(steps, why),
        shifts=shifts,
        facts=status_facts(order, after) | {"reason": why},
    )


def _renamed(at: Situation, order: Order) -> Change:
    note = Note(
        "SellerOrderId",
        f"Pedido da loja / Store's order: {order.seller_order_id}",
        f"sellerOrderId {at.order.seller_order_id!r} → {order.seller_order_id!r}",
    )
    facts = status_facts(at.order, order) | {"sellerOrderId": order.seller_order_id}
    return Change(order=order, event="order.renamed", notes=(note,), facts=facts)
