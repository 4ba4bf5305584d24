"""Counts: which rows differ, and setting them."""

from collections.abc import Collection, Mapping, Sequence, Set

import asyncpg

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.stock.rules.model import StockKey


async def find_changed(tx: Tx, tenant: Tenant, counts: Mapping[StockKey, int]) -> dict[StockKey, bool]:
    """The keys whose row is missing (True) or holds another quantity (False)."""
    rows = await tx.fetch(
        """
        SELECT n.seller_id, n.sku_id, k.sku_id IS NULL AS is_new
          FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS n (seller_id, sku_id, on_hand)
          LEFT JOIN stock k ON k.tenant = $1 AND k.seller_id = n.seller_id AND k.sku_id = n.sku_id
         WHERE k.on_hand IS DISTINCT FROM n.on_hand
        """,
        tenant,
        [seller for seller, _ in counts],
        [sku for _, sku in counts],
        list(counts.values()),
    )
    return {(seller, sku): is_new for seller, sku, is_new in rows}


async def lock_rows(tx: Tx, tenant: Tenant, keys: Sequence[StockKey]) -> None:
    """Lock these rows in the house's order, without reading them: a count replaces whatever is there."""
    if not keys:
        return
    await tx.execute(
        """
        SELECT 1
          FROM unnest($2::uuid[], $3::uuid[]) AS a (seller_id, sku_id)
          JOIN stock k ON k.tenant = $1 AND k.seller_id = a.seller_id AND k.sku_id = a.sku_id
         WHERE k.tenant = $1
         ORDER BY k.seller_id, k.sku_id
           FOR UPDATE OF k
        """,
        tenant,
        [seller for seller, _ in keys],
        [sku for _, sku in keys],
    )


async def save_counts(tx: Tx, tenant: Tenant, counts: Mapping[StockKey, int], new: Set[StockKey], ticks: Ticks) -> None:
    """Set these rows' quantities, the nth with the instant of the ticks' row n; `new` ones are made, the others locked.

    Where an order made a row since it was looked for, the transaction is given up, to be run again: its next order may
    hold that row and wait for our clock.
    """
    at_us = {key: ticks.at(n) for n, key in enumerate(counts)}
    old = [key for key in counts if key not in new]
    if old:
        await tx.execute(
            """
            UPDATE stock k SET on_hand = n.on_hand, last_update_us = n.at_us
              FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[]) AS n (seller_id, sku_id, on_hand, at_us)
             WHERE k.tenant = $1 AND k.seller_id = n.seller_id AND k.sku_id = n.sku_id
            """,
            tenant,
            *_columns(old, counts, at_us),
        )
    if new:
        status = await tx.execute(
            """
            INSERT INTO stock (tenant, seller_id, sku_id, on_hand, reserved, last_update_us)
            SELECT $1, n.seller_id, n.sku_id, n.on_hand, 0, n.at_us
              FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[]) AS n (seller_id, sku_id, on_hand, at_us)
            ON CONFLICT (tenant, seller_id, sku_id) DO NOTHING
            """,
            tenant,
            *_columns(new, counts, at_us),
        )
        if status != f"INSERT 0 {len(new)}":
            raise asyncpg.SerializationError("an order made a stock row at the same time")


def _columns(
    keys: Collection[StockKey], counts: Mapping[StockKey, int], at_us: Mapping[StockKey, int]
) -> list[list[object]]:
    return [
        [seller for seller, _ in keys],
        [sku for _, sku in keys],
        [counts[key] for key in keys],
        [at_us[key] for key in keys],
    ]
