"""The prices' SQL."""

from collections.abc import Sequence

from balcao.base.clock import Ticks
from balcao.base.columns import columns_of
from balcao.base.db import Tx
from balcao.base.values import Micros, ProductId, SellerId, Tenant
from balcao.catalog.rules.model import Price
from balcao.catalog.rules.reading import PriceLine
from balcao.catalog.store.lists import as_price_line

PriceKey = tuple[ProductId, SellerId]

_SENT = ("product_id", "seller_id", "price", "old_price")


async def find_changed(tx: Tx, tenant: Tenant, prices: Sequence[Price]) -> tuple[list[int], list[int]]:
    """Which of these (from 0, in order) are in the table otherwise, and which are not there; by the primary key."""
    rows = await tx.fetch(
        """
        SELECT n.place, p.product_id IS NOT NULL AS is_there
          FROM unnest($2::uuid[], $3::uuid[], $4::numeric[], $5::numeric[])
               WITH ORDINALITY AS n (product_id, seller_id, price, old_price, place)
          LEFT JOIN price p ON p.tenant = $1 AND p.product_id = n.product_id AND p.seller_id = n.seller_id
         WHERE (p.price, p.old_price, p.is_deleted) IS DISTINCT FROM (n.price, n.old_price, false)
         ORDER BY n.place
        """,
        tenant,
        *columns_of(prices, _SENT),
    )
    return [place - 1 for place, is_there in rows if is_there], [place - 1 for place, is_there in rows if not is_there]


async def replace_prices(tx: Tx, tenant: Tenant, prices: Sequence[Price], first_us: Micros) -> None:
    """Replace prices that are there; the nth carries the nth microsecond from `first_us` on."""
    if prices:
        await tx.execute(
            """
            UPDATE price p SET price = n.price, old_price = n.old_price, is_deleted = false,
                               last_update_us = $6 + n.place - 1
              FROM unnest($2::uuid[], $3::uuid[], $4::numeric[], $5::numeric[])
                   WITH ORDINALITY AS n (product_id, seller_id, price, old_price, place)
             WHERE p.tenant = $1 AND p.product_id = n.product_id AND p.seller_id = n.seller_id
            """,
            tenant,
            *columns_of(prices, _SENT),
            first_us,
        )


async def insert_prices(tx: Tx, tenant: Tenant, prices: Sequence[Price], first_us: Micros) -> None:
    """Insert new prices, the nth with the nth microsecond from `first_us` on. Nobody else writes any meanwhile."""
    if prices:
        await tx.execute(
            """
            INSERT INTO price (tenant, product_id, seller_id, price, old_price, last_update_us)
            SELECT $1, n.product_id, n.seller_id, n.price, n.old_price, $6 + n.place - 1
              FROM unnest($2::uuid[], $3::uuid[], $4::numeric[], $5::numeric[])
                   WITH ORDINALITY AS n (product_id, seller_id, price, old_price, place)
            """,
            tenant,
            *columns_of(prices, _SENT),
            first_us,
        )


async def find_keys(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> list[PriceKey]:
    """The prices of these products that are not deleted, by the primary key."""
    rows = await tx.fetch(
        "SELECT product_id, seller_id FROM price WHERE tenant = $1 AND product_id = ANY($2::uuid[]) AND NOT is_deleted",
        tenant,
        product_ids,
    )
    return [(row["product_id"], row["seller_id"]) for row in rows]


async def delete_prices(tx: Tx, tenant: Tenant, keys: Sequence[PriceKey], ticks: Ticks, first_row: int) -> None:
    """Mark these prices as deleted, the nth with the instant of the ticks' row `first_row + n`."""
    await tx.execute(
        """
        UPDATE price p SET is_deleted = true, last_update_us = n.at_us
          FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS n (product_id, seller_id, at_us)
         WHERE p.tenant = $1 AND p.product_id = n.product_id AND p.seller_id = n.seller_id
        """,
        tenant,
        [product_id for product_id, _ in keys],
        [seller_id for _, seller_id in keys],
        [ticks.at(first_row + n) for n in range(len(keys))],
    )


async def find_of_products(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> list[PriceLine]:
    """Every price of these products, the one for every store first, then by the stores' CNPJs."""
    rows = await tx.fetch(
        """
        SELECT p.product_id, p.seller_id, p.price, p.old_price, p.is_deleted, p.last_update_us,
               g.code AS product_code, s.cnpj AS seller_cnpj
          FROM price p JOIN product g ON g.tenant = p.tenant AND g.product_id = p.product_id
               LEFT JOIN seller s ON s.tenant = p.tenant AND s.seller_id = p.seller_id
         WHERE p.tenant = $1 AND p.product_id = ANY($2::uuid[]) AND NOT p.is_deleted
         ORDER BY p.product_id, s.cnpj NULLS FIRST
        """,
        tenant,
        product_ids,
    )
    return [as_price_line(row) for row in rows]


async def find_priced(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> set[ProductId]:
    """Which of these products have any price, by the primary key."""
    rows = await tx.fetch(
        "SELECT DISTINCT product_id FROM price WHERE tenant = $1 AND product_id = ANY($2::uuid[]) AND NOT is_deleted",
        tenant,
        product_ids,
    )
    return {row["product_id"] for row in rows}
