"""What may be done with an order: each a form that is sent here, each answered on the order's page."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from litestar import Response, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.errors import BalcaoError, Forbidden, Invalid, TooLarge
from balcao.base.gather import Verb
from balcao.base.values import OrderId
from balcao.doors.console.headers import STAFF
from balcao.doors.console.visit import View, Visit
from balcao.doors.neomode.orders import tell
from balcao.doors.neomode.orders import told as wire
from balcao.doors.neomode.orders.tell import LABEL_BYTES_MAX, SentLabel
from balcao.fiscal.nfe import XML_BYTES_MAX
from balcao.orders.cancel import CancelOrder, cancel_orders
from balcao.orders.change import Outcome
from balcao.orders.find import By, OrderRef, see_order
from balcao.orders.hand_over import HandOver, hand_over_orders
from balcao.orders.invoice import InvoiceOrder, invoice_orders
from balcao.orders.label import LabelOrder, label_orders
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.pay import PayOrder, pay_orders
from balcao.orders.reveal import reveal_buyers
from balcao.orders.rules.moving import MAY_CANCEL_AS, CancelledBy
from balcao.orders.rules.paying import PaymentNews
from balcao.orders.rules.status import parse_status
from balcao.orders.track import TrackOrder, track_orders

C = TypeVar("C")
UPLOAD_MAX: Final = 8 * 1024 * 1024
BASE: Final = "/orders/{order_id:uuid}"


def page_of(order_id: UUID) -> str:
    """The order's page."""
    return f"/console/orders/{order_id}"


@post(f"{BASE}/pay", opt=STAFF)
async def pay(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """Approve what is not yet paid, by the number that the acquirer gave."""
    nsu = await visit.field("nsu", length_max=100)
    if not nsu:
        raise Invalid(errors={"NSU": [visit.t("é obrigatório", "is required")]})
    cmd = PayOrder(caller=visit.caller, order_id=OrderId(order_id), payments=(PaymentNews(nsu=nsu),))
    await give(visit, pay_orders, cmd)
    return visit.done(page_of(order_id), visit.t("Pagamento aprovado.", "Payment approved."))


@post(f"{BASE}/move", opt=STAFF)
async def move(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """Move to a status that may come now."""
    to = parse_status(await visit.field("to", length_max=40))
    if to is None:
        raise Invalid(errors={"status": ["?"]})
    message = await visit.field("message", length_max=500) or None
    cmd = MoveOrder(caller=visit.caller, order_id=OrderId(order_id), to=to, message=message)
    await give(visit, move_orders, cmd)
    words = visit.words.status(to)
    return visit.done(page_of(order_id), visit.t(f"O pedido está em «{words}».", f"The order is in “{words}”."))


@post(f"{BASE}/cancel", opt=STAFF)
async def cancel(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """Cancel, in somebody's name and for a reason; the stock comes back."""
    by, reason = await visit.field("by", length_max=20), await visit.field("reason", length_max=500)
    if by not in tuple(CancelledBy) or CancelledBy(by) not in MAY_CANCEL_AS[visit.caller.role]:
        raise Forbidden("Not in that name.")
    if not reason:
        raise Invalid(errors={visit.t("motivo", "reason"): [visit.t("é obrigatório", "is required")]})
    cmd = CancelOrder(caller=visit.caller, order_id=OrderId(order_id), by=CancelledBy(by), reason=reason)
    after = await give(visit, cancel_orders, cmd)
    status = visit.words.status(after.status)
    return visit.done(page_of(order_id), visit.t(f"O pedido está em «{status}».", f"The order is in “{status}”."))


@post(f"{BASE}/invoice", opt=STAFF, request_max_body_size=UPLOAD_MAX)
async def invoice(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """Attach the NF-e's XML: it is read and verified, and the DANFE is made from it."""
    await _see(visit, order_id)
    _, content = await upload(visit, "xml", XML_BYTES_MAX)
    if not content:
        raise Invalid(errors={"XML": [visit.t("escolha o arquivo", "choose the file")]})
    told = wire.InvoiceDetails(xml_string=b64encode(content).decode())
    attached = await tell.store_invoice_files(
        visit.house.files, visit.tenant, OrderId(order_id), tell.read_invoice(told)
    )
    cmd = InvoiceOrder(caller=visit.caller, order_id=OrderId(order_id), invoice=attached, seller_order_id=None)
    await give(visit, invoice_orders, cmd)
    number = attached.number
    return visit.done(page_of(order_id), visit.t(f"Nota fiscal {number} anexada.", f"Invoice {number} attached."))


@post(f"{BASE}/label", opt=STAFF, request_max_body_size=UPLOAD_MAX)
async def label(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """Attach the carrier's label: PDF, PNG or ZPL."""
    await _see(visit, order_id)
    name, content = await upload(visit, "label", LABEL_BYTES_MAX)
    if not content:
        raise Invalid(errors={visit.t("etiqueta", "label"): [visit.t("escolha o arquivo", "choose the file")]})
    stored = await tell.store_label(visit.house.files, visit.tenant, OrderId(order_id), SentLabel(name, content))
    told = wire.TrackingTold(tracking_code=await visit.field("code", length_max=100) or None)
    cmd = LabelOrder(caller=visit.caller, order_id=OrderId(order_id), label=stored, tracking=tell.read_tracking(told))
    await give(visit, label_orders, cmd)
    return visit.done(page_of(order_id), visit.t("Etiqueta anexada.", "Label attached."))


@post(f"{BASE}/ship", opt=STAFF)
async def ship(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """Dispatch with the carrier's tracking."""
    told = wire.TrackingTold(
        carrier_name=await visit.field("carrier", length_max=100) or None,
        tracking_code=await visit.field("code", length_max=100) or None,
        tracking_link=await visit.field("link", length_max=2000) or None,
        delivery_date=await visit.field("date", length_max=40) or None,
    )
    cmd = TrackOrder(caller=visit.caller, order_id=OrderId(order_id), tracking=tell.read_tracking(told))
    await give(visit, track_orders, cmd)
    return visit.done(page_of(order_id), visit.t("Despachado.", "Dispatched."))


@post(f"{BASE}/hand-over", opt=STAFF)
async def hand_over(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """Hand it over the counter, against the friendly code and the document of who collects it."""
    cmd = HandOver(
        caller=visit.caller,
        order_id=OrderId(order_id),
        code=await visit.field("code", length_max=40),
        document=await visit.field("document", length_max=40),
    )
    await give(visit, hand_over_orders, cmd)
    return visit.done(page_of(order_id), visit.t("Entregue ao cliente.", "Handed over to the shopper."))


@post(f"{BASE}/reveal", opt=STAFF)
async def reveal(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """Show the buyer's data for a quarter of an hour; that it was asked for stands in the order's log."""
    await visit.db.run(lambda tx: reveal_buyers(tx, visit.tenant, [(visit.caller, OrderId(order_id))], visit.now))
    return visit.go(page_of(order_id))


async def give(visit: Visit, verb: Verb[C, Outcome], cmd: C) -> Any:
    """What the verb makes of the command; a refusal is raised after its log line is committed."""
    outcome = await visit.house.gatherer.submit(verb, visit.tenant, cmd)
    if isinstance(outcome, BalcaoError):
        raise outcome
    return outcome


async def upload(visit: Visit, name: str, bytes_max: int) -> tuple[str, bytes]:
    """A file that was sent, by its name and content; nothing when none was. Raises TooLarge."""
    sent = (await visit.form()).get(name)
    if not isinstance(sent, UploadFile):
        return "", b""
    content = await sent.read(bytes_max + 1)
    if len(content) > bytes_max:
        raise TooLarge("The file is too large.")
    return sent.filename or "", content


async def _see(visit: Visit, order_id: UUID) -> None:
    """Raise NotFound for an order that the user may not see, before anything is stored for it."""
    async with visit.db.read() as tx:
        await see_order(tx, visit.caller, OrderRef(by=By.ID, value=str(order_id)))


routes: Sequence[HTTPRouteHandler] = (pay, move, cancel, invoice, label, ship, hand_over, reveal)
