"""Lists of orders: everybody's, a page at a time, and a store's poll."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from balcao.base.paging import PageParameters, ask_page
from balcao.base.values import strip_document, to_micros
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.orders.asking import CHANGED, DESCRIBED
from balcao.doors.neomode.orders.body import OrderBody
from balcao.doors.neomode.orders.change import ROOT, TAGS
from balcao.doors.neomode.orders.line import OrderPage, show_page
from balcao.doors.neomode.orders.links import Links
from balcao.doors.neomode.orders.show import show_order
from balcao.doors.paging import PAGING
from balcao.doors.problems import problem_responses
from balcao.doors.wire import WireResponse
from balcao.orders.find import list_orders, poll_seller_orders
from balcao.orders.rules.listing import CREATED, UPDATED, OrderFilter
from balcao.tenants.rules import Role

READERS = roles(*Role)
REFUSALS = problem_responses(401, 403, 503)


@get(
    ROOT,
    opt=READERS,
    tags=TAGS,
    operation_id="listOrders",
    responses=REFUSALS,
    dependencies={"paging": PAGING, "changed": CHANGED, "described": DESCRIBED},
)
async def get_orders(
    door: Door,
    paging: NamedDependency[PageParameters],
    changed: NamedDependency[OrderFilter],
    described: NamedDependency[OrderFilter],
    use_canonical_status: Annotated[bool, QueryParameter(name="useCanonicalStatus")] = False,
) -> WireResponse[OrderPage]:
    """The orders that the caller may see, a page at a time, newest first.

    With `lastUpdateSince` (exclusive, exact) the oldest change comes first unless `sortField` says otherwise: a poller
    that keeps the newest `lastUpdate` it has seen misses nothing.

    `query` searches: the external id, the friendly code, the seller's number, an invoice's access key or a tracking
    code; the buyer's CPF or CNPJ, e-mail address, phone number, or the beginnings of names, whose accents and case do
    not matter. A buyer is found within about a second. Of more than 200 orders the newest are looked at.
    """
    wanted = msgspec.structs.replace(
        described,
        last_update_since=changed.last_update_since,
        last_update_until=changed.last_update_until,
        statuses=changed.statuses,
    )
    polls = wanted.last_update_since is not None
    sorts = (UPDATED, CREATED) if polls else (CREATED, UPDATED)
    scope = ("orders", msgspec.json.encode(wanted, order="deterministic"))
    ask = ask_page(paging, sorts, ascending=polls and not paging.sort_field, scope=scope)
    async with door.db.read() as tx:
        found = await list_orders(tx, door.caller, wanted, ask)
    return WireResponse(show_page(found, canonical=use_canonical_status))


@get(
    "/management/commerce/sellers/{cnpj:str}/orders",
    opt=READERS,
    tags=TAGS,
    operation_id="pollSellerOrders",
    responses=REFUSALS,
    dependencies={"changed": CHANGED},
)
async def get_seller_orders(
    door: Door,
    cnpj: FromPath[str],
    changed: NamedDependency[OrderFilter],
    date: FromQuery[datetime | None] = None,
) -> WireResponse[list[OrderBody]]:
    """One store's orders in full, at most 200, oldest change first: poll with the newest `lastUpdate` you have seen."""
    wanted = msgspec.structs.replace(changed, since=None if date is None else to_micros(date))
    links = Links.of(door)
    async with door.db.read() as tx:
        found = await poll_seller_orders(tx, door.caller, strip_document(cnpj), wanted)
    return WireResponse([show_order(whole, door.caller, links) for whole in found])


routes: Sequence[HTTPRouteHandler] = (get_orders, get_seller_orders)
