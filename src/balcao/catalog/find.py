"""Find products, SKUs and prices, as orders, quotes and lists ask for them."""

from collections.abc import Sequence
from uuid import UUID

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.statements import Statement, run
from balcao.base.values import ProductId, SellerId, SkuId, Tenant
from balcao.catalog.rules.model import EVERY_SELLER, Collection, Price, Product, SkuFacts
from balcao.catalog.store import collections, facts, products, skus


async def find_skus(tx: Tx, tenant: Tenant, codes: Sequence[str]) -> dict[str, SkuFacts]:
    """The SKUs with these codes, by code; deleted and inactive ones too, so that the caller can say why it refuses."""
    return await run(tx, finding_skus(tenant, codes)) if codes else {}


def finding_skus(tenant: Tenant, codes: Sequence[str]) -> Statement[dict[str, SkuFacts]]:
    """`find_skus` as a statement, to go with others."""
    return facts.find_skus(tenant, codes).then(lambda found: {sku.code: sku for sku in found})


async def find_picture(tx: Tx, tenant: Tenant, thing_id: UUID) -> tuple[str, str | None]:
    """The name of a product or a SKU, and the address of its first picture if it has one. Raises NotFound."""
    found = await facts.find_picture(tx, tenant, thing_id)
    if found is None:
        raise NotFound(f"There is no product or SKU {thing_id}.", code="product_not_found")
    return found


async def find_skus_of(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> list[SkuId]:
    """The SKUs of these products that are not deleted."""
    if not product_ids:
        return []
    return [sku.sku_id for sku in await skus.find_of_products(tx, tenant, product_ids)]


async def find_products(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> list[Product]:
    """The products with these ids, deleted ones too, in no order."""
    return await products.find_products(tx, tenant, ids=product_ids) if product_ids else []


async def find_collection(tx: Tx, tenant: Tenant, code: str) -> Collection:
    """The collection with this code. Raises NotFound."""
    found = await collections.find_collections(tx, tenant, codes=[code])
    if not found:
        raise NotFound(f"There is no collection {code}.", code="collection_not_found")
    return found[0]


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
