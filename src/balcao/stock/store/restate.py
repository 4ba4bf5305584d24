"""Levels of stores whose safety stock changes."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.values import Micros, SkuId, Tenant


class Margin(NamedTuple):
    """A store's safety stock, before and after."""

    seller_id: UUID
    before: int
    after: int


async def lock_levels_of(tx: Tx, tenant: Tenant, seller_ids: Sequence[object]) -> None:
    """Lock every level of these stores in the house's order."""
    await tx.execute(
        """
        SELECT 1 FROM stock WHERE tenant = $1 AND seller_id = ANY($2::uuid[]) ORDER BY seller_id, sku_id FOR UPDATE
        """,
        tenant,
        seller_ids,
    )


async def count_levels_of(tx: Tx, tenant: Tenant, margins: Sequence[Margin]) -> int:
    """How many levels these stores have."""
    rows: int = await tx.fetchval(
        "SELECT count(*) FROM stock WHERE tenant = $1 AND seller_id = ANY($2::uuid[])",
        tenant,
        [margin.seller_id for margin in margins],
    )
    return rows


async def restate(tx: Tx, tenant: Tenant, margins: Sequence[Margin], ticks: Ticks) -> dict[SkuId, Micros]:
    """Give the levels of these stores new instants, from the ticks' first row on.

    The SKUs of which there is something to sell now where nothing was before, or the other way round, with the instants
    of those rows.
    """
    rows = await tx.fetch(
        """
        WITH n AS (
            SELECT k.seller_id, k.sku_id, m.before, m.after,
                   $5::bigint - 1 + row_number() OVER (ORDER BY k.seller_id, k.sku_id) AS at_us
              FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS m (seller_id, before, after)
              JOIN stock k ON k.tenant = $1 AND k.seller_id = m.seller_id),
        written AS (
            UPDATE stock k SET last_update_us = n.at_us
              FROM n WHERE k.tenant = $1 AND k.sku_id = n.sku_id AND k.seller_id = n.seller_id
            RETURNING k.sku_id, k.on_hand - k.reserved AS rest, n.before, n.after, n.at_us)
        SELECT sku_id, max(at_us) AS at_us FROM written WHERE (rest > before) <> (rest > after) GROUP BY sku_id
        """,
        tenant,
        [margin.seller_id for margin in margins],
        [margin.before for margin in margins],
        [margin.after for margin in margins],
        ticks.at(0),
    )
    return {row["sku_id"]: row["at_us"] for row in rows}
