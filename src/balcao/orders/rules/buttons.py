"""What a caller may do with an order now: the `buttons` of its body."""

import msgspec

from balcao.orders.rules.change import Situation, facts_of
from balcao.orders.rules.invoicing import why_not_invoice
from balcao.orders.rules.lifecycle import BEFORE_PAID, allowed
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


def buttons(at: Situation) -> list[Button]:
    """What this caller may do now, computed from the lifecycle: pay, invoice, ship, label, move, cancel."""
    role, may = at.caller.role, set(allowed(facts_of(at)))
    found: list[Button] = []
    if role in _PAYS and at.order.status in BEFORE_PAID and not facts_of(at).is_paid:
        found.append(_button("Pay", "payment"))
    if role in _INVOICES and why_not_invoice(at) is None and not at.order.invoices:
        found.append(_button("Invoice", "invoicedetails"))
    if role in _INVOICES and Status.IN_DELIVERY in may:
        found.append(_button("Ship", "trackingdetails"))
    if role in _LABELS and at.order.is_delivery and at.order.status not in TERMINAL and at.order.invoices:
        found.append(_button("Label", "trackings"))
    found += [
        Button(type=wire_name(to), route="status", label=description_of(to))
        for to in sorted(may & MOVES[role] - _OWN_ROUTES)
        if role is not Role.CARRIER or at.order.status is Status.IN_DELIVERY
    ]
    if any(CANCEL_STATUS[by] in may for by in MAY_CANCEL_AS[role]):
        found.append(_button("Cancel", "cancel"))
    return found


def _button(kind: str, route: str) -> Button:
    return Button(type=kind, route=route, label=LABELS[kind])
