"""Read one order by any of its numbers, and its invoices."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from balcao.base.errors import BalcaoError, NotFound
from balcao.base.now import now_us
from balcao.doors.door import Door
from balcao.doors.express import Answer, Asked, Lane, Work
from balcao.doors.guard import roles
from balcao.doors.house import House
from balcao.doors.neomode.orders.body import InvoiceBody, OrderBody
from balcao.doors.neomode.orders.change import BY_EXTERNAL_ID, BY_ID, EXTERNAL, ID, ROOT, TAGS
from balcao.doors.neomode.orders.links import Links
from balcao.doors.neomode.orders.show import show_invoice, show_order
from balcao.doors.problems import problem_responses
from balcao.doors.wire import Wire, WireResponse, to_json
from balcao.orders.find import AskOrder, By, OrderRef, get_order, guid_of
from balcao.orders.rules.whole import Whole
from balcao.tenants.rules import Role

READING: dict[str, Any] = {
    "opt": roles(*Role),
    "tags": TAGS,
    "responses": problem_responses(401, 403, 404, 409, 503),
}
OTHER_EXTERNAL = "/management/commerce/externalId/orders/{external_id:str}"


class OrderInvoices(Wire, kw_only=True):
    """The order's invoices, oldest first."""

    order_id: str
    external_id: str
    invoices: list[InvoiceBody]


@get(ID, operation_id="getOrder", dependencies=BY_ID, **READING)
async def get_by_id(door: Door, ref: NamedDependency[OrderRef]) -> WireResponse[OrderBody]:
    """One order by its GUID, or by the channel's external id when that is no GUID."""
    return await _show(door, ref)


@get(EXTERNAL, operation_id="getExternalOrder", dependencies=BY_EXTERNAL_ID, **READING)
async def get_by_external_id(door: Door, ref: NamedDependency[OrderRef]) -> WireResponse[OrderBody]:
    """One order by the channel's external id."""
    return await _show(door, ref)


@get(OTHER_EXTERNAL, operation_id="getOrderByExternalId", dependencies=BY_EXTERNAL_ID, **READING)
async def get_by_external_id_first(door: Door, ref: NamedDependency[OrderRef]) -> WireResponse[OrderBody]:
    """One order by the channel's external id, at the address that the reference documents first."""
    return await _show(door, ref)


@get(f"{ROOT}/orderNumber/{{number:str}}", operation_id="getOrderByNumber", **READING)
async def get_by_number(
    door: Door, number: FromPath[str], channel: FromQuery[str | None] = None
) -> WireResponse[OrderBody]:
    """One order by the channel's external id or the friendly code."""
    return await _show(door, OrderRef(by=By.NUMBER, value=number, channel=channel))


@get(f"{ROOT}/sellerOrderId/{{number:str}}", operation_id="getOrderBySellerOrderId", **READING)
async def get_by_seller_order_id(
    door: Door, number: FromPath[str], channel: FromQuery[str | None] = None
) -> WireResponse[OrderBody]:
    """One order by the number that its store gave it."""
    return await _show(door, OrderRef(by=By.SELLER_ORDER_ID, value=number, channel=channel))


@get(f"{ID}/invoicedetails", operation_id="getOrderInvoices", dependencies=BY_ID, **READING)
async def get_invoices_by_id(door: Door, ref: NamedDependency[OrderRef]) -> WireResponse[OrderInvoices]:
    """The order's invoices; 404 until there is one."""
    return await _invoices(door, ref)


@get(f"{EXTERNAL}/invoicedetails", operation_id="getExternalOrderInvoices", dependencies=BY_EXTERNAL_ID, **READING)
async def get_invoices_by_external_id(door: Door, ref: NamedDependency[OrderRef]) -> WireResponse[OrderInvoices]:
    """The order's invoices, by the channel's external id; 404 until there is one."""
    return await _invoices(door, ref)


async def _show(door: Door, ref: OrderRef) -> WireResponse[OrderBody]:
    return WireResponse(show_order(await _get(door, ref), door.caller, Links.of(door)))


async def _invoices(door: Door, ref: OrderRef) -> WireResponse[OrderInvoices]:
    order = (await _get(door, ref)).order
    if not order.invoices:
        raise NotFound(f"Order {order.external_id!r} has no invoice yet.", code="no_invoice")
    links = Links.of(door)
    invoices = [show_invoice(order, invoice, links) for invoice in order.invoices]
    return WireResponse(OrderInvoices(order_id=str(order.order_id), external_id=order.external_id, invoices=invoices))


async def _get(door: Door, ref: OrderRef) -> Whole:
    """By GUID together with others who ask meanwhile; by another number alone."""
    if guid_of(ref) is None:
        async with door.db.read() as tx:
            return await get_order(tx, door.caller, ref)
    answer = await door.house.order_reads.ask(door.tenant, AskOrder(door.caller, ref))
    if isinstance(answer, NotFound):
        raise answer
    return answer


def _read(asked: Asked) -> Work:
    """The express lane of `get_by_id`: by GUID."""
    caller, ref = asked.caller, OrderRef(by=By.ID, value=asked.params[0])
    if guid_of(ref) is None:
        raise NotFound("An external id is looked up by the route.")

    async def work(house: House) -> Answer | BalcaoError:
        found = await house.order_reads.ask(caller.tenant, AskOrder(caller, ref))
        if isinstance(found, NotFound):
            return found
        return Answer(200, to_json(show_order(found, caller, Links(asked.base, house.settings, now_us()))), [])

    return work


lanes: Mapping[tuple[str, str], Lane] = {("GET", ID): Lane(frozenset(Role), ID.replace(":str", ""), _read)}
routes: Sequence[HTTPRouteHandler] = (
    get_by_id,
    get_by_external_id,
    get_by_external_id_first,
    get_by_number,
    get_by_seller_order_id,
    get_invoices_by_id,
    get_invoices_by_external_id,
)
