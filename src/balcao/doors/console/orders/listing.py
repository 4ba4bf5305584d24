"""The list of orders: every filter in the address, so that it can be kept, sent on and gone back to."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from balcao.base.db import Tx
from balcao.base.errors import BalcaoError, Conflict, NotFound
from balcao.base.values import OrderId
from balcao.doors.console.headers import STAFF
from balcao.doors.console.orders.filters import GROUPS, Filters, narrow
from balcao.doors.console.orders.looks import PAYMENTS, tone_of
from balcao.doors.console.visit import View, Visit
from balcao.orders.find import By, OrderRef, get_order, list_orders
from balcao.orders.rules.status import SUMMARY_NAMES
from balcao.sellers.find import list_active_sellers
from balcao.sellers.rules import Seller
from balcao.tenants.channels import list_channels

HERE = "/console/orders"


@get("/orders", opt=STAFF)
async def show_orders(visit: View) -> Response[bytes]:
    """Orders by whatever the address asks for; a number that is one order's own leads to its page."""
    filters = Filters.of(visit.request.query_params.multi_items())
    async with visit.db.read() as tx:
        if filters.q and filters == Filters(q=filters.q):
            only = await _named(tx, visit, filters.q)
            if only is not None:
                return visit.go(f"{HERE}/{only}")
        caller = narrow(visit.caller, filters.seller)
        page = await list_orders(tx, caller, filters.wanted(), filters.asked())
        channels = [channel.name for channel in await list_channels(tx, visit.tenant)]
        sellers = await stores_of(tx, visit)
    return visit.page(
        "orders/list.html",
        here=HERE,
        filters=filters,
        page=page,
        channels=channels,
        sellers=sellers,
        groups=[(SUMMARY_NAMES[group], visit.t(*words)) for group, words in GROUPS.items()],
        payments=[(int(kind), visit.t(*words)) for kind, words in PAYMENTS.items()],
        tone_of=tone_of,
    )


async def stores_of(tx: Tx, visit: Visit) -> list[Seller]:
    """The stores that one may choose among: none for who works in one."""
    return [] if visit.caller.seller_cnpj else await list_active_sellers(tx, visit.tenant)


async def _named(tx: Tx, visit: Visit, number: str) -> OrderId | None:
    """The one order whose id, external id, friendly code or store's number this is."""
    for ref in _refs(number):
        try:
            return (await get_order(tx, visit.caller, ref)).order.order_id
        except NotFound:
            continue
        except Conflict:  # several have it: the list shows them
            return None
        except BalcaoError:
            continue
    return None


def _refs(number: str) -> list[OrderRef]:
    try:
        return [OrderRef(by=By.ID, value=str(UUID(number)))]
    except ValueError:
        return [OrderRef(by=by, value=number) for by in (By.NUMBER, By.SELLER_ORDER_ID)]


routes: Sequence[HTTPRouteHandler] = (show_orders,)
