"""What a reader of the feed asks for, within what its credential may see."""

from typing import Annotated, Any, Final

import msgspec
from litestar.di import Provide
from litestar.params import QueryParameter

from balcao.base.db import Tx
from balcao.base.errors import Forbidden, Invalid
from balcao.base.values import cnpj_has_format, strip_document
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.wire import INT64_MAX
from balcao.events.consumers import get_consumer
from balcao.events.feed import PAGE_MAX, ReadFeed
from balcao.events.rules import ACCESS_TYPES, Binding, EventFilter, read_types
from balcao.sellers.find import find_sellers
from balcao.tenants.rules import Caller, Role

READERS: Final[dict[str, Any]] = roles(Role.ERP, Role.CHANNEL, Role.OPERATOR, Role.ADMIN)
TAGS: Final = ["events"]
WAIT_MAX_S: Final = 30


class FeedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of a request, None where it leaves them out."""

    after: int | None = None
    consumer: str | None = None
    types: list[str] | None = None
    channel: str | None = None
    seller: str | None = None
    limit: int = PAGE_MAX
    wait: int | None = None


def read_feed_query(
    after: Annotated[
        int | None,
        QueryParameter(
            ge=0, le=INT64_MAX, description="The last number seen: `next` of the page before. 0: from the oldest kept."
        ),
    ] = None,
    consumer: Annotated[
        str | None, QueryParameter(description="Instead of `after`: a named consumer, from its cursor.")
    ] = None,
    types: Annotated[
        list[str] | None,
        QueryParameter(description="Only these types, several separated by commas: `order.paid,stocks.*`."),
    ] = None,
    channel: Annotated[str | None, QueryParameter(description="Only this channel's.")] = None,
    seller: Annotated[str | None, QueryParameter(description="Only this store's, by CNPJ.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX, description="Events in a page; streams know none.")] = 100,
    wait: Annotated[
        int | None,
        QueryParameter(
            ge=0,
            le=WAIT_MAX_S,
            description="Seconds to wait for news where there are none: 0 unless said, in a stream without end.",
        ),
    ] = None,
) -> FeedQuery:
    """The feed's parameters of a request."""
    return FeedQuery(
        after=after, consumer=consumer, types=types, channel=channel, seller=seller, limit=limit, wait=wait
    )


QUERY = Provide(read_feed_query, sync_to_thread=False)


async def understand(tx: Tx, door: Door, query: FeedQuery) -> ReadFeed:
    """What to read for this caller.

    Raises Invalid for what cannot be, Forbidden for another channel or store than the credential's, NotFound for a
    consumer that is not there.
    """
    caller = door.caller
    if query.after is not None and query.consumer is not None:
        raise Invalid(errors={"consumer": ["send either after or consumer"]})
    after = query.after or 0
    if query.consumer is not None:
        after = (await get_consumer(tx, caller.tenant, query.consumer, binding_of(caller))).seq
    return ReadFeed(after=after, limit=query.limit, wanted=await _wanted(tx, caller, query))


def binding_of(caller: Caller) -> Binding:
    """What the caller's credential is bound to."""
    return Binding(caller.channel, caller.seller_cnpj)


async def _wanted(tx: Tx, caller: Caller, query: FeedQuery) -> EventFilter:
    types = read_types(query.types or ())
    cnpj = _bound(caller.seller_cnpj, _read_cnpj(query.seller), "seller")
    return EventFilter(
        types=types,
        hidden=() if caller.role is Role.ADMIN else ACCESS_TYPES,
        channel=_bound(caller.channel, query.channel, "channel"),
        seller_ids=None
        if cnpj is None
        else tuple(seller.seller_id for seller in await find_sellers(tx, caller.tenant, cnpjs=[cnpj])),
    )


def _read_cnpj(text: str | None) -> str | None:
    if text is None:
        return None
    cnpj = strip_document(text)
    if not cnpj_has_format(cnpj):
        raise Invalid(errors={"seller": ["must be a CNPJ, such as 04.109.169/0001-35"]})
    return cnpj


def _bound(own: str | None, asked: str | None, what: str) -> str | None:
    """The narrower of what the credential is bound to and what is asked for."""
    if None not in (own, asked) and own != asked:
        raise Forbidden(f"This credential sees only the events of {what} {own}.", code=f"wrong_{what}")
    return asked if own is None else own
