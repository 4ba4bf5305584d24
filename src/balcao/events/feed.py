"""Read the log: a page of it after a number, gapless and in commit order."""

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import Conflict
from balcao.base.values import Tenant
from balcao.events.rules import KEPT_DAYS, SCANNED_MAX, EventFilter, LoggedEvent, Span, check_reached
from balcao.events.store import log

PAGE_MAX = 1000
EVERYTHING = EventFilter()


class ReadFeed(msgspec.Struct, frozen=True, kw_only=True):
    """after: the last sequence number seen, 0 for none: then it begins with the oldest event kept."""

    after: int
    limit: int = PAGE_MAX
    wanted: EventFilter = EVERYTHING


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """next: what to read after next time, also where no event was wanted; newest: the log's last number."""

    events: list[LoggedEvent]
    next: int
    newest: int

    @property
    def is_end(self) -> bool:
        """Whether nothing more had happened when it was read."""
        return self.next >= self.newest


async def read_feed(tx: Tx, tenant: Tenant, ask: ReadFeed) -> FeedPage:
    """At most `limit` wanted events after that number.

    Each number of the log is in exactly one of the pages that follow one another by `next`: numbers are given in commit
    order under the clock's row lock, so whoever sees one sees all before it. A page looks at so many events at most
    (`SCANNED_MAX`); it may therefore be empty though there are more. Raises Conflict: `cursor_expired` when events
    after `after` are no longer kept, `cursor_ahead` when there is no such number yet (a database restored from a
    backup).
    """
    width = ask.limit if ask.wanted.is_open else max(ask.limit, SCANNED_MAX)
    span = await log.find_span(tx, tenant, after=ask.after, width=width)
    check_reached(ask.after, span.newest)
    page = await _read(tx, tenant, span, ask)
    if await _is_whole(tx, tenant, span, page):
        return page
    oldest = await log.find_oldest(tx, tenant) or span.newest + 1
    if ask.after == 0 and oldest > 1:
        return await read_feed(tx, tenant, msgspec.structs.replace(ask, after=oldest - 1))
    raise Conflict(
        f"Events are kept for {KEPT_DAYS} days; the oldest one now is {oldest}. Read on after={oldest - 1}, and catch "
        "up on what lies between from the lists, by lastUpdate.",
        code="cursor_expired",
        oldest=oldest,
        newest=span.newest,
    )


async def read_newest(tx: Tx, tenant: Tenant) -> int:
    """The log's last number: reading after it gives only what happens from now on."""
    return (await log.find_newest(tx, [tenant])).get(tenant, 0)


async def _read(tx: Tx, tenant: Tenant, span: Span, ask: ReadFeed) -> FeedPage:
    events = [] if span.upto == span.after else await log.find_events(tx, tenant, span, ask.wanted, limit=ask.limit)
    last = events[-1].seq if len(events) == ask.limit else span.upto
    return FeedPage(events=events, next=last, newest=span.newest)


async def _is_whole(tx: Tx, tenant: Tenant, span: Span, page: FeedPage) -> bool:
    """Whether the span was still there from its first event on: days go oldest first."""
    if span.upto == span.after or (page.events and page.events[0].seq == span.after + 1):
        return True
    return await log.begins(tx, tenant, span)
