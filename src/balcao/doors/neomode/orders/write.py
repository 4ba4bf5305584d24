"""Change orders: payment, invoice, tracking, status, cancellation; each by GUID and by external id."""

from collections.abc import Sequence

from litestar import Response, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from balcao.base.errors import Forbidden, Invalid
from balcao.base.values import OrderId
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.orders import tell
from balcao.doors.neomode.orders import told as wire
from balcao.doors.neomode.orders.change import change_order, find_id, on_order
from balcao.doors.neomode.orders.understand import said
from balcao.orders.cancel import CancelOrder, cancel_orders
from balcao.orders.find import OrderRef
from balcao.orders.invoice import InvoiceOrder, invoice_orders
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.pay import PayOrder, pay_orders
from balcao.orders.rules.moving import MAY_CANCEL_AS, MOVES
from balcao.orders.rules.status import Status, parse_status, wire_name
from balcao.orders.track import TrackOrder, track_orders
from balcao.tenants.rules import Role

PAYS = roles(Role.CHANNEL, Role.OPERATOR, Role.ADMIN)
INVOICES = roles(Role.ERP, Role.OPERATOR, Role.ADMIN)
MOVERS = roles(Role.CARRIER, Role.ERP, Role.OPERATOR, Role.ADMIN)
CANCELLERS = roles(Role.CHANNEL, Role.ERP, Role.OPERATOR, Role.ADMIN)
INVOICE_BYTES_MAX = 8 * 1024 * 1024


@on_order(put, "payment", "pay", opt=PAYS)
async def pay(door: Door, ref: NamedDependency[OrderRef], data: JSONBody[wire.PaymentsTold]) -> Response[None]:
    """Approve payments. The order moves to `PendingCreate` (2) once they cover it; a repeat changes nothing."""
    payments = tell.read_payments(data)

    def command(order_id: OrderId) -> PayOrder:
        return PayOrder(caller=door.caller, order_id=order_id, payments=payments)

    return await change_order(door, ref, pay_orders, command)


@on_order(put, "invoicedetails", "invoice", opt=INVOICES, request_max_body_size=INVOICE_BYTES_MAX)
async def invoice(door: Door, ref: NamedDependency[OrderRef], data: JSONBody[wire.InvoiceDetails]) -> Response[None]:
    """Attach an invoice (NF-e), with its XML or only its facts; the order moves to `InvoiceCreated` (20).

    With the XML a DANFE is made, and the invoice's addresses are this server's.
    """
    read = tell.read_invoice(data)
    attached = await tell.store_invoice_files(door.files, door.tenant, await find_id(door, ref), read)
    number = said(data.seller_order_id)

    def command(order_id: OrderId) -> InvoiceOrder:
        return InvoiceOrder(caller=door.caller, order_id=order_id, invoice=attached, seller_order_id=number)

    return await change_order(door, ref, invoice_orders, command)


@on_order(put, "trackingdetails", "track", opt=INVOICES)
async def track(door: Door, ref: NamedDependency[OrderRef], data: JSONBody[wire.TrackingTold]) -> Response[None]:
    """Ship the order with its delivery information; it moves to `InDelivery` (7)."""
    tracking = tell.read_tracking(data)

    def command(order_id: OrderId) -> TrackOrder:
        return TrackOrder(caller=door.caller, order_id=order_id, tracking=tracking)

    return await change_order(door, ref, track_orders, command)


@on_order(put, "status", "move", opt=MOVERS)
async def move(door: Door, ref: NamedDependency[OrderRef], data: JSONBody[wire.StatusTold]) -> Response[None]:
    """Move the order to a status, by id or name. A refused move answers 409 with what is allowed now."""
    to = _status(door, data)

    def command(order_id: OrderId) -> MoveOrder:
        return MoveOrder(
            caller=door.caller,
            order_id=order_id,
            to=to,
            message=data.message,
            seller_order_id=said(data.seller_order_id),
        )

    return await change_order(door, ref, move_orders, command)


@on_order(post, "cancel", "cancel", opt=CANCELLERS)
async def cancel(door: Door, ref: NamedDependency[OrderRef], data: JSONBody[wire.CancelTold]) -> Response[None]:
    """Cancel the order and give its stock back, or ask for the store's consent where the channel wants it."""
    may = MAY_CANCEL_AS[door.caller.role]
    by = data.by or may[0]
    if by not in may:
        raise Forbidden(f"A credential of role {door.caller.role} cancels as {', '.join(may)}.", code="wrong_role")

    def command(order_id: OrderId) -> CancelOrder:
        return CancelOrder(caller=door.caller, order_id=order_id, by=by, reason=data.reason)

    return await change_order(door, ref, cancel_orders, command)


def _status(door: Door, sent: wire.StatusTold) -> Status:
    to = parse_status(str(sent.status))
    if to is None:
        names = ", ".join(f"{status:d} {wire_name(status)}" for status in Status)
        raise Invalid(errors={"status": [f"must be one of {names}"]})
    if to not in MOVES[door.caller.role]:
        raise Forbidden(
            f"A credential of role {door.caller.role} may not move an order to {wire_name(to)}.", code="wrong_role"
        )
    return to


routes: Sequence[HTTPRouteHandler] = (*pay, *invoice, *track, *move, *cancel)
