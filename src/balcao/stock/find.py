"""Find stock levels without locking them: for quotes, lists and products."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.paging import Page, PageAsk
from balcao.base.values import ProductId, SellerId, SkuId, Tenant
from balcao.stock.rules.model import Level, StockFilter, StockKey, StockLine
from balcao.stock.store import levels, lists


async def find_levels(
    tx: Tx, tenant: Tenant, seller_ids: Sequence[SellerId], sku_ids: Sequence[SkuId]
) -> dict[StockKey, Level]:
    """The level of each of these SKUs in each of these stores; never counted and never sold there: absent."""
    if not (seller_ids and sku_ids):
        return {}
    return await levels.find_levels(tx, tenant, seller_ids, sku_ids)


async def list_stock(tx: Tx, tenant: Tenant, wanted: StockFilter, ask: PageAsk) -> Page[StockLine]:
    """Levels a page at a time, sorted by `STOCK_SORTS`."""
    return await lists.list_stock(tx, tenant, wanted, ask)


async def find_stock_of_skus(tx: Tx, tenant: Tenant, sku_ids: Sequence[SkuId]) -> list[StockLine]:
    """Every store's level of these SKUs, in the order of the stores' CNPJs."""
    return await lists.find_of_skus(tx, tenant, sku_ids) if sku_ids else []


async def find_stocked(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> set[ProductId]:
    """Which of these products have a unit to sell: of an active SKU, in an active store."""
    return await lists.find_stocked(tx, tenant, product_ids) if product_ids else set()
