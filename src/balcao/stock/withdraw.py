"""Take SKUs off the shelves of all stores: only what orders hold stays."""

from collections.abc import Sequence

from balcao.base.batch import Sent
from balcao.base.db import Tx
from balcao.base.values import Micros, SkuId, Tenant
from balcao.catalog.rules.match import SkuMatch
from balcao.sellers.rules.match import SellerMatch
from balcao.stock.count import CountStock, count_stock
from balcao.stock.reserve import lock_levels
from balcao.stock.rules.model import StockCount
from balcao.stock.store import lists


async def withdraw_skus(tx: Tx, tenant: Tenant, sku_ids: Sequence[SkuId], *, actor: str, now: Micros) -> None:
    """Count every store's stock of these SKUs down to what is reserved, under the locks that orders wait for.

    So the stock feed tells that nothing can be sold any more, and open orders can still be invoiced. The caller has
    taken the tenant's turn. Call it before the SKUs are deleted: nothing of a deleted one can be counted.
    """
    keys = await lists.find_keys(tx, tenant, sku_ids) if sku_ids else []
    levels = await lock_levels(tx, tenant, keys)
    counts = [
        StockCount(seller=str(seller_id), sku=str(sku_id), quantity=max(level.reserved, 0))
        for (seller_id, sku_id), level in levels.items()
        if level.on_hand > max(level.reserved, 0)
    ]
    if counts:
        rows = [Sent(row, count) for row, count in enumerate(counts, start=1)]
        cmd = CountStock(tenant=tenant, actor=actor, rows=rows, sellers_by=SellerMatch.ID, skus_by=SkuMatch.ID)
        await count_stock(tx, cmd, now)
