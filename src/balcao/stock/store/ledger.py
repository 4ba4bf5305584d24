"""The ledger's SQL."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.stock.rules.ledger import Cause, LedgerLine
from balcao.stock.rules.model import StockKey

_COLUMNS = "sku_id, seller_id, at_us, cause, subject_id, actor, on_hand, on_hand_change, reserved_change"


def _as_line(row: Record) -> LedgerLine:
    return LedgerLine(**{**dict(row), "cause": Cause(row["cause"])})


async def insert_lines(tx: Tx, tenant: Tenant, lines: Sequence[LedgerLine]) -> None:
    """Append lines; a level has one an instant."""
    await tx.execute(
        """
        INSERT INTO stock_ledger (tenant, sku_id, seller_id, at_us, cause, subject_id, actor, on_hand_change,
                                  reserved_change)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::smallint[], $6::uuid[], $7::text[],
                                   $8::bigint[], $9::bigint[]) AS n
        """,
        tenant,
        [line.sku_id for line in lines],
        [line.seller_id for line in lines],
        [line.at_us for line in lines],
        [line.cause for line in lines],
        [line.subject_id for line in lines],
        [line.actor for line in lines],
        [line.on_hand_change for line in lines],
        [line.reserved_change for line in lines],
    )


async def find_of_level(tx: Tx, tenant: Tenant, key: StockKey, *, limit: int) -> list[LedgerLine]:
    """A level's newest lines, newest first, by the primary key."""
    rows = await tx.fetch(
        f"""
        SELECT {_COLUMNS} FROM stock_ledger WHERE tenant = $1 AND seller_id = $2 AND sku_id = $3
         ORDER BY at_us DESC LIMIT $4
        """,  # noqa: S608
        tenant,
        *key,
        limit,
    )
    return [_as_line(row) for row in rows]


async def find_of_batch(
    tx: Tx, tenant: Tenant, batch_id: UUID, *, between: tuple[Micros, Micros], after: Micros, limit: int
) -> list[LedgerLine]:
    """The lines of a batch that was applied between those instants, oldest first (stock_ledger_by_time)."""
    rows = await tx.fetch(
        f"""
        SELECT {_COLUMNS} FROM stock_ledger
         WHERE tenant = $1 AND at_us >= $3 AND at_us <= $4 AND at_us > $5 AND cause = 1 AND subject_id = $2
         ORDER BY at_us LIMIT $6
        """,  # noqa: S608
        tenant,
        batch_id,
        *between,
        after,
        limit,
    )
    return [_as_line(row) for row in rows]


async def delete_before(tx: Tx, tenant: Tenant, before: Micros, *, limit: int) -> int:
    """Forget lines older than that; how many."""
    done = await tx.execute(
        """
        DELETE FROM stock_ledger l USING (
               SELECT sku_id, seller_id, at_us FROM stock_ledger WHERE tenant = $1 AND at_us < $2 LIMIT $3) AS old
         WHERE l.tenant = $1 AND l.sku_id = old.sku_id AND l.seller_id = old.seller_id AND l.at_us = old.at_us
        """,
        tenant,
        before,
        limit,
    )
    return int(done.rpartition(" ")[2])
