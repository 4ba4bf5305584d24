"""Send again what was sent, or given up: one event, a stretch of the log, everything since an instant."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import Conflict, Invalid, NotFound
from balcao.base.values import Micros, Tenant, new_id
from balcao.events.feed import ReadFeed, read_feed
from balcao.webhooks.find import get_webhook
from balcao.webhooks.match import as_delivery, cnpjs_of
from balcao.webhooks.rules.model import Way
from balcao.webhooks.store import queue, readers

REPLAYS_MAX: Final = 20
"""Replays of one webhook under way at a time."""


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: of these numbers (both ends belong), and not before that instant. At least one of them is given."""

    tenant: Tenant
    webhook_id: UUID
    first: int | None = None
    last: int | None = None
    since: Micros | None = None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """The stretch of the log that is replayed, both ends included; empty when last is before first."""

    first: int
    last: int


async def replay(tx: Tx, cmd: Replay, now: Micros) -> Span:
    """Queue them anew, in order, as far as the webhook's filter wants them.

    One event by its number is sent whatever the filter says. Raises NotFound for the webhook, for an event that is not
    there or no longer kept, Invalid for a stretch that ends before it begins, Conflict for too many replays at once.
    """
    await get_webhook(tx, cmd.tenant, cmd.webhook_id, lock=True)
    newest = await readers.find_newest(tx, cmd.tenant)
    first, last = await _span(tx, cmd, newest)
    if first > last:
        return Span(first=first, last=last)
    if cmd.since is None and first == last:
        await _replay_one(tx, cmd, first, now)
    else:
        if await readers.count_replays(tx, cmd.tenant, cmd.webhook_id) >= REPLAYS_MAX:
            raise Conflict(f"{REPLAYS_MAX} replays of this webhook are under way.", code="too_many_replays")
        await readers.insert_reader(tx, cmd.tenant, cmd.webhook_id, new_id(), seq=first - 1, upto=last)
    return Span(first=first, last=last)


async def revive_dead_letters(
    tx: Tx, tenant: Tenant, webhook_id: UUID, *, seqs: list[int] | None, now: Micros, way: Way = Way.STANDARD
) -> int:
    """Send given-up deliveries again, these or all, with all their attempts; how many there were. Raises NotFound."""
    await get_webhook(tx, tenant, webhook_id, way=way)
    return await queue.revive_dead(tx, tenant, webhook_id, seqs, now)


async def _span(tx: Tx, cmd: Replay, newest: int) -> tuple[int, int]:
    if cmd.first is None and cmd.last is None and cmd.since is None:
        raise Invalid(errors={"since": ["say which events: `seq`, `from` and `to`, or `since`"]})
    if cmd.first is not None and cmd.last is not None and cmd.first > cmd.last:
        raise Invalid(errors={"to": ["must not be before `from`"]})
    first = max(cmd.first or 1, 1)
    if cmd.since is not None:
        first = max(first, await readers.find_first_since(tx, cmd.tenant, cmd.since) or newest + 1)
    last = newest if cmd.last is None else cmd.last
    if cmd.first is not None and first == last and last > newest:
        raise NotFound(f"There is no event {first}; the log ends at {newest}.", code="event_not_found")
    return first, min(last, newest)


async def _replay_one(tx: Tx, cmd: Replay, seq: int, now: Micros) -> None:
    try:
        page = await read_feed(tx, cmd.tenant, ReadFeed(after=seq - 1, limit=1))
    except Conflict as error:
        raise NotFound(f"Event {seq} is no longer kept.", code="event_not_found") from error
    if not page.events or page.events[0].seq != seq:
        raise NotFound(f"Event {seq} is no longer kept.", code="event_not_found")
    cnpjs: Mapping[UUID, str] = await cnpjs_of(tx, cmd.tenant, page.events)
    [event] = page.events
    await queue.insert_deliveries(tx, cmd.tenant, [as_delivery(cmd.tenant, cmd.webhook_id, event, cnpjs, now)])
