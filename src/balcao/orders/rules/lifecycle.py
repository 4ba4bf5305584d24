"""The order's lifecycle as data: which status may follow which, and under what conditions.

Money path: 1 → 2 on payment. Store path: 2 → (3) → 4 → (5) → 20 and 6 in either order → 7 or 8 → 9.
Pre-orders: 14 → 15 → 2. Forward jumps are allowed, steps back never; nothing leaves a terminal status.
16, 18 and 19 are passed through: the order takes the step and resumes the status that it had before the request.
"""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from balcao.orders.rules.status import CANCELLED, TERMINAL, Status, wire_name

S = Status
_STOP = CANCELLED | {S.PENDING_CANCEL}
_INTERRUPT = _STOP | {S.PENDING_UPDATE}
_END = frozenset({S.IN_DELIVERY, S.READY_FOR_PICKUP, S.FINALIZED})
_PACK = frozenset({S.SEPARATE, S.INVOICE_CREATED})
_PROCESS = _PACK | _END | {S.PROCESSING}
_APPROVE = _PROCESS | {S.APPROVED_EXTERNAL}
_ASK = _APPROVE | {S.PENDING_APPROVAL}
_PAID = _ASK | {S.PENDING_CREATE}
_PRE_CREATED = _PAID | {S.PRE_ORDER_CREATED}
_UNPAID = _PRE_CREATED | {S.PENDING_CREATE_PRE_ORDER}

RESUMABLE = frozenset(
    {
        S.NONE,
        S.PENDING,
        S.PENDING_CREATE_PRE_ORDER,
        S.PRE_ORDER_CREATED,
        S.PENDING_CREATE,
        S.PENDING_APPROVAL,
        S.APPROVED_EXTERNAL,
        S.PROCESSING,
        S.SEPARATE,
        S.INVOICE_CREATED,
        S.READY_FOR_PICKUP,
    }
)
"""Where an order can be when a cancellation or an update is asked for, and so return to."""

NEXT: Mapping[Status, frozenset[Status]] = {
    S.NONE: _UNPAID | _INTERRUPT | {S.PENDING},
    S.PENDING: _UNPAID | _INTERRUPT,
    S.PENDING_CREATE_PRE_ORDER: _PRE_CREATED | _INTERRUPT,
    S.PRE_ORDER_CREATED: _PAID | _INTERRUPT,
    S.PENDING_CREATE: _ASK | _INTERRUPT,
    S.PENDING_APPROVAL: _APPROVE | _INTERRUPT,
    S.APPROVED_EXTERNAL: _PROCESS | _INTERRUPT,
    S.PROCESSING: _PACK | _END | _INTERRUPT,
    S.SEPARATE: _END | _INTERRUPT | {S.INVOICE_CREATED},
    S.INVOICE_CREATED: _END | _INTERRUPT | {S.SEPARATE},
    S.IN_DELIVERY: frozenset({S.FINALIZED}),
    S.READY_FOR_PICKUP: frozenset({S.FINALIZED}) | _STOP,
    S.FINALIZED: frozenset(),
    S.CANCELED_BY_SELLER: frozenset(),
    S.CANCELED_BY_BUYER: frozenset(),
    S.CANCELED_BY_ADMIN: frozenset(),
    S.CANCELED_BY_PROCESSOR: frozenset(),
    S.PENDING_CANCEL: frozenset({S.CANCELED_BY_SELLER, S.CANCELED_BY_BUYER, S.CANCELED_BY_ADMIN, S.ERROR_CANCEL}),
    S.ERROR_CANCEL: RESUMABLE,
    S.PENDING_UPDATE: frozenset({S.UPDATED, S.ERROR_UPDATE}) | _STOP,
    S.UPDATED: RESUMABLE,
    S.ERROR_UPDATE: RESUMABLE,
}
"""Every pair of statuses: what may follow what, before the conditions of `why_not`."""

BEFORE_PAID = frozenset({S.NONE, S.PENDING, S.PENDING_CREATE_PRE_ORDER, S.PRE_ORDER_CREATED})
PASSED_THROUGH = frozenset({S.ERROR_CANCEL, S.UPDATED, S.ERROR_UPDATE})
REQUESTS = frozenset({S.PENDING_CANCEL, S.PENDING_UPDATE})


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the lifecycle asks of an order.

    resume: the status that a request interrupted; was_separated and was_invoiced: whether it has been in 6 and in 20;
    on_pickup: the shopper pays in the store; invoice_optional and needs_consent: the channel's settings.
    """

    status: Status
    resume: Status | None
    is_delivery: bool
    is_paid: bool
    on_pickup: bool
    has_invoice: bool
    was_separated: bool
    was_invoiced: bool
    invoice_optional: bool
    needs_consent: bool


def why_not(facts: Facts, to: Status) -> str | None:
    """The reason that refuses the move, as a sentence, or None when it is allowed."""
    if facts.status in TERMINAL:
        return f"{wire_name(facts.status)} is final"
    if to not in NEXT[facts.status]:
        return f"{wire_name(to)} does not follow {wire_name(facts.status)}"
    if facts.status in PASSED_THROUGH:
        return None if to is facts.resume else "the order resumes the status it had before the request"
    return _unpaid(facts, to) or _wrong_way(facts, to) or _no_invoice(facts, to) or _no_consent(facts, to)


@lru_cache(maxsize=4096)
def allowed(facts: Facts) -> tuple[Status, ...]:
    """What may come now, in the order of the ids; remembered, since pages of orders ask for few cases."""
    return tuple(to for to in Status if why_not(facts, to) is None)


def landing(facts: Facts, to: Status) -> tuple[Status, Status | None]:
    """Where an allowed move ends: the status, and the one to resume later.

    A request keeps the status that it interrupts (that of a request it replaces included); its answer 16, 18 or 19
    returns there.
    """
    if to in REQUESTS:
        return to, facts.resume if facts.status in REQUESTS else facts.status
    if to in PASSED_THROUGH:
        return facts.resume if facts.resume is not None else to, None
    return to, None


def _unpaid(facts: Facts, to: Status) -> str | None:
    if facts.status in BEFORE_PAID and to in _PAID and not (facts.is_paid or facts.on_pickup):
        return "the order is not paid"
    return None


def _wrong_way(facts: Facts, to: Status) -> str | None:
    if to is S.IN_DELIVERY and not facts.is_delivery:
        return "the order is collected in the store"
    if to is S.READY_FOR_PICKUP and facts.is_delivery:
        return "the order is delivered"
    if (to is S.SEPARATE and facts.was_separated) or (to is S.INVOICE_CREATED and facts.was_invoiced):
        return f"{wire_name(to)} lies behind it"
    return None


def _no_invoice(facts: Facts, to: Status) -> str | None:
    if facts.has_invoice or facts.invoice_optional:
        return None
    if to in {S.IN_DELIVERY, S.INVOICE_CREATED} or (to is S.FINALIZED and facts.is_delivery):
        return "the order has no invoice"
    return None


def _no_consent(facts: Facts, to: Status) -> str | None:
    if to is S.PENDING_CANCEL and not facts.needs_consent:
        return "the channel cancels at once, without asking for consent"
    return None
