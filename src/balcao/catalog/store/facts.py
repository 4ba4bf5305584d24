"""What orders and quotes ask of the catalogue."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.statements import Statement, rows_of
from balcao.base.values import ProductId, SellerId, Tenant
from balcao.catalog.rules.model import Attribute, Price, SkuFacts

_attributes = msgspec.json.Decoder(tuple[Attribute, ...])


def find_skus(tenant: Tenant, codes: Sequence[str]) -> Statement[list[SkuFacts]]:
    """The SKUs with these codes and their products' facts, by the unique keys of both."""
    return Statement(
        """
        SELECT s.sku_id, s.product_id, s.code, s.name, s.barcode, s.aux_code,
               s.is_active AND p.is_active AS is_active, s.is_deleted OR p.is_deleted AS is_deleted,
               p.code AS product_code, p.name AS product_name, p.body->>'description' AS product_description,
               p.reference_code, p.body->>'brand' AS brand,
               coalesce(s.body->'attributes', '[]') AS attributes,
               coalesce(s.body->'images'->0->>'image_url', p.body->'images'->0->>'image_url',
                        p.body->>'image_url') AS image_url,
               p.height_cm, p.length_cm, p.width_cm, p.weight_kg
          FROM sku s JOIN product p ON p.tenant = s.tenant AND p.product_id = s.product_id
         WHERE s.tenant = $1 AND s.code = ANY($2::text[])
        """,
        (tenant, codes),
        rows_of(SkuFacts),
    )


async def find_picture(tx: Tx, tenant: Tenant, thing_id: UUID) -> tuple[str, str | None] | None:
    """Name and first picture of a SKU, its product's where it has none of its own, or of a product; by primary keys."""
    row = await tx.fetchrow(
        """
        SELECT coalesce(nullif(s.name, ''), p.name, s.code) AS name,
               coalesce(s.body->'images'->0->>'image_url', p.body->'images'->0->>'image_url',
                        p.body->>'image_url') AS image_url
          FROM sku s JOIN product p ON p.tenant = s.tenant AND p.product_id = s.product_id
         WHERE s.tenant = $1 AND s.sku_id = $2
        UNION ALL
        SELECT coalesce(nullif(p.name, ''), p.code), coalesce(p.body->'images'->0->>'image_url', p.body->>'image_url')
          FROM product p WHERE p.tenant = $1 AND p.product_id = $2
         LIMIT 1
        """,
        tenant,
        thing_id,
    )
    return None if row is None else (row["name"], row["image_url"])


async def find_prices(
    tx: Tx, tenant: Tenant, seller_ids: Sequence[SellerId], product_ids: Sequence[ProductId]
) -> list[Price]:
    """The price rows of these products in these stores, by the primary key."""
    rows = await tx.fetch(
        """
        SELECT product_id, seller_id, price, old_price, last_update_us FROM price
         WHERE tenant = $1 AND product_id = ANY($2::uuid[]) AND seller_id = ANY($3::uuid[]) AND NOT is_deleted
        """,
        tenant,
        product_ids,
        seller_ids,
    )
    return [Price(**dict(row)) for row in rows]
