"""The SQL of a tenant's lane: who works for it now, and how far its log is told (primary key)."""

from balcao.base.db import Tx
from balcao.base.values import Tenant


async def insert_lane(tx: Tx, tenant: Tenant, seq: int) -> None:
    """Begin to tell after that number, unless the tenant has a lane already."""
    await tx.execute(
        "INSERT INTO omnichat_lane (tenant, seq) VALUES ($1, $2) ON CONFLICT (tenant) DO NOTHING", tenant, seq
    )


async def lock_lane(tx: Tx, tenant: Tenant) -> int | None:
    """Up to which number the log is told, the lane held until the commit; None while somebody else holds it."""
    seq: int | None = await tx.fetchval(
        "SELECT seq FROM omnichat_lane WHERE tenant = $1 FOR UPDATE SKIP LOCKED", tenant
    )
    return seq


async def update_lane(tx: Tx, tenant: Tenant, seq: int) -> None:
    """The log is told up to that number."""
    await tx.execute("UPDATE omnichat_lane SET seq = $2 WHERE tenant = $1", tenant, seq)


async def list_work(tx: Tx) -> list[Tenant]:
    """The tenants that sent something, or whose log grew: asked of all of them while the worker is idle."""
    rows = await tx.fetch(
        """
        SELECT l.tenant FROM omnichat_lane l JOIN tenant_clock c ON c.tenant = l.tenant
         WHERE c.seq > l.seq
            OR EXISTS (SELECT FROM omnichat_hook h WHERE h.tenant = l.tenant AND h.done_us IS NULL AND NOT h.is_parked)
        """
    )
    return [row["tenant"] for row in rows]
