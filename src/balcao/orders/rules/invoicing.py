"""Invoicing and shipping: invoices (contract 3.7), trackings (3.8), labels (3.9)."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from balcao.base.errors import BalcaoError, Conflict, Invalid
from balcao.base.values import money_sum
from balcao.orders.rules.change import (
    Change,
    Decision,
    Note,
    Refusal,
    Shift,
    Situation,
    consume,
    facts_of,
    refuse,
    status_facts,
    step_notes,
    take_step,
    uninvoiced,
)
from balcao.orders.rules.lifecycle import BEFORE_PAID, Facts, why_not
from balcao.orders.rules.model import Invoice, Label, Order, Tracking
from balcao.orders.rules.status import TERMINAL, Status

KEEPS_STATUS = frozenset({Status.SEPARATE, Status.INVOICE_CREATED, Status.IN_DELIVERY, Status.READY_FOR_PICKUP})
"""Where a further invoice is attached without a move, since 20 lies behind or beside."""


def invoice(
    at: Situation, new: Invoice, *, seller_order_id: str | None, key_owner: str | None
) -> Decision | BalcaoError:
    """Attach an invoice, consume the stock that it covers, and move to 20.

    The same key again changes nothing; a key on another order (`key_owner`), more than the order's total, or items that
    the order has not: refused.
    """
    order = at.order
    if any(known.access_key == new.access_key for known in order.invoices):
        return None
    if key_owner is not None:
        return _refused(at, f"The invoice {new.access_key} belongs to another order.", "invoice_key_taken")
    if at.order.status in TERMINAL or why_not_invoice(at) is not None:
        return refuse(at, Status.INVOICE_CREATED, why_not_invoice(at))
    problem = _exceeds(order, new)
    if problem is not None:
        return _refused(at, problem, "invoice_exceeds_order")
    quantities = covered(order, new)
    if isinstance(quantities, Invalid):
        return quantities
    items, shifts = consume(order.items, quantities)
    after = msgspec.structs.replace(
        order,
        invoices=(*order.invoices, new),
        items=items,
        seller_order_id=seller_order_id or order.seller_order_id,
    )
    steps: tuple[Status, ...] = ()
    now = msgspec.structs.replace(at, order=after)
    if why_not(facts_of(now), Status.INVOICE_CREATED) is None:
        after, steps, _ = take_step(now, after, Status.INVOICE_CREATED)
    told = f"NF-e {new.number}/{new.serie}"
    foreign = new.body.issuer is not None and new.body.issuer != order.seller_cnpj
    doubt = f"issued by {new.body.issuer}, the order's store is {order.seller_cnpj}"
    warnings = (Note("Warning", "Atenção / Warning: emitente / issuer", doubt),) if foreign else ()
    return Change(
        order=after,
        event="order.invoiced",
        steps=steps,
        notes=(
            *step_notes(steps, None),
            Note("Invoice", f"Nota fiscal / Invoice {told}", f"{told}, {new.access_key}"),
            *warnings,
        ),
        shifts=shifts,
        facts=status_facts(order, after) | {"invoiceKey": new.access_key, "totalAmount": new.total_amount},
    )


def why_not_invoice(at: Situation) -> str | None:
    """Why the order takes no invoice now, or None."""
    return why_no_invoice(facts_of(at))


def why_no_invoice(facts: Facts) -> str | None:
    """The same, from what the lifecycle knows of the order."""
    status = facts.status
    if status in TERMINAL:
        return "the order is closed"
    if status in BEFORE_PAID and not (facts.is_paid or facts.on_pickup):
        return "the order is not paid"
    if status in KEEPS_STATUS:
        return None
    with_invoice = msgspec.structs.replace(facts, has_invoice=True)
    return why_not(with_invoice, Status.INVOICE_CREATED)


def covered(order: Order, new: Invoice) -> dict[int, int] | Invalid:
    """How many of each line the invoice covers: what it says by SKU, or everything not yet invoiced."""
    if not new.body.items:
        return {item.line: item.quantity for item in order.items}
    asked = Counter[str]()
    for part in new.body.items:
        asked[part.sku_code] += part.quantity
    left = uninvoiced(order)
    over = {sku: quantity for sku, quantity in asked.items() if quantity > left[sku]}
    if over:
        text = "; ".join(f"{sku}: {quantity} invoiced, {left[sku]} open" for sku, quantity in over.items())
        return Invalid(errors={"items": [f"The order has not so many left to invoice: {text}."]})
    quantities: dict[int, int] = {}
    for item in order.items:
        # What an earlier invoice took from this line is not taken again: the rest comes from the SKU's other lines.
        quantities[item.line] = min(item.reserved, asked[item.sku_code])
        asked[item.sku_code] -= quantities[item.line]
    return quantities


def track(at: Situation, news: Tracking) -> Decision:
    """Take the tracking and move the order to 7.

    What is not said keeps its value; a repeat changes nothing; a delivered or cancelled order takes no other tracking.
    """
    order = at.order
    body = msgspec.structs.replace(order.body, tracking=_merged(order.body.tracking, news))
    same = body == order.body
    moves = order.status is not Status.IN_DELIVERY
    if same and not moves:
        return None
    if order.status in TERMINAL:
        return None if same else refuse(at, Status.IN_DELIVERY)
    after, steps, shifts = msgspec.structs.replace(order, body=body), tuple[Status, ...](), tuple[Shift, ...]()
    if moves:
        if why_not(facts_of(at), Status.IN_DELIVERY) is not None:
            return refuse(at, Status.IN_DELIVERY)
        after, steps, shifts = take_step(at, after, Status.IN_DELIVERY)
    return Change(
        order=after,
        event="order.tracked",
        steps=steps,
        notes=(*step_notes(steps, None), _tracking_note(after.body.tracking)),
        shifts=shifts,
        facts=status_facts(order, after) | _tracking_facts(after.body.tracking),
    )


def label(at: Situation, new: Label | None, news: Tracking, plp: str | None) -> Decision:
    """The carrier's label and tracking for an order that is invoiced (or needs none); it does not ship the order."""
    order = at.order
    facts = facts_of(at)
    if order.status in TERMINAL:
        return refuse(at, order.status, "the order is closed")
    if not (facts.has_invoice or facts.invoice_optional):
        return refuse(at, Status.IN_DELIVERY, "the order has no invoice")
    body = msgspec.structs.replace(
        order.body, tracking=_merged(order.body.tracking, news), plp=plp if plp is not None else order.body.plp
    )
    known = new is None or any(old.path == new.path for old in order.labels)
    if body == order.body and known:
        return None
    labels = order.labels
    if new is not None and not known:
        labels = (*labels, msgspec.structs.replace(new, number=len(labels) + 1))
    after = msgspec.structs.replace(order, body=body, labels=labels)
    told: dict[str, Any] = {"label": None if known or new is None else new.file_name}
    note = Note("Label", "Etiqueta e rastreio / Label and tracking", f"label {told['label']}, {news.code}")
    return Change(
        order=after,
        event="order.labelled",
        notes=(note,),
        facts=status_facts(order, after) | told | _tracking_facts(after.body.tracking),
    )


def _exceeds(order: Order, new: Invoice) -> str | None:
    invoiced = money_sum(known.total_amount or Decimal(0) for known in order.invoices)
    total = invoiced + (new.total_amount or Decimal(0))
    if total <= order.total_amount:
        return None
    return f"The order's invoices would come to {total}, more than its total of {order.total_amount}."


def _refused(at: Situation, detail: str, code: str) -> Refusal:
    error = Conflict(detail, code=code, orderId=str(at.order.order_id))
    return Refusal(error, Note("Refused", "Nota fiscal recusada / Invoice refused", detail))


def _merged(old: Tracking | None, news: Tracking) -> Tracking | None:
    said: Mapping[str, Any] = {
        field: value for field in Tracking.__struct_fields__ if (value := getattr(news, field)) is not None
    }
    return msgspec.structs.replace(old or Tracking(), **said) if said or old is not None else None


def _tracking_facts(tracking: Tracking | None) -> dict[str, Any]:
    if tracking is None:
        return {}
    return {"carrierName": tracking.carrier_name, "trackingCode": tracking.code, "trackingLink": tracking.link}


def _tracking_note(tracking: Tracking | None) -> Note:
    told = ", ".join(f"{name} {value}" for name, value in _tracking_facts(tracking).items() if value)
    return Note("Tracking", "Rastreio atualizado / Tracking updated", told or "no tracking details")
