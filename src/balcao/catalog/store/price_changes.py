"""The prices' history: its SQL. What is written is noted with it (`prices.py`)."""

from collections.abc import Sequence

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.values import Micros, ProductId, Tenant
from balcao.catalog.rules.reading import PriceChange
from balcao.catalog.store.prices import PriceKey


async def insert_deleted(
    tx: Tx, tenant: Tenant, keys: Sequence[PriceKey], ticks: Ticks, actor: str, *, first_row: int
) -> None:
    """That these went; the nth at the instant of the ticks' row `first_row + n`."""
    await tx.execute(
        """
        INSERT INTO price_change (tenant, product_id, seller_id, at_us, actor)
        SELECT $1, n.product_id, n.seller_id, $5 + n.place - 1, $2
          FROM unnest($3::uuid[], $4::uuid[]) WITH ORDINALITY AS n (product_id, seller_id, place)
        """,
        tenant,
        actor,
        [product_id for product_id, _ in keys],
        [seller_id for _, seller_id in keys],
        ticks.at(first_row),
    )


async def find_of_product(tx: Tx, tenant: Tenant, product_id: ProductId, *, limit: int) -> list[PriceChange]:
    """A product's newest changes in any store, newest first, by the primary key."""
    rows = await tx.fetch(
        """
        SELECT c.at_us, c.price, c.old_price, c.actor, s.cnpj AS seller_cnpj
          FROM price_change c LEFT JOIN seller s ON s.tenant = c.tenant AND s.seller_id = c.seller_id
         WHERE c.tenant = $1 AND c.product_id = $2
         ORDER BY c.at_us DESC LIMIT $3
        """,
        tenant,
        product_id,
        limit,
    )
    return [PriceChange(**dict(row)) for row in rows]


async def delete_before(tx: Tx, tenant: Tenant, before: Micros, *, limit: int) -> int:
    """Forget changes older than that; how many."""
    done = await tx.execute(
        """
        DELETE FROM price_change c USING (
               SELECT product_id, at_us FROM price_change WHERE tenant = $1 AND at_us < $2 LIMIT $3) AS old
         WHERE c.tenant = $1 AND c.product_id = old.product_id AND c.at_us = old.at_us
        """,
        tenant,
        before,
        limit,
    )
    return int(done.rpartition(" ")[2])
