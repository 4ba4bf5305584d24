"""What a caller may do with an order now: the `buttons` of its body."""

from functools import lru_cache

import msgspec

from balcao.orders.rules.change import Situation, facts_of
from balcao.orders.rules.invoicing import why_no_invoice
from balcao.orders.rules.lifecycle import BEFORE_PAID, Facts, allowed
from balcao.orders.rules.moving import CANCEL_STATUS, MAY_CANCEL_AS, MOVES
from balcao.orders.rules.status import CANCELLED, TERMINAL, Status, description_of, wire_name
from balcao.tenants.rules import Role

LABELS = {
    "Pay": "Aprovar pagamento / Approve payment",
    "Invoice": "Faturar / Invoice",
    "Ship": "Despachar / Ship",
    "Label": "Enviar etiqueta / Send label",
    "Cancel": "Cancelar / Cancel",
}
_PAYS = frozenset({Role.CHANNEL, Role.OPERATOR, Role.ADMIN})
_INVOICES = frozenset({Role.ERP, Role.OPERATOR, Role.ADMIN})
_LABELS = frozenset({Role.CARRIER, Role.ERP, Role.OPERATOR, Role.ADMIN})
_OWN_ROUTES = CANCELLED | {Status.PENDING_CREATE, Status.INVOICE_CREATED, Status.IN_DELIVERY, Status.PENDING_CANCEL}


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may be done: its kind, the route below the order's own address, and what people read."""

    type: str
    route: str
    label: str


def buttons(at: Situation) -> tuple[Button, ...]:
    """What this caller may do now, computed from the lifecycle: pay, invoice, ship, label, move, cancel."""
    return _offered(at.caller.role, facts_of(at))


@lru_cache(maxsize=4096)
def _offered(role: Role, facts: Facts) -> tuple[Button, ...]:
    """Remembered: whole pages of orders come to a few cases."""
    status, may = facts.status, set(allowed(facts))
    found: list[Button] = []
    if role in _PAYS and status in BEFORE_PAID and not facts.is_paid:
        found.append(_button("Pay", "payment"))
    if role in _INVOICES and why_no_invoice(facts) is None and not facts.has_invoice:
        found.append(_button("Invoice", "invoicedetails"))
    if role in _INVOICES and Status.IN_DELIVERY in may:
        found.append(_button("Ship", "trackingdetails"))
    if role in _LABELS and facts.is_delivery and status not in TERMINAL and facts.has_invoice:
        found.append(_button("Label", "trackings"))
    found += [
        Button(type=wire_name(to), route="status", label=description_of(to))
        for to in sorted(may & MOVES[role] - _OWN_ROUTES)
        if role is not Role.CARRIER or status is Status.IN_DELIVERY
    ]
    if any(CANCEL_STATUS[by] in may for by in MAY_CANCEL_AS[role]):
        found.append(_button("Cancel", "cancel"))
    return tuple(found)


def _button(kind: str, route: str) -> Button:
    return Button(type=kind, route=route, label=LABELS[kind])
