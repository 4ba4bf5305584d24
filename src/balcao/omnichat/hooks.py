"""Look at the hooks that an integration sent, and forget the old ones."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.events.rules import DAY_US
from balcao.omnichat.find import get_integration
from balcao.omnichat.rules.model import HookLine
from balcao.omnichat.store import hooks as store

KEPT_DAYS: Final = 30
PAGE_MAX: Final = 200
PURGE_MAX: Final = 5_000
REFUSED_COUNTED_MAX: Final = 1_000


class AskHooks(msgspec.Struct, frozen=True, kw_only=True):
    """before: the id of the hook after the page, None for the newest; object_id: only of this order."""

    integration_id: str
    object_id: str | None = None
    before: UUID | None = None
    limit: int = 50


async def list_hooks(tx: Tx, tenant: Tenant, ask: AskHooks) -> Sequence[HookLine]:
    """The integration's hooks, newest first; raises NotFound."""
    await get_integration(tx, tenant, ask.integration_id)
    limit = min(ask.limit, PAGE_MAX)
    return await store.list_hooks(
        tx, tenant, ask.integration_id, object_id=ask.object_id, before=ask.before, limit=limit
    )


async def count_refused(tx: Tx, tenant: Tenant, since: Micros) -> dict[str, tuple[int, Micros]]:
    """By the integration's id: how many hooks were refused since, to a thousand, and when the last one was."""
    rows = await store.count_refused(tx, tenant, since, REFUSED_COUNTED_MAX)
    return {row["integration_id"]: (row["refused"], row["newest_us"]) for row in rows}


async def purge_hooks(tx: Tx, tenant: Tenant, *, now: Micros) -> int:
    """Delete some of the hooks older than 30 days; how many it were."""
    before = UUID(int=((now - KEPT_DAYS * DAY_US) // 1000) << 80)  # an id's first 48 bits are its milliseconds
    return await store.delete_hooks_before(tx, tenant, before, limit=PURGE_MAX)
