"""Have tables analysed while they are being filled: what the planner believes of them decides on a factor of a hundred.

PostgreSQL does so by itself once a minute. In that minute of a new shop a million rows may have come, and the planner,
who takes the shop for empty, goes through all of them for each part of a batch.
"""

from collections.abc import Mapping
from typing import Final

import structlog

from balcao.base.db import Database
from balcao.base.errors import BalcaoError
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

    async def note(self, db: Database, tenant: Tenant, kind: Kind, inserted: int) -> None:
        """So many more were inserted: analyse the tables if they have grown enough. Failures are left to PostgreSQL."""
        if kind not in TABLES or not inserted:
            return
        rows = self._inserted[tenant, kind] = self._inserted.get((tenant, kind), 0) + inserted
        if rows < self._next.get((tenant, kind), FIRST_ROWS):
            return
        self._next[tenant, kind] = rows * GROWTH
        try:
            async with db.read() as tx:
                await store.analyse(tx, TABLES[kind])
        except BalcaoError as error:
            log.info("tables not analysed", kind=kind, reason=error.detail)
