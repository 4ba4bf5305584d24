"""What somebody has seen to, so that it calls nobody any more: of one thing, up to an instant."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.users import store


async def note_seen(tx: Tx, tenant: Tenant, what: str, upto: Micros, *, actor: str) -> None:
    """Somebody has seen to what happened there up to then; what happens later calls again."""
    await store.upsert_seen(tx, tenant, what, upto, actor)


async def find_seen(tx: Tx, tenant: Tenant, whats: Sequence[str]) -> dict[str, Micros]:
    """Up to when each of these has been seen to; one that nobody has seen to is absent."""
    return await store.find_seen(tx, tenant, whats) if whats else {}
