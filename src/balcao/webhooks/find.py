"""Look at webhooks, their dead letters and their delivery log."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import Micros, Tenant
from balcao.webhooks.rules.model import Attempt, DeadLetter, Outcome, Way, Webhook
from balcao.webhooks.store import attempts, queue
from balcao.webhooks.store import webhooks as store

PAGE_MAX = 200
DEAD_COUNTED_MAX = 1_000


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook with how many of its deliveries wait in the queue and how many were given up."""

    webhook: Webhook
    pending: int
    dead: int


class DeadCount(NamedTuple):
    """How much of a webhook's was given up, and when last."""

    webhook_id: UUID
    way: Way
    url: str
    dead: int
    newest_us: Micros


class AskLog(msgspec.Struct, frozen=True, kw_only=True):
    """before: the id of the attempt after the page, None for the newest."""

    webhook_id: UUID
    before: UUID | None = None
    outcome: Outcome | None = None
    limit: int = 50
    way: Way = Way.STANDARD


async def get_webhook(
    tx: Tx, tenant: Tenant, webhook_id: UUID, *, way: Way = Way.STANDARD, lock: bool = False
) -> Webhook:
    """The webhook; raises NotFound, also for one of another way. lock: its row locked."""
    found = await store.find_webhooks(tx, tenant, [webhook_id], way=way, lock=lock)
    if not found:
        raise NotFound(f"There is no webhook {webhook_id}.", code="webhook_not_found")
    return found[0]


async def get_listed(tx: Tx, tenant: Tenant, webhook_id: UUID, *, way: Way = Way.STANDARD) -> Listed:
    """The webhook with its counts; raises NotFound."""
    webhook = await get_webhook(tx, tenant, webhook_id, way=way)
    return _listed(webhook, (await store.list_pending(tx, tenant, webhook_id)).get(webhook_id))


async def list_webhooks(tx: Tx, tenant: Tenant) -> list[Listed]:
    """All the tenant's webhooks, oldest first."""
    return await list_lines(tx, tenant, Way.STANDARD)


async def list_lines(tx: Tx, tenant: Tenant, way: Way) -> list[Listed]:
    """All that go this way, oldest first."""
    pending = await store.list_pending(tx, tenant)
    return [_listed(line, pending.get(line.webhook_id)) for line in await store.list_webhooks(tx, tenant, way)]


async def list_dead_letters(
    tx: Tx, tenant: Tenant, webhook_id: UUID, *, after: int = 0, limit: int = 50, way: Way = Way.STANDARD
) -> Sequence[DeadLetter]:
    """What was given up, by sequence number; raises NotFound."""
    await get_webhook(tx, tenant, webhook_id, way=way)
    return await queue.list_dead(tx, tenant, webhook_id, after=after, limit=min(limit, PAGE_MAX))


async def count_dead_letters(tx: Tx, tenant: Tenant) -> list[DeadCount]:
    """Every webhook, of whatever way, with what was given up: a thousand are counted."""
    rows = await queue.count_dead(tx, tenant, DEAD_COUNTED_MAX)
    return [DeadCount(row["webhook_id"], Way(row["way"]), row["url"], row["dead"], row["newest_us"]) for row in rows]


async def list_attempts(tx: Tx, tenant: Tenant, ask: AskLog) -> Sequence[Attempt]:
    """The delivery log, newest first; raises NotFound."""
    await get_webhook(tx, tenant, ask.webhook_id, way=ask.way)
    return await attempts.list_attempts(
        tx, tenant, ask.webhook_id, before=ask.before, outcome=ask.outcome, limit=min(ask.limit, PAGE_MAX)
    )


async def list_attempts_of(tx: Tx, tenant: Tenant, subject: str, *, limit: int = 50) -> Sequence[Attempt]:
    """The newest attempts to tell of one thing (an order's id), whichever webhook they went to."""
    return await attempts.list_attempts_of(tx, tenant, subject, limit=min(limit, PAGE_MAX))


def _listed(webhook: Webhook, counts: Record | None) -> Listed:
    return Listed(
        webhook=webhook,
        pending=counts["pending"] if counts else 0,
        dead=counts["dead"] if counts else 0,
    )
