"""Find SKUs and prices, as orders and quotes ask for them."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.values import ProductId, SellerId, Tenant
from balcao.catalog.rules.model import EVERY_SELLER, Price, SkuFacts
from balcao.catalog.store import facts


async def find_skus(tx: Tx, tenant: Tenant, codes: Sequence[str]) -> dict[str, SkuFacts]:
    """The SKUs with these codes, by code; deleted and inactive ones too, so that the caller can say why it refuses."""
    if not codes:
        return {}
    return {sku.code: sku for sku in await facts.find_skus(tx, tenant, codes)}


async def find_prices(
    tx: Tx, tenant: Tenant, seller_ids: Sequence[SellerId], product_ids: Sequence[ProductId]
) -> dict[tuple[ProductId, SellerId], Price]:
    """Each product's price in each store: its own, else the one for every store; absent where there is neither."""
    if not (seller_ids and product_ids):
        return {}
    rows = await facts.find_prices(tx, tenant, [*seller_ids, EVERY_SELLER], product_ids)
    found = {(row.product_id, row.seller_id): row for row in rows}
    return {
        (product, seller): price
        for product in product_ids
        for seller in seller_ids
        if (price := found.get((product, seller)) or found.get((product, EVERY_SELLER)))
    }
