"""Pages of products by what stores can sell of them."""

from collections.abc import Sequence

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.listing import Listing
from balcao.base.paging import Page, PageAsk, continues
from balcao.base.values import ProductId, SellerId, Tenant
from balcao.catalog.rules.model import EVERY_SELLER
from balcao.offers.rules import ProductFilter

# Subqueries that end with the first row: as joins they would be worked out for the whole catalogue first.
_HAS_STOCK = """
    ((SELECT true FROM sku s JOIN stock k ON k.tenant = $1 AND k.sku_id = s.sku_id
                             JOIN seller e ON e.tenant = $1 AND e.seller_id = k.seller_id
       WHERE s.tenant = $1 AND s.product_id = p.product_id AND s.is_active AND NOT s.is_deleted
         AND e.is_active AND k.on_hand - k.reserved - e.safety_stock > 0 LIMIT 1) IS NOT NULL)
"""
_HAS_PRICE = """
    ((SELECT true FROM price r WHERE r.tenant = $1 AND r.product_id = p.product_id AND NOT r.is_deleted LIMIT 1)
     IS NOT NULL)
"""
_HAS_IMAGES = """
    (p.body ? 'images' OR p.body ? 'image_url' OR
     (SELECT true FROM sku s WHERE s.tenant = $1 AND s.product_id = p.product_id AND NOT s.is_deleted
         AND s.body ? 'images' LIMIT 1) IS NOT NULL)
"""
_IS_AVAILABLE = f"(p.is_active AND NOT p.is_deleted AND {_HAS_PRICE} AND {_HAS_STOCK})"


async def list_products(tx: Tx, tenant: Tenant, wanted: ProductFilter, ask: PageAsk) -> Page[ProductId]:
    """A page of products, by `product_by_last_update` where that is the sort; deleted ones where changes are asked for.

    Those found by a search are `$2` (`FOUND_SORTS`).
    """
    source = "FROM product p WHERE p.tenant = $1"
    listing = Listing(tenant, columns="p.product_id", source=source, key="p.product_id")
    if wanted.found is not None:
        listing.where("p.product_id = ANY({}::uuid[])", wanted.found)
    if wanted.since is None:
        listing.where("NOT p.is_deleted")
    elif not (continues(ask) and ask.sort.field == "lastUpdate"):
        listing.where("p.last_update_us > {}", wanted.since)
    if wanted.is_active is not None:
        # Written out, or a plan that is made for either finds no use for the index of the few.
        listing.where("p.is_active" if wanted.is_active else "NOT p.is_active")
    derived = {
        _HAS_PRICE: wanted.has_price,
        _HAS_STOCK: wanted.has_stock,
        _IS_AVAILABLE: wanted.is_available,
        _HAS_IMAGES: wanted.has_images,
    }
    for condition, value in derived.items():
        if value is not None:
            listing.where_derived(f"{condition} = {{}}", value)
    return (await listing.fetch(tx, ask)).map(_id)


def _id(row: Record) -> ProductId:
    return ProductId(row["product_id"])


async def find_sellable(
    tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId], seller_ids: Sequence[SellerId]
) -> set[ProductId]:
    """Which of these can be bought in one of these stores: active, with a price and a unit to sell in the same one."""
    rows = await tx.fetch(
        """
        SELECT p.product_id FROM product p
         WHERE p.tenant = $1 AND p.product_id = ANY($2::uuid[]) AND p.is_active AND NOT p.is_deleted
           AND EXISTS (SELECT FROM sku s
                         JOIN stock k ON k.tenant = $1 AND k.sku_id = s.sku_id AND k.seller_id = ANY($3::uuid[])
                         JOIN seller e ON e.tenant = $1 AND e.seller_id = k.seller_id
                         JOIN price r ON r.tenant = $1 AND r.product_id = s.product_id
                                     AND r.seller_id IN (k.seller_id, $4) AND NOT r.is_deleted
                        WHERE s.tenant = $1 AND s.product_id = p.product_id AND s.is_active AND NOT s.is_deleted
                          AND e.is_active AND k.on_hand - k.reserved - e.safety_stock > 0)
        """,
        tenant,
        product_ids,
        seller_ids,
        EVERY_SELLER,
    )
    return {row["product_id"] for row in rows}
