"""Find stock levels without locking them, for quotes."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.values import SellerId, SkuId, Tenant
from balcao.stock.rules.model import Level, StockKey
from balcao.stock.store import levels


async def find_levels(
    tx: Tx, tenant: Tenant, seller_ids: Sequence[SellerId], sku_ids: Sequence[SkuId]
) -> dict[StockKey, Level]:
    """The level of each of these SKUs in each of these stores; never counted and never sold there: absent."""
    if not (seller_ids and sku_ids):
        return {}
    return await levels.find_levels(tx, tenant, seller_ids, sku_ids)
