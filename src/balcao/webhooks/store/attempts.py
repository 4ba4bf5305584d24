"""The SQL of the delivery log (primary key: tenant and id; ids grow with time)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.webhooks.rules.model import Attempt, Outcome

_NAMES: Final = Attempt.__struct_fields__
_COLUMNS: Final = ", ".join(_NAMES)


async def insert_attempts(tx: Tx, tenant: Tenant, attempts: Sequence[Attempt]) -> None:
    """Write lines; one that is there already is of a turn whose commit was in doubt."""
    await tx.execute(
        f"""
        INSERT INTO webhook_attempt (tenant, {_COLUMNS})
        SELECT $1, a.* FROM unnest(
               $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::smallint[], $8::bigint[],
               $9::integer[], $10::text[], $11::smallint[], $12::text[], $13::text[], $14::jsonb[], $15::text[],
               $16::text[]) AS a
        ON CONFLICT DO NOTHING
        """,  # noqa: S608
        tenant,
        *([getattr(attempt, name) for attempt in attempts] for name in _NAMES),
    )


async def list_attempts(
    tx: Tx, tenant: Tenant, webhook_id: UUID, *, before: UUID | None, outcome: Outcome | None, limit: int
) -> list[Attempt]:
    """The webhook's attempts, newest first, before that one (webhook_attempt_by_webhook)."""
    rows = await tx.fetch(
        f"""
        SELECT {_COLUMNS} FROM webhook_attempt
         WHERE tenant = $1 AND webhook_id = $2 AND ($3::uuid IS NULL OR attempt_id < $3)
           AND ($4::text IS NULL OR outcome = $4)
         ORDER BY attempt_id DESC LIMIT $5
        """,  # noqa: S608
        tenant,
        webhook_id,
        before,
        outcome,
        limit,
    )
    return [msgspec.convert(dict(row), Attempt) for row in rows]


async def list_attempts_of(tx: Tx, tenant: Tenant, subject: str, *, limit: int) -> list[Attempt]:
    """The newest attempts to tell of one thing, whichever webhook they went to (webhook_attempt_by_subject)."""
    rows = await tx.fetch(
        f"""
        SELECT {_COLUMNS} FROM webhook_attempt WHERE tenant = $1 AND subject = $2 ORDER BY attempt_id DESC LIMIT $3
        """,  # noqa: S608
        tenant,
        subject,
        limit,
    )
    return [msgspec.convert(dict(row), Attempt) for row in rows]


async def delete_attempts_before(tx: Tx, tenant: Tenant, before: UUID, *, limit: int) -> int:
    """Forget the lines before that id; how many."""
    done = await tx.execute(
        """
        DELETE FROM webhook_attempt a USING (
               SELECT attempt_id FROM webhook_attempt WHERE tenant = $1 AND attempt_id < $2
                ORDER BY attempt_id LIMIT $3) AS old
         WHERE a.tenant = $1 AND a.attempt_id = old.attempt_id
        """,
        tenant,
        before,
        limit,
    )
    return int(done.rpartition(" ")[2])
