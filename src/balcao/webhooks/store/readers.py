"""The SQL of bookmarks: how far the log is queued for each webhook and replay."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.webhooks.rules.model import Reader, Wanted

WINDOW: Final = 5_000
"""Deliveries of one webhook that are queued at a time; the rest waits in the log, where it costs nothing."""


async def newest_of_tenants(tx: Tx) -> dict[Tenant, int]:
    """Where each tenant's log ends, of all that have subscriptions: the one question that the idle worker asks."""
    rows = await tx.fetch(
        """
        SELECT c.tenant, c.seq FROM tenant_clock c
         WHERE EXISTS (SELECT FROM webhook w WHERE w.tenant = c.tenant AND w.way = 'standard')
        """
    )
    return {row["tenant"]: row["seq"] for row in rows}


async def find_newest(tx: Tx, tenant: Tenant) -> int:
    """Where the tenant's log ends."""
    return int(await tx.fetchval("SELECT seq FROM tenant_clock WHERE tenant = $1", tenant))


async def insert_reader(
    tx: Tx, tenant: Tenant, webhook_id: UUID, reader_id: UUID, *, seq: int, upto: int | None
) -> None:
    """Add a bookmark."""
    await tx.execute(
        "INSERT INTO webhook_reader (tenant, webhook_id, reader_id, seq, upto) VALUES ($1, $2, $3, $4, $5)",
        tenant,
        webhook_id,
        reader_id,
        seq,
        upto,
    )


async def count_replays(tx: Tx, tenant: Tenant, webhook_id: UUID) -> int:
    """How many replays of the webhook are under way."""
    return int(
        await tx.fetchval(
            "SELECT count(*) FROM webhook_reader WHERE tenant = $1 AND webhook_id = $2 AND upto IS NOT NULL",
            tenant,
            webhook_id,
        )
    )


async def lock_readers(tx: Tx, tenant: Tenant) -> list[Reader]:
    """The bookmarks of active webhooks that have not read all they should, locked.

    In a statement of its own, so that `count_pending` afterwards sees what whoever held them before has queued.
    """
    rows = await tx.fetch(
        """
        SELECT r.webhook_id, r.reader_id, r.seq, r.upto, w.types, w.channels, w.seller_ids
          FROM webhook_reader r JOIN webhook w ON w.tenant = $1 AND w.webhook_id = r.webhook_id
          JOIN tenant_clock c ON c.tenant = $1
         WHERE r.tenant = $1 AND w.is_active AND r.seq < least(c.seq, r.upto)
         ORDER BY r.webhook_id, r.reader_id FOR UPDATE OF r
        """,
        tenant,
    )
    return [
        Reader(
            webhook_id=row["webhook_id"],
            reader_id=row["reader_id"],
            seq=row["seq"],
            upto=row["upto"],
            wanted=Wanted(
                types=tuple(row["types"]), channels=tuple(row["channels"]), seller_ids=tuple(row["seller_ids"])
            ),
        )
        for row in rows
    ]


async def count_pending(tx: Tx, tenant: Tenant, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many deliveries of these webhooks wait, as far as the window (webhook_delivery_by_due)."""
    rows = await tx.fetch(
        """
        SELECT w.webhook_id, (SELECT count(*) FROM (
                   SELECT 1 FROM webhook_delivery d
                    WHERE d.tenant = $1 AND d.webhook_id = w.webhook_id AND d.died_us IS NULL LIMIT $3) AS waiting
               ) AS pending
          FROM unnest($2::uuid[]) AS w (webhook_id)
        """,
        tenant,
        list(ids),
        WINDOW,
    )
    return {row["webhook_id"]: row["pending"] for row in rows}


async def update_readers(tx: Tx, tenant: Tenant, reached: Sequence[tuple[UUID, UUID, int]]) -> None:
    """Move the bookmarks; a replay that is at its end is forgotten."""
    ids, readers, seqs = ([row[n] for row in reached] for n in range(3))
    await tx.execute(
        """
        UPDATE webhook_reader r SET seq = m.seq
          FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS m (webhook_id, reader_id, seq)
         WHERE r.tenant = $1 AND r.webhook_id = m.webhook_id AND r.reader_id = m.reader_id
        """,
        tenant,
        ids,
        readers,
        seqs,
    )
    await tx.execute(
        """
        DELETE FROM webhook_reader r USING unnest($2::uuid[], $3::uuid[]) AS m (webhook_id, reader_id)
         WHERE r.tenant = $1 AND r.webhook_id = m.webhook_id AND r.reader_id = m.reader_id AND r.seq >= r.upto
        """,
        tenant,
        ids,
        readers,
    )


async def find_first_since(tx: Tx, tenant: Tenant, since: Micros) -> int | None:
    """The first sequence number at or after an instant: days before it are not looked at."""
    first: int | None = await tx.fetchval(
        "SELECT seq FROM event WHERE tenant = $1 AND at_us >= $2 ORDER BY seq LIMIT 1", tenant, since
    )
    return first
