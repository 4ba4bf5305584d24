"""The prices' history: its SQL."""

from collections.abc import Sequence

from balcao.base.clock import Ticks
from balcao.base.columns import columns_of
from balcao.base.db import Tx
from balcao.base.values import Micros, ProductId, Tenant
from balcao.catalog.rules.model import Price
from balcao.catalog.rules.reading import PriceChange
from balcao.catalog.store.prices import PriceKey

_INSERT = """
    INSERT INTO price_change (tenant, product_id, seller_id, at_us, price, old_price, actor)
    SELECT $1, n.product_id, n.seller_id, n.at_us, n.price, n.old_price, $2
      FROM unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::numeric[], $7::numeric[])
           AS n (product_id, seller_id, at_us, price, old_price)
"""


async def insert_prices(tx: Tx, tenant: Tenant, prices: Sequence[Price], ticks: Ticks, actor: str) -> None:
    """What these became; the nth at the instant of the ticks' row n."""
    products, sellers, amounts, before = columns_of(prices, ("product_id", "seller_id", "price", "old_price"))
    instants = [ticks.at(n) for n in range(len(prices))]
    await tx.execute(_INSERT, tenant, actor, products, sellers, instants, amounts, before)


async def insert_deleted(
    tx: Tx, tenant: Tenant, keys: Sequence[PriceKey], ticks: Ticks, actor: str, *, first_row: int
) -> None:
    """That these went; the nth at the instant of the ticks' row `first_row + n`."""
    nothing = [None] * len(keys)
    instants = [ticks.at(first_row + n) for n in range(len(keys))]
    products, sellers = [key[0] for key in keys], [key[1] for key in keys]
    await tx.execute(_INSERT, tenant, actor, products, sellers, instants, nothing, nothing)


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
