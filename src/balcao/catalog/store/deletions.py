"""Marking records as deleted: orders and change feeds still read them, and they live again when they are put."""

from collections.abc import Sequence

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.values import CategoryId, ProductId, SkuId, Tenant


async def delete_products(tx: Tx, tenant: Tenant, ids: Sequence[ProductId], ticks: Ticks, first_row: int) -> None:
    """Mark these products; the nth carries the instant of the ticks' row `first_row + n`. Collections lose them."""
    await tx.execute(
        """
        UPDATE product p SET is_deleted = true, row_digest = NULL, last_update_us = n.at_us
          FROM unnest($2::uuid[], $3::bigint[]) AS n (product_id, at_us)
         WHERE p.tenant = $1 AND p.product_id = n.product_id
        """,
        tenant,
        ids,
        [ticks.at(first_row + n) for n in range(len(ids))],
    )
    await tx.execute("DELETE FROM product_collection WHERE tenant = $1 AND product_id = ANY($2::uuid[])", tenant, ids)


async def delete_skus(tx: Tx, tenant: Tenant, ids: Sequence[SkuId], ticks: Ticks, first_row: int) -> None:
    """Mark these SKUs; the nth carries the instant of the ticks' row `first_row + n`."""
    await tx.execute(
        """
        UPDATE sku s SET is_deleted = true, last_update_us = n.at_us
          FROM unnest($2::uuid[], $3::bigint[]) AS n (sku_id, at_us)
         WHERE s.tenant = $1 AND s.sku_id = n.sku_id
        """,
        tenant,
        ids,
        [ticks.at(first_row + n) for n in range(len(ids))],
    )


async def delete_category(tx: Tx, tenant: Tenant, category_id: CategoryId, ticks: Ticks, row: int) -> None:
    """Mark this category, with the instant of the ticks' row, and take every product out of it."""
    await tx.execute(
        "UPDATE category SET is_deleted = true, last_update_us = $3 WHERE tenant = $1 AND category_id = $2",
        tenant,
        category_id,
        ticks.at(row),
    )
    await tx.execute("DELETE FROM product_category WHERE tenant = $1 AND category_id = $2", tenant, category_id)


async def find_products_in(tx: Tx, tenant: Tenant, category_ids: Sequence[CategoryId]) -> list[ProductId]:
    """The living products in any of these categories, by `product_category_by_category`."""
    rows = await tx.fetch(
        """
        SELECT DISTINCT l.product_id
          FROM product_category l JOIN product p ON p.tenant = $1 AND p.product_id = l.product_id
         WHERE l.tenant = $1 AND l.category_id = ANY($2::uuid[]) AND NOT p.is_deleted ORDER BY 1
        """,
        tenant,
        category_ids,
    )
    return [row["product_id"] for row in rows]
