"""The ledger's SQL."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.stock.rules.ledger import PACKED_BYTES, Cause, CountSet, LedgerLine
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


async def insert_counts(tx: Tx, tenant: Tenant, counts: CountSet) -> None:
    """Append the lines of counts that were set together."""
    await tx.execute(
        "INSERT INTO stock_counts (tenant, at_us, lines, batch_id, actor, body) VALUES ($1, $2, $3, $4, $5, $6)",
        tenant,
        counts.at_us,
        len(counts.packed) // PACKED_BYTES,
        counts.batch_id,
        counts.actor,
        counts.packed,
    )


async def find_counts_of_level(tx: Tx, tenant: Tenant, key: StockKey, *, limit: int) -> list[LedgerLine]:
    """A level's newest counts, newest first: it says where its newest line is, each line where the one before is.

    Only the line itself is read out of each body. Those that are forgotten end the walk.
    """
    rows = await tx.fetch(
        """
        WITH RECURSIVE walk (at_us, batch_id, actor, packed, before_us) AS (
            SELECT NULL::bigint, NULL::uuid, NULL::text, NULL::bytea, k.ledger_us
              FROM stock k WHERE k.tenant = $1 AND k.seller_id = $2 AND k.sku_id = $3
             UNION ALL
            SELECT w.before_us, c.batch_id, c.actor, line.packed,
                   ('x' || encode(substr(line.packed, $4 - 7), 'hex'))::bit(64)::bigint
              FROM walk w
              CROSS JOIN LATERAL (
                   SELECT s.at_us, s.lines, s.batch_id, s.actor, s.body FROM stock_counts s
                    WHERE s.tenant = $1 AND s.at_us <= w.before_us ORDER BY s.at_us DESC LIMIT 1) c
              CROSS JOIN LATERAL (SELECT substr(c.body, (w.before_us - c.at_us)::integer * $4 + 1, $4) AS packed) line
             WHERE w.before_us < c.at_us + c.lines)
        SELECT at_us, batch_id, actor, packed FROM walk WHERE packed IS NOT NULL LIMIT $5
        """,
        tenant,
        *key,
        PACKED_BYTES,
        limit,
    )
    return [line for row in rows for line in CountSet(*row).lines()]


async def find_counts_of_batch(
    tx: Tx, tenant: Tenant, batch_id: UUID, *, between: tuple[Micros, Micros], after: Micros, limit: int
) -> list[LedgerLine]:
    """The lines of a batch that was applied between those instants, oldest first, by the primary key."""
    rows = await tx.fetch(
        """
        SELECT at_us + passed, batch_id, actor, substr(body, passed * $7::integer + 1, $6::integer * $7::integer)
          FROM (SELECT at_us, batch_id, actor, body, greatest($5::bigint + 1 - at_us, 0)::integer AS passed
                  FROM stock_counts
                 WHERE tenant = $1 AND at_us BETWEEN $3 AND $4 AND at_us + lines > $5::bigint + 1 AND batch_id = $2
                 ORDER BY at_us LIMIT $6) AS c
         ORDER BY at_us
        """,
        tenant,
        batch_id,
        *between,
        after,
        limit,
        PACKED_BYTES,
    )
    return [line for row in rows for line in CountSet(*row).lines()][:limit]


async def delete_counts_before(tx: Tx, tenant: Tenant, before: Micros, *, limit: int) -> int:
    """Forget counts of which all are older than that; how many sets of them."""
    done = await tx.execute(
        """
        DELETE FROM stock_counts c USING (
               SELECT at_us FROM stock_counts
                WHERE tenant = $1 AND at_us < $2 AND at_us + lines <= $2 ORDER BY at_us LIMIT $3) AS old
         WHERE c.tenant = $1 AND c.at_us = old.at_us
        """,
        tenant,
        before,
        limit,
    )
    return int(done.rpartition(" ")[2])


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
