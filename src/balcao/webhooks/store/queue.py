"""The SQL of deliveries that wait: queue, claim, settle.

The table is empty at one time and holds thousands at another: what the planner expects of it is wrong most of the time.
So what is changed is found first, each row by its key (a LATERAL that locks is never turned into another join), and
reached by its place then, and what is to come along an index is asked for in that index's order.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.webhooks.rules.model import DeadLetter, Done, Next, Queued

CLAIM_MAX: Final = 100
"""Deliveries of one webhook that one process claims at a time."""


async def insert_deliveries(tx: Tx, tenant: Tenant, queued: Sequence[Queued]) -> None:
    """Queue deliveries; one that waits already stays as it is, one that was given up begins anew.

    Behind one of the same subject that waits for its next attempt the new one waits as long: it could not go before.
    """
    columns = [[row[n] for row in queued] for n in range(6)]
    await tx.execute(
        """
        INSERT INTO webhook_delivery AS d (tenant, webhook_id, seq, type, subject, body, attempts, due_us, lease_us)
        SELECT $1, q.webhook_id, q.seq, q.type, q.subject, q.body, 0,
               CASE WHEN b.subject = q.subject AND b.seq < q.seq THEN greatest(q.due_us, b.due_us) ELSE q.due_us END, 0
          FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[])
               AS q (webhook_id, seq, type, subject, body, due_us)
          LEFT JOIN LATERAL (
               SELECT w.subject, w.seq, w.due_us FROM webhook_delivery w
                WHERE w.tenant = $1 AND w.webhook_id = q.webhook_id AND w.subject >= q.subject AND w.died_us IS NULL
                ORDER BY w.subject, w.seq LIMIT 1) AS b ON true
        ON CONFLICT (tenant, webhook_id, seq) DO UPDATE
           SET attempts = 0, due_us = excluded.due_us, lease_us = 0, claim = NULL, died_us = NULL
         WHERE d.died_us IS NOT NULL
        """,
        tenant,
        *columns,
    )


async def list_due(tx: Tx, now: Micros) -> dict[Tenant, list[UUID]]:
    """The webhooks with deliveries that are due and unclaimed, of all tenants: asked once a second by the worker."""
    rows = await tx.fetch(
        """
        SELECT DISTINCT d.tenant, d.webhook_id
          FROM webhook_delivery d JOIN webhook w ON w.tenant = d.tenant AND w.webhook_id = d.webhook_id
         WHERE d.died_us IS NULL AND d.due_us <= $1 AND d.lease_us <= $1 AND w.is_active AND w.hold_until_us <= $1
        """,
        now,
    )
    found: dict[Tenant, list[UUID]] = {}
    for row in rows:
        found.setdefault(row["tenant"], []).append(row["webhook_id"])
    return found


async def find_targets(tx: Tx, tenant: Tenant, ids: Sequence[UUID], now: Micros) -> list[Record]:
    """Of these webhooks the active ones that are not on hold, with what it takes to send to them."""
    return await tx.fetch(
        """
        SELECT webhook_id, url, way, secret, former_secret, former_until_us, failing_since_us FROM webhook
         WHERE tenant = $1 AND webhook_id = ANY ($2::uuid[]) AND is_active AND hold_until_us <= $3
        """,
        tenant,
        list(ids),
        now,
    )


async def claim_due(
    tx: Tx, tenant: Tenant, rooms: Mapping[UUID, int], *, claim: UUID, now: Micros, lease_us: Micros
) -> list[Record]:
    """Claim of each webhook at most so many deliveries that are due, the longest due first.

    Of a subject only its oldest delivery is taken, and none while that is claimed (webhook_delivery_by_subject): so
    each waits until the one before it is delivered or given up. Rows that another process is claiming are skipped.
    """
    return await tx.fetch(
        """
        WITH picked AS MATERIALIZED (
            SELECT head.at
              FROM unnest($2::uuid[], $3::integer[]) AS lane (webhook_id, room)
             CROSS JOIN LATERAL (
                   SELECT d.ctid AS at, row_number() OVER (ORDER BY d.due_us, d.seq) AS place
                     FROM webhook_delivery d
                    WHERE d.tenant = $1 AND d.webhook_id = lane.webhook_id AND d.died_us IS NULL
                      AND d.due_us <= $4 AND d.lease_us <= $4
                      AND d.seq = (SELECT e.seq FROM webhook_delivery e
                                    WHERE e.tenant = $1 AND e.webhook_id = d.webhook_id AND e.subject >= d.subject
                                      AND e.died_us IS NULL
                                    ORDER BY e.subject, e.seq LIMIT 1)
                    ORDER BY d.due_us, d.seq LIMIT $7
                   ) AS head
             WHERE head.place <= lane.room
        ), locked AS MATERIALIZED (
            SELECT free.at
              FROM picked p CROSS JOIN LATERAL (
                   SELECT d.ctid AS at FROM webhook_delivery d
                    WHERE d.ctid = p.at AND d.died_us IS NULL AND d.lease_us <= $4 FOR UPDATE SKIP LOCKED) AS free
        )
        UPDATE webhook_delivery d SET lease_us = $5, claim = $6
         WHERE d.ctid = ANY (ARRAY(SELECT l.at FROM locked l))
        RETURNING d.webhook_id, d.seq, d.type, d.subject, d.body, d.attempts
        """,
        tenant,
        list(rooms),
        list(rooms.values()),
        now,
        lease_us,
        claim,
        CLAIM_MAX,
    )


async def delete_delivered(tx: Tx, tenant: Tenant, done: Sequence[Done]) -> None:
    """Delete what was delivered, unless another process has claimed it meanwhile."""
    delivered = [each.delivery for each in done if each.verdict.next is Next.DONE]
    if delivered:
        await tx.execute(
            """
            DELETE FROM webhook_delivery WHERE ctid = ANY (ARRAY(
                   SELECT ours.at FROM unnest($2::uuid[], $3::bigint[], $4::uuid[]) AS k (webhook_id, seq, claim)
                    CROSS JOIN LATERAL (
                          SELECT d.ctid AS at FROM webhook_delivery d
                           WHERE d.tenant = $1 AND d.webhook_id = k.webhook_id AND d.seq = k.seq AND d.claim = k.claim
                             FOR UPDATE) AS ours))
            """,
            tenant,
            [each.target.webhook_id for each in delivered],
            [each.seq for each in delivered],
            [each.claim for each in delivered],
        )


async def update_failed(tx: Tx, tenant: Tenant, done: Sequence[Done], now: Micros) -> None:
    """Put off what failed, and with it what waits behind it; or give it up."""
    failed = sorted(
        (each for each in done if each.verdict.next is not Next.DONE),
        key=lambda each: (each.delivery.target.webhook_id, each.delivery.seq),
    )
    if not failed:
        return
    keys = [each.delivery.target.webhook_id for each in failed], [each.delivery.seq for each in failed]
    await tx.execute(
        """
        UPDATE webhook_delivery d
           SET attempts = k.attempts, due_us = k.due_us, lease_us = 0, claim = NULL, status = k.status, error = k.error,
               died_us = CASE WHEN k.is_dead THEN $10::bigint END
          FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::smallint[], $6::bigint[], $7::smallint[], $8::text[],
                      $9::boolean[]) AS k (webhook_id, seq, claim, attempts, due_us, status, error, is_dead)
         CROSS JOIN LATERAL (
               SELECT o.ctid AS at FROM webhook_delivery o
                WHERE o.tenant = $1 AND o.webhook_id = k.webhook_id AND o.seq = k.seq AND o.claim = k.claim
                  FOR UPDATE) AS ours
         WHERE d.ctid = ours.at
        """,
        tenant,
        *keys,
        [each.delivery.claim for each in failed],
        [each.attempt.number for each in failed],
        [each.verdict.due_us for each in failed],
        [each.attempt.status for each in failed],
        [each.verdict.error for each in failed],
        [each.verdict.next is Next.DEAD for each in failed],
        now,
    )
    await tx.execute(
        """
        UPDATE webhook_delivery d SET due_us = k.due_us
          FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::bigint[]) AS k (webhook_id, seq, subject, due_us)
         CROSS JOIN LATERAL (
               SELECT w.ctid AS at FROM webhook_delivery w
                WHERE w.tenant = $1 AND w.webhook_id = k.webhook_id AND w.subject = k.subject AND w.died_us IS NULL
                  AND w.seq > k.seq AND w.due_us < k.due_us
                ORDER BY w.seq FOR UPDATE) AS behind
         WHERE d.ctid = behind.at
        """,
        tenant,
        *keys,
        [each.delivery.subject for each in failed],
        [each.verdict.due_us for each in failed],
    )


async def update_due(tx: Tx, tenant: Tenant, webhook_id: UUID, now: Micros) -> None:
    """Make everything that waits for a later attempt due at once: its webhook was mended."""
    await tx.execute(
        """
        UPDATE webhook_delivery d SET due_us = $3
         WHERE d.tenant = $1 AND d.webhook_id = $2 AND d.died_us IS NULL AND d.due_us > $3
        """,
        tenant,
        webhook_id,
        now,
    )


async def list_dead(tx: Tx, tenant: Tenant, webhook_id: UUID, *, after: int, limit: int) -> list[DeadLetter]:
    """Deliveries that were given up, after that sequence number, in order (primary key)."""
    rows = await tx.fetch(
        """
        SELECT webhook_id, seq, type, subject, attempts, status, error, died_us FROM webhook_delivery
         WHERE tenant = $1 AND webhook_id = $2 AND seq > $3 AND died_us IS NOT NULL ORDER BY seq LIMIT $4
        """,
        tenant,
        webhook_id,
        after,
        limit,
    )
    return [DeadLetter(**dict(row)) for row in rows]


async def count_dead(tx: Tx, tenant: Tenant, most: int) -> list[Record]:
    """Every webhook with what was given up: how many, `most` at most, and when last (webhook_delivery_dead)."""
    return await tx.fetch(
        """
        SELECT w.webhook_id, w.way, w.url, d.dead, d.newest_us
          FROM webhook w CROSS JOIN LATERAL (
               SELECT count(*) AS dead, max(k.died_us) AS newest_us
                 FROM (SELECT d.died_us FROM webhook_delivery d
                        WHERE d.tenant = $1 AND d.webhook_id = w.webhook_id AND d.died_us IS NOT NULL
                        ORDER BY d.died_us DESC LIMIT $2) k) d
         WHERE w.tenant = $1 AND d.dead > 0 ORDER BY d.newest_us DESC
        """,
        tenant,
        most,
    )


async def revive_dead(tx: Tx, tenant: Tenant, webhook_id: UUID, seqs: Sequence[int] | None, now: Micros) -> int:
    """Queue given-up deliveries again, these or all; how many there were."""
    done = await tx.execute(
        """
        UPDATE webhook_delivery SET attempts = 0, due_us = $4, lease_us = 0, claim = NULL, died_us = NULL
         WHERE tenant = $1 AND webhook_id = $2 AND died_us IS NOT NULL
           AND ($3::bigint[] IS NULL OR seq = ANY ($3))
        """,
        tenant,
        webhook_id,
        seqs,
        now,
    )
    return int(done.rpartition(" ")[2])


async def delete_dead_before(tx: Tx, tenant: Tenant, before: Micros, *, limit: int) -> int:
    """Forget deliveries given up before then; how many."""
    done = await tx.execute(
        """
        DELETE FROM webhook_delivery d USING (
               SELECT webhook_id, seq FROM webhook_delivery WHERE tenant = $1 AND died_us < $2 LIMIT $3) AS old
         WHERE d.tenant = $1 AND d.webhook_id = old.webhook_id AND d.seq = old.seq
        """,
        tenant,
        before,
        limit,
    )
    return int(done.rpartition(" ")[2])
