"""The batches' SQL."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.batch import RowIssue
from balcao.base.db import Tx
from balcao.base.listing import Listing
from balcao.base.paging import Page, PageAsk
from balcao.base.values import Micros, Tenant
from balcao.imports.rules.model import Batch, BatchFilter, How, Kind, Lane, Progress, State

PIECE: Final = 7_900
"""Bytes of a body in one row."""
_how = msgspec.json.Decoder(How)
_PLAIN = tuple(name for name in Batch.__struct_fields__ if name not in ("kind", "how"))
_COLUMNS = ", ".join((*_PLAIN, "kind", "how::text AS how"))
_STATES = {
    State.RECEIVED: "started_us IS NULL",
    State.PROCESSING: "started_us IS NOT NULL AND finished_us IS NULL",
    State.FINISHED: "finished_us IS NOT NULL",
}


def _as_batch(row: Record) -> Batch:
    return Batch(kind=Kind(row["kind"]), how=_how.decode(row["how"]), **{name: row[name] for name in _PLAIN})


async def take_number(tx: Tx, tenant: Tenant) -> int:
    """The tenant's next number, held until the commit: numbers are in the order of commits."""
    number: int = await tx.fetchval(
        """
        INSERT INTO import_counter AS c (tenant, number) VALUES ($1, 1)
        ON CONFLICT (tenant) DO UPDATE SET number = c.number + 1
        RETURNING number
        """,
        tenant,
    )
    return number


async def insert_body(tx: Tx, tenant: Tenant, batch_id: UUID, body: bytes) -> None:
    """Write what was sent, in pieces of a page each: as one value it would be stored in four times as many."""
    pieces = [
        (tenant, batch_id, place, body[begin : begin + PIECE])
        for place, begin in enumerate(range(0, len(body) or 1, PIECE))
    ]
    await tx.copy_records_to_table("import_body", records=pieces, columns=("tenant", "batch_id", "place", "body"))


async def get_body(tx: Tx, tenant: Tenant, batch_id: UUID) -> bytes:
    """What was sent, by the primary key."""
    pieces = await tx.fetch(
        "SELECT body FROM import_body WHERE tenant = $1 AND batch_id = $2 ORDER BY place", tenant, batch_id
    )
    return b"".join([piece for (piece,) in pieces])


async def insert_batch(tx: Tx, tenant: Tenant, batch: Batch) -> None:
    """Write a batch that nothing is done of yet."""
    await tx.execute(
        """
        INSERT INTO import_batch (tenant, batch_id, number, lane, kind, actor, seller_cnpj, how, bytes, rows,
                                  position, done, inserted, updated, failed, received_us)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9, $10, 0, 0, 0, 0, 0, $11)
        """,
        tenant,
        batch.batch_id,
        batch.number,
        batch.kind.lane,
        batch.kind,
        batch.actor,
        batch.seller_cnpj,
        msgspec.json.encode(batch.how).decode(),
        batch.bytes,
        batch.rows,
        batch.received_us,
    )


async def list_heads(tx: Tx) -> list[tuple[Tenant, Lane, int]]:
    """The first waiting batch of every lane that has one (import_batch_waiting), of all tenants."""
    rows = await tx.fetch(
        "SELECT tenant, lane, min(number) AS number FROM import_batch WHERE finished_us IS NULL GROUP BY tenant, lane"
    )
    return [(Tenant(row["tenant"]), Lane(row["lane"]), row["number"]) for row in rows]


async def find_next(tx: Tx, tenant: Tenant, lane: Lane, waits_for: Collection[Lane]) -> Batch | None:
    """The lane's first batch, unless it has to wait for an earlier one of other lanes; without a lock."""
    row = await tx.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM import_batch b
         WHERE b.tenant = $1 AND b.lane = $2 AND b.finished_us IS NULL
           AND NOT EXISTS (SELECT FROM import_batch w WHERE w.tenant = $1 AND w.lane = ANY($3::text[])
                                                        AND w.number < b.number AND w.finished_us IS NULL)
         ORDER BY b.number LIMIT 1
        """,  # noqa: S608
        tenant,
        lane,
        list(waits_for),
    )
    return None if row is None else _as_batch(row)


async def lock_at(tx: Tx, tenant: Tenant, batch_id: UUID, position: int) -> bool:
    """Lock a batch that is still at this position; False when it is not, or when another process works on it."""
    found = await tx.fetchval(
        """
        SELECT true FROM import_batch
         WHERE tenant = $1 AND batch_id = $2 AND position = $3 AND finished_us IS NULL
           FOR UPDATE SKIP LOCKED
        """,
        tenant,
        batch_id,
        position,
    )
    return bool(found)


async def analyse(tx: Tx, tables: str) -> None:
    """Let the planner know how much is in these tables by now."""
    await tx.execute(f"ANALYZE {tables}")


async def save_progress(tx: Tx, tenant: Tenant, batch_id: UUID, progress: Progress, started_us: Micros) -> None:
    """Move the position and add to the counts."""
    await tx.execute(
        """
        UPDATE import_batch
           SET position = $3, done = $4, inserted = inserted + $5, updated = updated + $6, failed = failed + $7,
               started_us = coalesce(started_us, $8)
         WHERE tenant = $1 AND batch_id = $2
        """,
        tenant,
        batch_id,
        progress.position,
        progress.done,
        progress.inserted,
        progress.updated,
        progress.failed,
        started_us,
    )


async def finish(tx: Tx, tenant: Tenant, batch_id: UUID, *, rows: int, now: Micros) -> None:
    """Mark the batch as done, and let its body go."""
    await tx.execute(
        "UPDATE import_batch SET rows = $3, done = $3, finished_us = $4 WHERE tenant = $1 AND batch_id = $2",
        tenant,
        batch_id,
        rows,
        now,
    )
    await tx.execute("DELETE FROM import_body WHERE tenant = $1 AND batch_id = $2", tenant, batch_id)


async def insert_issues(
    tx: Tx, tenant: Tenant, batch_id: UUID, issues: Sequence[RowIssue], *, is_error: bool, most: int
) -> None:
    """Append to what is said about the batch's rows, as long as there is room."""
    if not issues:
        return
    await tx.execute(
        """
        INSERT INTO import_issue (tenant, batch_id, is_error, place, row, code, field, message)
        SELECT $1, $2, $3, known.last + n.place, n.row, n.code, n.field, n.message
          FROM unnest($4::integer[], $5::text[], $6::text[], $7::text[])
               WITH ORDINALITY AS n (row, code, field, message, place),
               (SELECT coalesce(max(place), 0) AS last FROM import_issue
                 WHERE tenant = $1 AND batch_id = $2 AND is_error = $3) AS known
         WHERE known.last + n.place <= $8
        """,
        tenant,
        batch_id,
        is_error,
        [issue.row for issue in issues],
        [issue.code for issue in issues],
        [issue.field for issue in issues],
        [issue.message for issue in issues],
        most,
    )


async def find_batch(tx: Tx, tenant: Tenant, batch_id: UUID) -> Batch | None:
    """The batch, without its body."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM import_batch WHERE tenant = $1 AND batch_id = $2",  # noqa: S608
        tenant,
        batch_id,
    )
    return None if row is None else _as_batch(row)


async def list_batches(tx: Tx, tenant: Tenant, wanted: BatchFilter, ask: PageAsk) -> Page[Batch]:
    """Batches by when they were received (import_batch_by_received)."""
    listing = Listing(tenant, columns=_COLUMNS, source="FROM import_batch WHERE tenant = $1", key="batch_id")
    if wanted.kind is not None:
        listing.where("kind = {}", wanted.kind)
    if wanted.state is not None:
        listing.where(_STATES[wanted.state])
    if wanted.seller_cnpj is not None:
        listing.where("seller_cnpj = {}", wanted.seller_cnpj)
    return (await listing.fetch(tx, ask)).map(_as_batch)


async def list_failed(tx: Tx, tenant: Tenant, since: Micros, limit: int) -> list[Batch]:
    """The newest batches received since that are finished and of which rows failed (import_batch_by_received)."""
    rows = await tx.fetch(
        f"""
        SELECT {_COLUMNS} FROM import_batch
         WHERE tenant = $1 AND received_us >= $2 AND finished_us IS NOT NULL AND failed > 0
         ORDER BY received_us DESC LIMIT $3
        """,  # noqa: S608
        tenant,
        since,
        limit,
    )
    return [_as_batch(row) for row in rows]


async def list_issues(
    tx: Tx, tenant: Tenant, batch_id: UUID, *, is_error: bool, after: int, limit: int
) -> list[RowIssue]:
    """What is said about the rows after that place, in its order (primary key)."""
    rows = await tx.fetch(
        """
        SELECT row, code, field, message FROM import_issue
         WHERE tenant = $1 AND batch_id = $2 AND is_error = $3 AND place > $4 ORDER BY place LIMIT $5
        """,
        tenant,
        batch_id,
        is_error,
        after,
        limit,
    )
    return [RowIssue(row=row["row"], code=row["code"], field=row["field"], message=row["message"]) for row in rows]


async def count_issues(tx: Tx, tenant: Tenant, batch_id: UUID) -> tuple[int, int]:
    """How many errors and warnings there are: the places have no gaps."""
    row: Any = await tx.fetchrow(
        """
        SELECT coalesce(max(place) FILTER (WHERE is_error), 0) AS errors,
               coalesce(max(place) FILTER (WHERE NOT is_error), 0) AS warnings
          FROM import_issue WHERE tenant = $1 AND batch_id = $2
        """,
        tenant,
        batch_id,
    )
    return row["errors"], row["warnings"]


async def delete_before(tx: Tx, tenant: Tenant, before: Micros, *, limit: int) -> int:
    """Forget batches finished before then, with what was said about them; how many."""
    done = await tx.execute(
        """
        DELETE FROM import_batch b USING (
               SELECT batch_id FROM import_batch
                WHERE tenant = $1 AND received_us < $2 AND finished_us < $2 LIMIT $3) AS old
         WHERE b.tenant = $1 AND b.batch_id = old.batch_id
        """,
        tenant,
        before,
        limit,
    )
    return int(done.rpartition(" ")[2])
