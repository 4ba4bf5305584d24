"""The ledger of stock: what changed each level, who and why, for 90 days."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.stock.rules.ledger import KEPT_DAYS, CountSet, LedgerLine
from balcao.stock.rules.model import StockKey
from balcao.stock.store import ledger as store

DAY_US: Final = 24 * 3600 * 1_000_000
AHEAD_US: Final = 60 * 1_000_000
"""A tenant's clock may run ahead of the server's by a microsecond a change: far less than this."""
PURGE_MAX: Final = 20_000
PURGE_SETS_MAX: Final = 100


async def write_counts(tx: Tx, tenant: Tenant, counts: CountSet) -> None:
    """Append the lines of counts, in the transaction that sets them."""
    await store.insert_counts(tx, tenant, counts)


async def write_lines(tx: Tx, tenant: Tenant, lines: Sequence[LedgerLine]) -> None:
    """Append to the ledger, in the transaction that moves the stock."""
    if lines:
        await store.insert_lines(tx, tenant, lines)


async def find_lines(tx: Tx, tenant: Tenant, key: StockKey, *, limit: int) -> list[LedgerLine]:
    """The newest lines of one level, newest first; what orders reserved is not among them."""
    counts = await store.find_counts_of_level(tx, tenant, key, limit=limit)
    others = await store.find_of_level(tx, tenant, key, limit=limit)
    return sorted([*counts, *others], key=lambda line: line.at_us, reverse=True)[:limit]


async def find_batch_lines(
    tx: Tx, tenant: Tenant, batch_id: UUID, *, between: tuple[Micros, Micros], after: Micros, limit: int
) -> list[LedgerLine]:
    """What a batch that was applied between those instants changed, oldest first, later than `after`."""
    window = Micros(between[0] - AHEAD_US), Micros(between[1] + AHEAD_US)
    return await store.find_counts_of_batch(tx, tenant, batch_id, between=window, after=after, limit=limit)


async def purge_ledger(tx: Tx, tenant: Tenant, *, now: Micros) -> int:
    """Delete some of the lines older than 90 days; how many it were, counts that were set together as one."""
    before = Micros(now - KEPT_DAYS * DAY_US)
    counts = await store.delete_counts_before(tx, tenant, before, limit=PURGE_SETS_MAX)
    return counts + await store.delete_before(tx, tenant, before, limit=PURGE_MAX)
