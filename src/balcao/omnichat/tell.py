"""Tell OmniChat what became of its orders: read the log on, and queue a call for each event that it is to hear of."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import Conflict
from balcao.base.values import Micros, OrderId, Tenant
from balcao.events.feed import FeedPage, ReadFeed, read_feed
from balcao.events.rules import EventFilter, LoggedEvent
from balcao.omnichat.provision import REFUSED
from balcao.omnichat.rules.model import Integration, KnownOrder, caller_of
from balcao.omnichat.rules.statuses import PAID_LATE, News, news_of, refusal_of
from balcao.omnichat.store import lane
from balcao.omnichat.store import orders as store
from balcao.omnichat.store.integrations import list_integrations
from balcao.orders.find import AskOrder, By, OrderRef, get_orders
from balcao.orders.rules.model import Tracking
from balcao.orders.rules.whole import Whole
from balcao.webhooks.lines import NewCall, queue_calls

READ_MAX: Final = 500
WANTED: Final = EventFilter(types=("order.*", REFUSED, PAID_LATE))

_encode = msgspec.json.Encoder(decimal_format="number").encode


async def tell_log(tx: Tx, tenant: Tenant, after: int, now: Micros) -> int:
    """Read the log on after that number, queue the calls and move the bookmark; up to which number it is told then.

    The caller holds the tenant's lane: each event is read once, and calls wait for one another by order.
    """
    page = await _read(tx, tenant, after)
    integrations = {each.integration_id: each for each in await list_integrations(tx, tenant)}
    ids = list({UUID(event.subject) for event in page.events if event.type != REFUSED})
    known = await store.find_by_order(tx, tenant, ids) if ids else {}
    calls: list[NewCall] = []
    told = [(event, _integration(event, known, integrations)) for event in page.events]
    trackings = await _trackings(tx, tenant, [(event, who) for event, who in told if who is not None])
    for event, integration in told:
        if integration is None:
            continue
        news, object_id = _news(event, integration, known, trackings)
        if news is not None:
            body = _encode(news.body).decode()
            calls.append(NewCall(integration.webhook_id, event.seq, news.call, object_id, body))
    await queue_calls(tx, tenant, calls, now)
    await lane.update_lane(tx, tenant, page.next)
    return page.next


async def _read(tx: Tx, tenant: Tenant, after: int) -> FeedPage:
    """A page of the log; events that are no longer kept are passed over."""
    try:
        return await read_feed(tx, tenant, ReadFeed(after=after, limit=READ_MAX, wanted=WANTED))
    except Conflict as error:
        if error.code != "cursor_expired":
            raise
        return FeedPage(events=[], next=error.facts["oldest"] - 1, newest=error.facts["newest"])


def _integration(
    event: LoggedEvent, known: Mapping[UUID, KnownOrder], integrations: Mapping[str, Integration]
) -> Integration | None:
    """Who is to hear of the event: nobody where the order is none of OmniChat's, or it cancelled what was shipped."""
    if event.type == REFUSED:
        return integrations.get(event.actor)
    order = known.get(UUID(event.subject))
    return None if order is None or order.is_closed else integrations.get(order.integration_id)


def _news(
    event: LoggedEvent,
    integration: Integration,
    known: Mapping[UUID, KnownOrder],
    trackings: Mapping[str, Tracking | None],
) -> tuple[News | None, str]:
    if event.type == REFUSED:
        return refusal_of(event, integration), event.subject
    return news_of(event, integration, trackings.get(event.subject)), known[UUID(event.subject)].object_id


async def _trackings(
    tx: Tx, tenant: Tenant, events: Sequence[tuple[LoggedEvent, Integration]]
) -> dict[str, Tracking | None]:
    """How the orders travel that are shipped now."""
    asked = {
        event.subject: AskOrder(caller_of(tenant, integration), OrderRef(by=By.ID, value=event.subject))
        for event, integration in events
        if '"InDelivery"' in event.data
    }
    found = await get_orders(tx, tenant, list(asked.values())) if asked else []
    return {str(OrderId(each.order.order_id)): each.order.body.tracking for each in found if isinstance(each, Whole)}
