"""The log, and what was sent of it, as the bench looks at them."""

from uuid import UUID

from balcao.base.db import Tx
from balcao.base.values import Tenant


async def find_newest(tx: Tx, tenant: Tenant) -> int:
    """The log's last number."""
    return int(await tx.fetchval("SELECT seq FROM tenant_clock WHERE tenant = $1", tenant))


async def read_events(tx: Tx, tenant: Tenant, after: int, limit: int) -> int:
    """Read so many rows after that number by the primary key, whole; how many there were."""
    rows = await tx.fetch(
        """
        SELECT seq, at_us, type, subject, channel, seller_id, actor, data::text FROM event
         WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3
        """,
        tenant,
        after,
        limit,
    )
    return len(rows)


async def count_deliveries(tx: Tx, tenant: Tenant, webhook_id: UUID) -> tuple[int, int]:
    """How many deliveries of that webhook are logged as delivered, and how many still wait."""
    row = await tx.fetchrow(
        """
        SELECT (SELECT count(*) FROM webhook_attempt
                 WHERE tenant = $1 AND webhook_id = $2 AND outcome = 'delivered') AS delivered,
               (SELECT count(*) FROM webhook_delivery WHERE tenant = $1 AND webhook_id = $2) AS waiting
        """,
        tenant,
        webhook_id,
    )
    return (row["delivered"], row["waiting"]) if row is not None else (0, 0)
