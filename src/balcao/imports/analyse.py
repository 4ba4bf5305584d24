"""Have tables analysed while they are being filled: what the planner believes of them decides on a factor of a hundred.

PostgreSQL does so by itself once a minute. In that minute of a new shop a million rows may have come, and the planner,
who takes the shop for empty, goes through all of them for each part of a batch.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from balcao.base.db import Database
from balcao.base.values import Tenant
from balcao.imports import store
from balcao.imports.rules.model import Kind

FIRST_ROWS: Final = 1_000
GROWTH: Final = 4
"""Again at each so manifold number of rows."""
TABLES: Final[Mapping[Kind, str]] = {
    Kind.PRODUCTS: "product, sku, product_category, product_words",
    Kind.SKUS: "sku",
    Kind.PRICES: "price",
    Kind.STOCKS: "stock",
}

log = structlog.get_logger(__name__)


class Analyst:
    """Counts the rows that this process inserted for each tenant and kind."""

    def __init__(self) -> None:
        self._inserted: dict[tuple[Tenant, Kind], int] = {}
        self._next: dict[tuple[Tenant, Kind], int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, db: Database, tenant: Tenant, kind: Kind, inserted: int) -> None:
        """So many more were inserted: have the tables analysed if they have grown enough, while work goes on."""
        if kind not in TABLES or not inserted:
            return
        rows = self._inserted[tenant, kind] = self._inserted.get((tenant, kind), 0) + inserted
        if rows < self._next.get((tenant, kind), FIRST_ROWS):
            return
        self._next[tenant, kind] = rows * GROWTH
        task = asyncio.create_task(_analyse(db, kind))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for what is being analysed."""
        await asyncio.gather(*self._tasks)


async def _analyse(db: Database, kind: Kind) -> None:
    """Failures are left to PostgreSQL, which analyses by itself later."""
    try:
        async with db.read() as tx:
            await store.analyse(tx, TABLES[kind])
    except Exception as error:  # noqa: BLE001 - whatever it is, batches go on without
        log.info("tables not analysed", kind=kind, reason=repr(error))
