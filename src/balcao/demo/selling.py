"""What a store's ERP does: fetch the paid orders, confirm, separate and invoice them."""

import base64
from datetime import timedelta

from balcao.demo.answers import Order
from balcao.demo.client import COMMERCE, Client
from balcao.demo.desk import Change, Desk, change
from balcao.demo.failure import StepFailed, need
from balcao.demo.note import note_of
from balcao.demo.report import brl
from balcao.fiscal.sample import make_sample_nfe

APPROVED = 4
SEPARATED = 6
INVOICED = 20


async def sell(desk: Desk, order: Order) -> Order:
    """The paid order, confirmed, separated and invoiced by its own store."""
    erp = await desk.parties.store(desk.sample.store(order.seller.cnpj))
    order = await _fetch(desk, erp, order)
    number = f"{order.seller.point_sale_id}-{desk.invoice_number(order)}"
    body = {"status": APPROVED, "sellerOrderId": number}
    order = await change(desk, erp, order, Change("PUT", "status", body, f"{APPROVED}, pedido {number}", APPROVED))
    body = {"status": "Separate", "message": "separado no estoque da loja"}
    order = await change(desk, erp, order, Change("PUT", "status", body, "Separate", SEPARATED))
    return await _invoice(desk, erp, order, number)


async def _fetch(desk: Desk, erp: Client, order: Order) -> Order:
    """Poll as an ERP does: by the newest `lastUpdate` it has seen, until there is nothing newer."""
    path, query = f"{COMMERCE}/sellers/{order.seller.cnpj}/orders", {"status": "2"}
    answer = await erp.call("GET", path, query=query)
    while found := answer.into(list[Order]):
        for one in found:
            if one.id == order.id:
                desk.report.step(answer, f"{order.friendly_code} · {one.status_words}")
                return one
        answer = await erp.call("GET", path, query=query | {"lastUpdateSince": found[-1].last_update})
    raise StepFailed(f"{erp.party}: the paid order {order.friendly_code} is not in {path}.")


async def _invoice(desk: Desk, erp: Client, order: Order, seller_order_id: str) -> Order:
    note = note_of(order, number=desk.invoice_number(order), issued_at=desk.started_at - timedelta(minutes=1))
    invoice = {
        "key": note.access_key,
        "number": str(note.number),
        "serieNumber": str(note.serie),
        "totalAmount": note.total,
        "xmlString": base64.b64encode(make_sample_nfe(note)).decode(),
    }
    body = {"invoice": invoice, "sellerOrderId": seller_order_id, "seller": order.seller.cnpj}
    sent = f"NF-e {note.number}, XML, {brl(note.total)}"
    order = await change(desk, erp, order, Change("PUT", "invoicedetails", body, sent, INVOICED))
    need(order.invoice is not None and order.invoice.key == note.access_key, "The order does not show its NF-e.")
    return order
