"""Queue what the log has for each webhook: from its bookmark on, as far as there is room."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import Conflict
from balcao.base.values import Micros, Tenant
from balcao.events.envelope import cloud_event
from balcao.events.feed import ReadFeed, read_feed
from balcao.events.rules import LoggedEvent
from balcao.sellers.find import find_sellers
from balcao.webhooks.rules.filters import Matcher
from balcao.webhooks.rules.model import Queued, Reader
from balcao.webhooks.store import queue, readers

READ_MAX: Final = 1_000
QUEUED_MAX: Final = 5_000
"""Deliveries that one transaction queues, or few more."""

_encode = msgspec.json.Encoder().encode


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """What was queued: for which webhooks, how many; is_behind: there is more to read, now (`can_go_on`) or once there
    is room."""

    webhook_ids: frozenset[UUID]
    queued: int
    is_behind: bool
    can_go_on: bool


async def match_events(tx: Tx, tenant: Tenant, now: Micros, *, farthest: bool = True) -> Matched:
    """Read the log on for the tenant's webhooks and replays, and queue what each wants.

    Those that stand together are read for together: with those `farthest` down the log, or with those farthest behind.
    Asked in turns, a reader far behind, as a replay is, neither holds up those near the end nor starves. Events that
    are no longer kept are passed over.
    """
    behind = await readers.lock_readers(tx, tenant)
    pending = await readers.count_pending(tx, tenant, sorted({each.webhook_id for each in behind}))
    roomy = [
        msgspec.structs.replace(each, room=readers.WINDOW - pending[each.webhook_id])
        for each in behind
        if pending[each.webhook_id] < readers.WINDOW
    ]
    group = _group(roomy, farthest=farthest)
    if not group:
        return Matched(webhook_ids=frozenset(), queued=0, is_behind=bool(behind), can_go_on=False)
    page = await _read(tx, tenant, group)
    cnpjs = await cnpjs_of(tx, tenant, page.events)
    queued, reached = _assign(tenant, group, page, cnpjs, now=now)
    await queue.insert_deliveries(tx, tenant, queued)
    await readers.update_readers(tx, tenant, reached)
    is_behind = len(behind) > len(group) or any(
        seq < min(page.newest, reader.upto or page.newest) for reader, (_, _, seq) in zip(group, reached, strict=True)
    )
    return Matched(
        webhook_ids=frozenset(each.webhook_id for each in queued),
        queued=len(queued),
        is_behind=is_behind,
        can_go_on=is_behind,
    )


async def cnpjs_of(tx: Tx, tenant: Tenant, events: Sequence[LoggedEvent]) -> Mapping[UUID, str]:
    """The CNPJs of the events' stores."""
    ids = list({event.seller_id for event in events if event.seller_id is not None})
    return {seller.seller_id: seller.cnpj for seller in await find_sellers(tx, tenant, ids=ids)} if ids else {}


def as_delivery(tenant: Tenant, webhook_id: UUID, event: LoggedEvent, cnpjs: Mapping[UUID, str], now: Micros) -> Queued:
    """The delivery of an event, due at once."""
    return Queued(webhook_id, event.seq, event.type, event.subject, _body(tenant, event, cnpjs), now)


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some events, and up to which number the log was read."""

    events: Sequence[LoggedEvent]
    upto: int
    newest: int


def _group(roomy: Sequence[Reader], *, farthest: bool) -> list[Reader]:
    """The readers within half a page of the one that is farthest, or farthest behind."""
    if not roomy:
        return []
    place = (max if farthest else min)(each.seq for each in roomy)
    return [each for each in roomy if abs(each.seq - place) < READ_MAX // 2]


async def _read(tx: Tx, tenant: Tenant, group: Sequence[Reader]) -> _Page:
    after = min(each.seq for each in group)
    try:
        page = await read_feed(tx, tenant, ReadFeed(after=after, limit=READ_MAX))
        return _Page(events=page.events, upto=page.next, newest=page.newest)
    except Conflict as error:
        if error.code != "cursor_expired":
            raise
        return _Page(events=(), upto=error.facts["oldest"] - 1, newest=error.facts["newest"])


def _assign(
    tenant: Tenant, group: Sequence[Reader], page: _Page, cnpjs: Mapping[UUID, str], *, now: Micros
) -> tuple[list[Queued], list[tuple[UUID, UUID, int]]]:
    """The deliveries, and how far each reader is then: to the page's end, or to where its room did."""
    matcher = Matcher(group)
    room = {each.webhook_id: each.room for each in group}
    stopped: dict[tuple[UUID, UUID], int] = {}
    queued: dict[tuple[UUID, int], Queued] = {}
    upto = page.upto
    for event in page.events:
        if len(queued) >= QUEUED_MAX:
            upto = event.seq - 1
            break
        body = ""
        for reader in matcher.readers_of(event):
            key = (reader.webhook_id, reader.reader_id)
            if key in stopped or (reader.webhook_id, event.seq) in queued:
                continue
            if room[reader.webhook_id] <= 0:
                stopped[key] = event.seq - 1
                continue
            room[reader.webhook_id] -= 1
            body = body or _body(tenant, event, cnpjs)
            queued[reader.webhook_id, event.seq] = Queued(
                reader.webhook_id, event.seq, event.type, event.subject, body, now
            )
    reached = [
        (each.webhook_id, each.reader_id, max(each.seq, stopped.get((each.webhook_id, each.reader_id), upto)))
        for each in group
    ]
    return list(queued.values()), reached


def _body(tenant: Tenant, event: LoggedEvent, cnpjs: Mapping[UUID, str]) -> str:
    seller_cnpj = cnpjs.get(event.seller_id) if event.seller_id is not None else None
    return _encode(cloud_event(tenant, event, seller_cnpj)).decode()
