"""What a product's prices were, for two years."""

from typing import Final

from balcao.base.db import Tx
from balcao.base.values import Micros, ProductId, Tenant
from balcao.catalog.rules.reading import PriceChange
from balcao.catalog.store import price_changes as store

KEPT_US: Final = 2 * 366 * 24 * 3600 * 1_000_000
PURGE_MAX: Final = 20_000


async def find_price_changes(tx: Tx, tenant: Tenant, product_id: ProductId, *, limit: int) -> list[PriceChange]:
    """The newest changes of the product's prices, in every store, newest first."""
    return await store.find_of_product(tx, tenant, product_id, limit=limit)


async def purge_price_changes(tx: Tx, tenant: Tenant, *, now: Micros) -> int:
    """Delete some of the changes older than two years; how many it were."""
    return await store.delete_before(tx, tenant, Micros(now - KEPT_US), limit=PURGE_MAX)
