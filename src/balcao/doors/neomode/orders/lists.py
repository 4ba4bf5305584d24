"""Lists of orders: everybody's, a page at a time, and a store's poll."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from balcao.base.now import now_us
from balcao.base.paging import PageAsk, PageParameters, ask_page
from balcao.base.values import strip_document, to_micros
from balcao.doors.door import Door
from balcao.doors.express import Answer, Asked, Lane, Work
from balcao.doors.guard import roles
from balcao.doors.house import House
from balcao.doors.neomode.orders.asking import CHANGED, DESCRIBED, changed, described
from balcao.doors.neomode.orders.body import OrderBody
from balcao.doors.neomode.orders.change import ROOT, TAGS
from balcao.doors.neomode.orders.line import OrderPage, show_page
from balcao.doors.neomode.orders.links import Links
from balcao.doors.neomode.orders.show import show_order
from balcao.doors.paging import PAGING, read_paging
from balcao.doors.problems import problem_responses
from balcao.doors.wire import WireResponse, to_json
from balcao.doors.wire.query import PlainQuery
from balcao.orders.find import is_settled, list_orders, poll_seller_orders
from balcao.orders.rules.listing import CREATED, UPDATED, OrderFilter
from balcao.tenants.rules import Caller, Role

READERS = roles(*Role)
POLL = "/management/commerce/sellers/{cnpj:str}/orders"
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
    wanted, ask = _asked(paging, changed, described)
    return WireResponse(await _list(door.house, door.caller, (wanted, ask), canonical=use_canonical_status))


@get(
    POLL,
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
    return WireResponse(await _poll(door.house, door.caller, (cnpj, wanted), Links.of(door)))


def _asked(paging: PageParameters, changed: OrderFilter, described: OrderFilter) -> tuple[OrderFilter, PageAsk]:
    wanted = msgspec.structs.replace(
        described,
        last_update_since=changed.last_update_since,
        last_update_until=changed.last_update_until,
        statuses=changed.statuses,
    )
    polls = wanted.last_update_since is not None
    sorts = (UPDATED, CREATED) if polls else (CREATED, UPDATED)
    scope = ("orders", msgspec.json.encode(wanted, order="deterministic"))
    return wanted, ask_page(paging, sorts, ascending=polls and not paging.sort_field, scope=scope)


async def _list(house: House, caller: Caller, asked: tuple[OrderFilter, PageAsk], *, canonical: bool) -> OrderPage:
    db = house.lists if is_settled(caller, *asked) else house.db
    async with db.read() as tx:
        found = await list_orders(tx, caller, *asked)
    return show_page(found, canonical=canonical)


async def _poll(house: House, caller: Caller, asked: tuple[str, OrderFilter], links: Links) -> list[OrderBody]:
    cnpj, wanted = asked
    async with house.lists.read() as tx:
        found = await poll_seller_orders(tx, caller, strip_document(cnpj), wanted)
    return [show_order(whole, caller, links) for whole in found]


class PollAsked(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The query of `get_seller_orders`, for its express lane."""

    last_update_since: datetime | None = None
    last_update_until: datetime | None = None
    status: str | None = None
    use_canonical_status: bool = False
    date: datetime | None = None


class ListAsked(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The query of `get_orders`, for its express lane."""

    page: int | None = None
    per_page: int | None = None
    sort_field: str | None = None
    sort_ascending: bool | None = None
    cursor: str | None = None
    last_update_since: datetime | None = None
    last_update_until: datetime | None = None
    status: str | None = None
    use_canonical_status: bool = False
    since: datetime | None = None
    until: datetime | None = None
    channel: str | None = None
    payment_type: str | None = None
    freight_reference: str | None = None
    freight_description: str | None = None
    query: str | None = None


_list_query, _poll_query = PlainQuery(ListAsked), PlainQuery(PollAsked)


def _changed(sent: ListAsked | PollAsked) -> OrderFilter:
    return changed(sent.last_update_since, sent.last_update_until, sent.status, sent.use_canonical_status)


def _read_list(asked: Asked) -> Work:
    """The express lane of `get_orders`."""
    sent = _list_query.read(asked.query)
    paging = read_paging(sent.page, sent.per_page, sent.sort_field, sent.sort_ascending, sent.cursor)
    wanted = described(
        since=sent.since,
        until=sent.until,
        channel=sent.channel,
        payment_type=sent.payment_type,
        freight_reference=sent.freight_reference,
        freight_description=sent.freight_description,
        sought=sent.query,
    )
    listed = _asked(paging, _changed(sent), wanted)

    async def work(house: House) -> Answer:
        page = await _list(house, asked.caller, listed, canonical=sent.use_canonical_status)
        return Answer(200, to_json(page), [])

    return work


def _read_poll(asked: Asked) -> Work:
    """The express lane of `get_seller_orders`."""
    sent = _poll_query.read(asked.query)
    since = None if sent.date is None else to_micros(sent.date)
    polled = (asked.params[0], msgspec.structs.replace(_changed(sent), since=since))

    async def work(house: House) -> Answer:
        links = Links(asked.base, house.settings, now_us())
        return Answer(200, to_json(await _poll(house, asked.caller, polled, links)), [])

    return work


lanes: Mapping[tuple[str, str], Lane] = {
    ("GET", ROOT): Lane(frozenset(Role), ROOT, _read_list, takes_query=True),
    ("GET", POLL): Lane(frozenset(Role), POLL.replace(":str", ""), _read_poll, takes_query=True),
}
routes: Sequence[HTTPRouteHandler] = (get_orders, get_seller_orders)
