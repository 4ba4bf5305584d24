"""Levels: read, locked and moved."""

from collections.abc import Sequence

import asyncpg
import msgspec

from balcao.base.clock import Ticks
from balcao.base.columns import array, numbers
from balcao.base.db import Tx
from balcao.base.statements import Statement, counted, holds, rows_of
from balcao.base.values import Micros, SellerId, SkuId, Tenant
from balcao.stock.rules.model import Level, StockKey, StockMove


async def find_levels(
    tx: Tx, tenant: Tenant, seller_ids: Sequence[SellerId], sku_ids: Sequence[SkuId]
) -> dict[StockKey, Level]:
    """These stores' levels of these SKUs, by the primary key, without locks."""
    rows = await tx.fetch(
        """
        SELECT k.seller_id, k.sku_id, k.on_hand, k.reserved, s.safety_stock
          FROM stock k JOIN seller s ON s.tenant = k.tenant AND s.seller_id = k.seller_id
         WHERE k.tenant = $1 AND k.seller_id = ANY($2::uuid[]) AND k.sku_id = ANY($3::uuid[])
        """,
        tenant,
        seller_ids,
        sku_ids,
    )
    return _as_levels(rows)


async def lock_levels(tx: Tx, tenant: Tenant, keys: Sequence[StockKey]) -> dict[StockKey, Level]:
    """Lock these rows one after the other by (seller, SKU), then answer them as they are under the lock."""
    rows = await tx.fetch(
        # The sort is below the locking in the plan: rows are locked in that order, whoever asks. A row that somebody
        # else held is read again after the wait.
        """
        SELECT k.seller_id, k.sku_id, k.on_hand, k.reserved, s.safety_stock
          FROM unnest($2::text::uuid[], $3::text::uuid[]) AS a (seller_id, sku_id)
          JOIN stock k ON k.tenant = $1 AND k.seller_id = a.seller_id AND k.sku_id = a.sku_id
          JOIN seller s ON s.tenant = $1 AND s.seller_id = k.seller_id
         WHERE k.tenant = $1
         ORDER BY k.seller_id, k.sku_id
           FOR UPDATE OF k
        """,
        tenant,
        array([seller for seller, _ in keys]),
        array([sku for _, sku in keys]),
    )
    return _as_levels(rows)


ENOUGH = holds("enough")
"""SQL: whether all levels that `locking_enough` locked had enough, once they are locked."""


def locking_enough(tenant: Tenant, moves: Sequence[StockMove], *, after: str) -> Statement[None]:
    """Lock the moves' rows as `lock_levels` does, as part of what is to be undone unless all have ENOUGH: more than is
    to be reserved, so that something is left to sell. after: SQL that is to be true first.
    """
    return Statement(
        "",
        (
            tenant,
            array([move.seller_id for move in moves]),
            array([move.sku_id for move in moves]),
            numbers(move.reserved for move in moves),
            len(moves),
        ),
        beside=(
            (
                "locked",
                f"""
                SELECT k.on_hand - k.reserved - s.safety_stock > a.reserved AS fits
                  FROM unnest($2::text::uuid[], $3::text::uuid[], $4::text::bigint[]) AS a (seller_id, sku_id, reserved)
                  JOIN stock k ON k.tenant = $1 AND k.seller_id = a.seller_id AND k.sku_id = a.sku_id
                  JOIN seller s ON s.tenant = $1 AND s.seller_id = k.seller_id
                 WHERE k.tenant = $1 AND {after}
                 ORDER BY k.seller_id, k.sku_id
                   FOR UPDATE OF k
                """,  # noqa: S608
            ),
            ("enough", counted("locked", "$5", "fits")),
        ),
    )


def _as_levels(rows: Sequence[asyncpg.Record]) -> dict[StockKey, Level]:
    return {(seller, sku): Level(on_hand, reserved, safety) for seller, sku, on_hand, reserved, safety in rows}


class Turned(msgspec.Struct, frozen=True):
    """A SKU of which `move_stock` left something to sell where nothing was before, or the other way round; and the
    instant of that row.
    """

    sku_id: SkuId
    at_us: Micros


def move_stock(tenant: Tenant, moves: Sequence[StockMove], first_row: int) -> Statement[list[Turned]]:
    """Add the moves to their rows, which the caller holds locked, the nth with the instant `first_row + n` of `clock`
    (`base.clock.ticking`).
    """
    return Statement(
        """
        SELECT v.sku_id, max(v.at_us) AS at_us
          FROM moved v JOIN seller e ON e.tenant = $1 AND e.seller_id = v.seller_id
         WHERE (v.rest > e.safety_stock) <> (v.rest - v.change > e.safety_stock)
         GROUP BY v.sku_id
        """,
        (*_columns(tenant, moves), numbers(range(first_row, first_row + len(moves)))),
        rows_of(Turned),
        beside=_MOVE,
    )


async def insert_missing(tx: Tx, tenant: Tenant, moves: Sequence[StockMove], ticks: Ticks, first_row: int) -> int:
    """Make rows that were not there when the others were locked; how many. One that somebody has made since is left,
    and not waited for: its maker may be waiting for our clock.
    """
    return _affected(
        await tx.execute(
            """
            INSERT INTO stock (tenant, seller_id, sku_id, on_hand, reserved, last_update_us)
            SELECT $1, m.* FROM unnest($2::text::uuid[], $3::text::uuid[], $4::text::bigint[], $5::text::bigint[],
                $6::text::bigint[]) AS m
            ON CONFLICT (tenant, seller_id, sku_id) DO NOTHING
            """,
            *_columns(tenant, moves),
            numbers(ticks.at(first_row + n) for n in range(len(moves))),
        )
    )


_MOVE = (
    (
        "moved",
        """
        UPDATE stock k
           SET on_hand = k.on_hand + m.on_hand, reserved = k.reserved + m.reserved,
               last_update_us = clock.at_us + m.row
          FROM clock, unnest($2::text::uuid[], $3::text::uuid[], $4::text::bigint[], $5::text::bigint[],
                             $6::text::bigint[])
               AS m (seller_id, sku_id, on_hand, reserved, row)
         WHERE k.tenant = $1 AND k.seller_id = m.seller_id AND k.sku_id = m.sku_id
        RETURNING k.seller_id, k.sku_id, k.last_update_us AS at_us, k.on_hand - k.reserved AS rest,
                  m.on_hand - m.reserved AS change
        """,
    ),
)


def _affected(status: str) -> int:
    """The number of rows at the end of a command's tag, `UPDATE 3` or `INSERT 0 3`."""
    return int(status.rsplit(" ", 1)[1])


def _columns(tenant: Tenant, moves: Sequence[StockMove]) -> list[object]:
    return [
        tenant,
        array([move.seller_id for move in moves]),
        array([move.sku_id for move in moves]),
        numbers(move.on_hand for move in moves),
        numbers(move.reserved for move in moves),
    ]
