"""Forget old attempts and dead letters."""

from typing import Final
from uuid import UUID

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.events.rules import DAY_US, KEPT_DAYS
from balcao.webhooks.store import attempts, queue

LOG_KEPT_DAYS: Final = 30
PURGE_MAX: Final = 5_000


async def purge_attempts(tx: Tx, tenant: Tenant, *, now: Micros) -> int:
    """Delete some of the attempts older than 30 days; how many it were."""
    before = _first_id_at(Micros(now - LOG_KEPT_DAYS * DAY_US))
    return await attempts.delete_attempts_before(tx, tenant, before, limit=PURGE_MAX)


async def purge_dead_letters(tx: Tx, tenant: Tenant, *, now: Micros) -> int:
    """Delete some of the deliveries given up before the oldest event that is still kept; how many it were."""
    return await queue.delete_dead_before(tx, tenant, Micros(now - KEPT_DAYS * DAY_US), limit=PURGE_MAX)


def _first_id_at(at_us: Micros) -> UUID:
    """Less than every UUIDv7 made at that millisecond or later: its first 48 bits are the time."""
    return UUID(int=(at_us // 1000) << 80)
