"""One batch of a tenant's catalogue at a time."""

from balcao.base.db import Tx
from balcao.base.values import Tenant


async def take_turn(tx: Tx, tenant: Tenant) -> None:
    """Wait for the tenant's other catalogue batches, and hold back the next ones until the commit.

    Batches of one tenant commit one after the other anyway, by its clock. Waiting before the first look makes each see
    what the former wrote: two batches that bring the same new code never meet in the unique index, and none decides by
    what another is about to change. It comes before every other lock, and orders and quotes never take it.
    """
    await tx.execute("SELECT 1 FROM tenant WHERE tenant = $1 FOR NO KEY UPDATE", tenant)
