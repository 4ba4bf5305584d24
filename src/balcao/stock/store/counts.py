"""Counts: which rows differ, and setting them with a line in the ledger for each."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.stock.rules.ledger import Cause
from balcao.stock.rules.model import StockKey


class Differing(NamedTuple):
    """What a count met: which of the counts (from 0), and the row as it is; on_hand None where there is none yet."""

    n: int
    on_hand: int | None
    reserved: int
    counted_us: Micros | None


class Written(NamedTuple):
    """A count about to be written; before: the row's quantity, None for a new row."""

    key: StockKey
    before: int | None
    quantity: int
    counted_us: Micros | None


async def find_differing(
    tx: Tx, tenant: Tenant, keys: Sequence[StockKey], quantities: Sequence[int]
) -> list[Differing]:
    """The counts whose row is missing or holds another quantity, by the primary key."""
    rows = await tx.fetch(
        """
        SELECT n.place, k.on_hand, k.reserved, k.counted_us
          FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) WITH ORDINALITY AS n (seller_id, sku_id, on_hand, place)
          LEFT JOIN stock k ON k.tenant = $1 AND k.sku_id = n.sku_id AND k.seller_id = n.seller_id
         WHERE k.on_hand IS DISTINCT FROM n.on_hand
        """,
        tenant,
        *_keys(keys),
        quantities,
    )
    return [Differing(place - 1, on_hand, reserved or 0, counted_us) for place, on_hand, reserved, counted_us in rows]


async def find_stamps(tx: Tx, tenant: Tenant, keys: Sequence[StockKey]) -> list[Micros | None]:
    """When the rows that are there were counted, by the senders' times, in the order of the keys."""
    rows = await tx.fetch(
        """
        SELECT k.counted_us
          FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS n (seller_id, sku_id, place)
          LEFT JOIN stock k ON k.tenant = $1 AND k.sku_id = n.sku_id AND k.seller_id = n.seller_id
         ORDER BY n.place
        """,
        tenant,
        *_keys(keys),
    )
    return [row["counted_us"] for row in rows]


async def lock_counted(tx: Tx, tenant: Tenant, keys: Sequence[StockKey]) -> list[tuple[int, int]]:
    """Lock rows that are there, by (seller, SKU) as everybody does; each one's on hand and reserved.

    The keys come in that order, and so do the answers.
    """
    rows = await tx.fetch(
        """
        SELECT k.on_hand, k.reserved
          FROM unnest($2::uuid[], $3::uuid[]) AS a (seller_id, sku_id)
          JOIN stock k ON k.tenant = $1 AND k.sku_id = a.sku_id AND k.seller_id = a.seller_id
         WHERE k.tenant = $1
         ORDER BY k.seller_id, k.sku_id
           FOR UPDATE OF k
        """,
        tenant,
        *_keys(keys),
    )
    return [(on_hand, reserved) for on_hand, reserved in rows]


async def save_stamps(tx: Tx, tenant: Tenant, keys: Sequence[StockKey], counted_us: Sequence[Micros | None]) -> None:
    """Note when rows were counted whose quantity is as it was: nothing that anybody is shown."""
    await tx.execute(
        """
        UPDATE stock k SET counted_us = n.counted_us
          FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS n (seller_id, sku_id, counted_us)
         WHERE k.tenant = $1 AND k.sku_id = n.sku_id AND k.seller_id = n.seller_id
        """,
        tenant,
        *_keys(keys),
        counted_us,
    )


async def save_counts(
    tx: Tx, tenant: Tenant, written: Sequence[Written], ticks: Ticks, *, actor: str, batch_id: UUID | None
) -> None:
    """Set these rows' quantities, the nth with the instant of the ticks' row n; new ones are made, the others locked.

    Where an order made a row since it was looked for, the transaction is given up, to be run again: its next order may
    hold that row and wait for our clock.
    """
    stamped = [(each, ticks.at(n)) for n, each in enumerate(written)]
    given = int(Cause.COUNTED), batch_id, actor
    if old := [each for each in stamped if each[0].before is not None]:
        _expect(len(old), await tx.execute(_UPDATE, tenant, *_columns(old), *given))
    if new := [each for each in stamped if each[0].before is None]:
        _expect(len(new), await tx.execute(_INSERT, tenant, *_columns(new), *given))


def _expect(rows: int, status: str) -> None:
    if status != f"INSERT 0 {rows}":
        raise asyncpg.SerializationError("an order made a stock row at the same time")


_UPDATE = """
    WITH n AS (
        SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
                      AS n (seller_id, sku_id, before, on_hand, counted_us, at_us)),
    written AS (
        UPDATE stock k SET on_hand = n.on_hand, counted_us = coalesce(n.counted_us, k.counted_us),
                           last_update_us = n.at_us
          FROM n WHERE k.tenant = $1 AND k.sku_id = n.sku_id AND k.seller_id = n.seller_id)
    INSERT INTO stock_ledger (tenant, sku_id, seller_id, at_us, cause, subject_id, actor, on_hand, on_hand_change,
                              reserved_change)
    SELECT $1, n.sku_id, n.seller_id, n.at_us, $8::smallint, $9::uuid, $10::text, n.on_hand, n.on_hand - n.before, 0
      FROM n
"""
_INSERT = """
    WITH made AS (
        INSERT INTO stock AS k (tenant, seller_id, sku_id, on_hand, reserved, counted_us, last_update_us)
        SELECT $1, n.seller_id, n.sku_id, n.on_hand, 0, n.counted_us, n.at_us
          FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
               AS n (seller_id, sku_id, before, on_hand, counted_us, at_us)
        ON CONFLICT (tenant, sku_id, seller_id) DO NOTHING
        RETURNING seller_id, sku_id, on_hand, last_update_us)
    INSERT INTO stock_ledger (tenant, sku_id, seller_id, at_us, cause, subject_id, actor, on_hand, on_hand_change,
                              reserved_change)
    SELECT $1, n.sku_id, n.seller_id, n.last_update_us, $8::smallint, $9::uuid, $10::text, n.on_hand, n.on_hand, 0
      FROM made n
"""


def _keys(keys: Sequence[StockKey]) -> list[list[Any]]:
    return [[seller for seller, _ in keys], [sku for _, sku in keys]]


def _columns(stamped: Sequence[tuple[Written, Micros]]) -> list[list[Any]]:
    return [
        [each.key[0] for each, _ in stamped],
        [each.key[1] for each, _ in stamped],
        [each.before for each, _ in stamped],
        [each.quantity for each, _ in stamped],
        [each.counted_us for each, _ in stamped],
        [at_us for _, at_us in stamped],
    ]
