"""The list of orders: every filter in the address, so that it can be kept, sent on and gone back to."""

import re
from collections.abc import Sequence

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from balcao.base.db import Tx
from balcao.doors.console.headers import STAFF
from balcao.doors.console.orders.filters import GROUPS, Filters, narrow
from balcao.doors.console.orders.looks import PAYMENTS, tone_of
from balcao.doors.console.visit import View, Visit
from balcao.orders.find import list_orders
from balcao.orders.rules.listing import OrderLine
from balcao.orders.rules.status import SUMMARY_NAMES
from balcao.sellers.find import list_active_sellers
from balcao.sellers.rules import Seller
from balcao.tenants.channels import list_channels

HERE = "/console/orders"
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


@get("/orders", opt=STAFF)
async def show_orders(visit: View) -> Response[bytes]:
    """Orders by whatever the address asks for; a number that is one order's own leads to its page."""
    filters = Filters.of(visit.request.query_params.multi_items())
    if _GUID.fullmatch(filters.q):
        return visit.go(f"{HERE}/{filters.q.lower()}")
    async with visit.db.read() as tx:
        caller = narrow(visit.caller, filters.seller)
        page = await list_orders(tx, caller, filters.wanted(), filters.asked())
        if filters == Filters(q=filters.q) and len(page.rows) == 1 and _is_named(page.rows[0], filters.q):
            return visit.go(f"{HERE}/{page.rows[0].order_id}")
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


def _is_named(line: OrderLine, number: str) -> bool:
    """Whether the number is one of the order's own, not just like something of it."""
    own = (str(line.order_id), line.external_id, line.friendly_code, line.seller_order_id)
    return number.casefold() in {each.casefold() for each in own if each}


routes: Sequence[HTTPRouteHandler] = (show_orders,)
