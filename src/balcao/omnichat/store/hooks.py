"""The SQL of kept hooks (primary key: tenant and id; ids grow with time)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant, new_id
from balcao.omnichat.rules.model import Hook, HookLine, NewHook, Settled

_NAMES: Final = Hook.__struct_fields__
_COLUMNS: Final = ", ".join(_NAMES)
_LINE: Final = ", ".join(HookLine.__struct_fields__)


async def insert_hooks(tx: Tx, tenant: Tenant, hooks: Sequence[NewHook], now: Micros) -> None:
    """Keep hooks; one that is there already is the same one sent twice (omnichat_hook_once).

    In the order of that index, so that two batches with the same hooks never wait for each other in a circle.
    """
    ordered = sorted(hooks, key=lambda hook: (hook.integration_id, hook.object_id, hook.kind, hook.hash))
    ids = sorted(new_id() for _ in ordered)
    came = {id(hook): n for n, hook in enumerate(hooks)}
    names = ("integration_id", "object_id", "kind", "status", "responsible", "said_us", "hash", "body")
    await tx.execute(
        """
        INSERT INTO omnichat_hook (tenant, received_us, is_parked, hook_id, integration_id, object_id, kind, status,
                                   responsible, said_us, hash, body)
        SELECT $1, $2, false, h.* FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
               $9::bigint[], $10::bytea[], $11::text[]) AS h
        ON CONFLICT (tenant, integration_id, object_id, kind, hash) DO NOTHING
        """,
        tenant,
        now,
        [ids[came[id(hook)]] for hook in ordered],
        *([getattr(hook, name) for hook in ordered] for name in names),
    )


async def find_waiting(tx: Tx, tenant: Tenant, limit: int) -> list[Hook]:
    """Hooks that wait and are not parked, the oldest first (omnichat_hook_waiting)."""
    rows = await tx.fetch(
        f"""
        SELECT {_COLUMNS} FROM omnichat_hook
         WHERE tenant = $1 AND done_us IS NULL AND NOT is_parked ORDER BY hook_id LIMIT $2
        """,  # noqa: S608
        tenant,
        limit,
    )
    return [_hook(row) for row in rows]


async def find_open(tx: Tx, tenant: Tenant, hook_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these still wait, as seen by who holds the lane."""
    rows = await tx.fetch(
        "SELECT hook_id FROM omnichat_hook WHERE tenant = $1 AND hook_id = ANY ($2::uuid[]) AND done_us IS NULL",
        tenant,
        hook_ids,
    )
    return {row["hook_id"] for row in rows}


async def update_done(tx: Tx, tenant: Tenant, settled: Sequence[Settled], now: Micros) -> None:
    """Write down what became of hooks."""
    await tx.execute(
        """
        UPDATE omnichat_hook h SET done_us = $2, outcome = s.outcome, detail = s.detail
          FROM unnest($3::uuid[], $4::text[], $5::text[]) AS s (hook_id, outcome, detail)
         WHERE h.tenant = $1 AND h.hook_id = s.hook_id
        """,
        tenant,
        now,
        [each.hook_id for each in settled],
        [each.outcome for each in settled],
        [each.detail for each in settled],
    )


async def park(tx: Tx, tenant: Tenant, hook_ids: Sequence[UUID]) -> None:
    """Let these wait for their orders."""
    await tx.execute(
        "UPDATE omnichat_hook SET is_parked = true WHERE tenant = $1 AND hook_id = ANY ($2::uuid[])", tenant, hook_ids
    )


async def unpark(tx: Tx, tenant: Tenant, keys: Sequence[tuple[str, str]]) -> None:
    """The orders of these integrations and object ids are known now: what waited for them may go."""
    await tx.execute(
        """
        UPDATE omnichat_hook h SET is_parked = false
          FROM unnest($2::text[], $3::text[]) AS k (integration_id, object_id)
         WHERE h.tenant = $1 AND h.integration_id = k.integration_id AND h.object_id = k.object_id
           AND h.is_parked AND h.done_us IS NULL
        """,
        tenant,
        [key[0] for key in keys],
        [key[1] for key in keys],
    )


async def list_hooks(
    tx: Tx, tenant: Tenant, integration_id: str, *, object_id: str | None, before: UUID | None, limit: int
) -> list[HookLine]:
    """The integration's hooks, newest first, before that one (primary key; of one order by omnichat_hook_once)."""
    rows = await tx.fetch(
        f"""
        SELECT {_LINE} FROM omnichat_hook
         WHERE tenant = $1 AND integration_id = $2 AND ($3::text IS NULL OR object_id = $3)
           AND ($4::uuid IS NULL OR hook_id < $4)
         ORDER BY hook_id DESC LIMIT $5
        """,  # noqa: S608
        tenant,
        integration_id,
        object_id,
        before,
        limit,
    )
    return [msgspec.convert(dict(row), HookLine) for row in rows]


async def count_refused(tx: Tx, tenant: Tenant, since: Micros, most: int) -> list[Record]:
    """Each integration with the hooks that were refused since: how many, `most` at most, and when last.

    By omnichat_hook_refused.
    """
    return await tx.fetch(
        """
        SELECT i.integration_id, h.refused, h.newest_us
          FROM omnichat_integration i CROSS JOIN LATERAL (
               SELECT count(*) AS refused, max(k.done_us) AS newest_us
                 FROM (SELECT h.done_us FROM omnichat_hook h
                        WHERE h.tenant = $1 AND h.integration_id = i.integration_id
                          AND h.outcome IN ('refused', 'failed') AND h.done_us >= $2
                        ORDER BY h.done_us DESC LIMIT $3) k) h
         WHERE i.tenant = $1 AND h.refused > 0
        """,
        tenant,
        since,
        most,
    )


async def delete_hooks_before(tx: Tx, tenant: Tenant, before: UUID, *, limit: int) -> int:
    """Forget the hooks before that id; how many."""
    done = await tx.execute(
        """
        DELETE FROM omnichat_hook h USING (
               SELECT hook_id FROM omnichat_hook WHERE tenant = $1 AND hook_id < $2 ORDER BY hook_id LIMIT $3) AS old
         WHERE h.tenant = $1 AND h.hook_id = old.hook_id
        """,
        tenant,
        before,
        limit,
    )
    return int(done.rpartition(" ")[2])


def _hook(row: Record) -> Hook:
    return msgspec.convert({name: row[name] for name in _NAMES}, Hook)
