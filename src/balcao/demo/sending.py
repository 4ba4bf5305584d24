"""What happens to a parcel: its carrier labels it, the store dispatches it, the carrier delivers it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from balcao.demo.answers import Order, OrderPage
from balcao.demo.bodies import tracking_body
from balcao.demo.client import ORDERS
from balcao.demo.desk import Change, Desk, change
from balcao.demo.failure import need
from balcao.demo.label import label_file, pdf_label, tracking_code, zpl_label
from balcao.demo.selling import INVOICED

SHIPPED = 7
DELIVERED = 9
Draw = Callable[[Order, str], bytes]
KINDS: dict[Draw, tuple[str, str]] = {
    pdf_label: ("etiqueta.pdf", "application/pdf"),
    zpl_label: ("etiqueta.zpl", "application/zpl"),
}


async def attach_label(desk: Desk, order: Order, draw: Draw) -> Order:
    """The invoiced order with the label and tracking of its carrier, who finds it among its own."""
    carrier = await desk.parties.carrier(order.freight.reference)
    listed = await carrier.call("GET", ORDERS, query={"status": "InvoiceCreated"})
    waiting = [line.id for line in listed.into(OrderPage).orders]
    need(order.id in waiting, f"{carrier.party}: the invoiced order {order.friendly_code} is not among its orders.")
    desk.report.step(listed, f"{len(waiting)} para coletar / to collect")
    code = tracking_code(order.freight.reference, desk.invoice_number(order))
    name, content_type = KINDS[draw]
    label = label_file(name, content_type, draw(order, code))
    body = _tracking(desk, order, code) | {"plp": f"PLP-{order.friendly_code}", "label": label}
    told = "etiqueta e rastreio guardados / label and tracking kept"
    wanted = Change("PUT", "trackings", body, f"{name}, {code}", leads_to=INVOICED, told=told)
    after = await change(desk, carrier, order, wanted)
    need([label.file_name for label in after.labels] == [name], f"The order does not show its label {name}.")
    return after


async def dispatch(desk: Desk, order: Order) -> Order:
    """The order on its way, dispatched by the store's staff with the label in hand."""
    operator = await desk.parties.operator()
    code = order.tracking.tracking_code if order.tracking and order.tracking.tracking_code else ""
    body = _tracking(desk, order, code)
    sent = f"{code}, {body['deliveryDate']}"
    return await change(desk, operator, order, Change("PUT", "trackingdetails", body, sent, SHIPPED))


async def deliver(desk: Desk, order: Order) -> Order:
    """The order in the shopper's hands, as its carrier reports."""
    carrier = await desk.parties.carrier(order.freight.reference)
    body = {"status": DELIVERED, "message": "entregue ao destinatário"}
    return await change(desk, carrier, order, Change("PUT", "status", body, "Finalized", DELIVERED))


def _tracking(desk: Desk, order: Order, code: str) -> dict[str, Any]:
    due = desk.started_at + timedelta(days=order.freight.delivery_time)
    return tracking_body(desk.sample.carrier(order.freight.reference), code, due)
