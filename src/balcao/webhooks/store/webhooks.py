"""The SQL of the webhooks themselves (primary key: tenant and id)."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.webhooks.rules.model import Wanted, Way, Webhook

_COLUMNS: Final = (
    "webhook_id, url, description, types, channels, seller_ids, is_active, disabled_reason, former_until_us, "
    "failing_since_us, hold_until_us, created_us, changed_us, way"
)


async def insert_webhook(tx: Tx, tenant: Tenant, webhook: Webhook, secret: bytes) -> None:
    """Add a webhook with its sealed secret."""
    await tx.execute(
        """
        INSERT INTO webhook (tenant, webhook_id, url, description, types, channels, seller_ids, is_active,
                             secret, hold_until_us, created_us, changed_us, way)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10, $11)
        """,
        tenant,
        webhook.webhook_id,
        webhook.url,
        webhook.description,
        webhook.wanted.types,
        webhook.wanted.channels,
        webhook.wanted.seller_ids,
        webhook.is_active,
        secret,
        webhook.created_us,
        webhook.way,
    )


async def list_webhooks(tx: Tx, tenant: Tenant, way: Way) -> list[Webhook]:
    """All the tenant's webhooks that go this way, oldest first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM webhook WHERE tenant = $1 AND way = $2 ORDER BY webhook_id",  # noqa: S608
        tenant,
        way,
    )
    return [_webhook(row) for row in rows]


async def find_webhooks(
    tx: Tx, tenant: Tenant, ids: Collection[UUID], *, way: Way = Way.STANDARD, lock: bool = False
) -> list[Webhook]:
    """The webhooks of these ids and this way; `lock`: their rows locked, in the order of the ids."""
    rows = await tx.fetch(
        f"""
        SELECT {_COLUMNS} FROM webhook WHERE tenant = $1 AND webhook_id = ANY ($2::uuid[]) AND way = $3
         ORDER BY webhook_id {"FOR NO KEY UPDATE" if lock else ""}
        """,  # noqa: S608
        tenant,
        list(ids),
        way,
    )
    return [_webhook(row) for row in rows]


async def count_webhooks(tx: Tx, tenant: Tenant) -> int:
    """How many subscriptions the tenant has."""
    text = "SELECT count(*) FROM webhook WHERE tenant = $1 AND way = 'standard'"
    return int(await tx.fetchval(text, tenant))


async def update_webhook(tx: Tx, tenant: Tenant, webhook: Webhook) -> None:
    """Write what may be changed; a webhook that is made active begins without failures."""
    await tx.execute(
        """
        UPDATE webhook SET url = $3, description = $4, types = $5, channels = $6, seller_ids = $7, is_active = $8,
               disabled_reason = $9, failing_since_us = $10, hold_until_us = $11, changed_us = $12
         WHERE tenant = $1 AND webhook_id = $2
        """,
        tenant,
        webhook.webhook_id,
        webhook.url,
        webhook.description,
        webhook.wanted.types,
        webhook.wanted.channels,
        webhook.wanted.seller_ids,
        webhook.is_active,
        webhook.disabled_reason,
        webhook.failing_since_us,
        webhook.hold_until_us,
        webhook.changed_us,
    )


async def update_disabled(tx: Tx, tenant: Tenant, reasons: Sequence[tuple[UUID, str]], now: Micros) -> None:
    """Disable these webhooks, each for its reason."""
    await tx.execute(
        """
        UPDATE webhook w SET is_active = false, disabled_reason = d.reason, changed_us = $4
          FROM unnest($2::uuid[], $3::text[]) AS d (webhook_id, reason)
         WHERE w.tenant = $1 AND w.webhook_id = d.webhook_id
        """,
        tenant,
        [webhook_id for webhook_id, _ in reasons],
        [reason for _, reason in reasons],
        now,
    )


async def find_secrets(tx: Tx, tenant: Tenant, webhook_id: UUID) -> Record | None:
    """The webhook's sealed secrets."""
    return await tx.fetchrow(
        "SELECT secret, former_secret, former_until_us FROM webhook WHERE tenant = $1 AND webhook_id = $2",
        tenant,
        webhook_id,
    )


async def update_secret(
    tx: Tx, tenant: Tenant, webhook_id: UUID, secret: bytes, *, former_until_us: Micros, now: Micros
) -> None:
    """Set a new secret; the one so far signs too until then."""
    await tx.execute(
        """
        UPDATE webhook SET former_secret = secret, former_until_us = $4, secret = $3, changed_us = $5
         WHERE tenant = $1 AND webhook_id = $2
        """,
        tenant,
        webhook_id,
        secret,
        former_until_us,
        now,
    )


async def delete_webhook(tx: Tx, tenant: Tenant, webhook_id: UUID) -> None:
    """Delete the webhook, its readers (first: whoever queues for it holds them) and its deliveries."""
    await tx.execute("DELETE FROM webhook_reader WHERE tenant = $1 AND webhook_id = $2", tenant, webhook_id)
    await tx.execute("DELETE FROM webhook_delivery WHERE tenant = $1 AND webhook_id = $2", tenant, webhook_id)
    await tx.execute("DELETE FROM webhook WHERE tenant = $1 AND webhook_id = $2", tenant, webhook_id)


async def update_health(
    tx: Tx, tenant: Tenant, health: Sequence[tuple[UUID, bool, bool, int]], now: Micros
) -> list[Record]:
    """Note of each webhook whether anything was delivered, whether anything failed, and until when to hold it.

    Writes only what changes; gives those that fail, with since when.
    """
    return await tx.fetch(
        """
        UPDATE webhook w
           SET failing_since_us = CASE WHEN h.delivered THEN NULL ELSE coalesce(w.failing_since_us, $6) END,
               hold_until_us = greatest(w.hold_until_us, h.hold_until_us)
          FROM unnest($2::uuid[], $3::boolean[], $4::boolean[], $5::bigint[])
               AS h (webhook_id, delivered, failed, hold_until_us)
         WHERE w.tenant = $1 AND w.webhook_id = h.webhook_id
           AND (h.failed OR w.failing_since_us IS NOT NULL OR h.hold_until_us > w.hold_until_us)
        RETURNING w.webhook_id, w.failing_since_us
        """,
        tenant,
        *_columns(health, 4),
        now,
    )


async def list_pending(tx: Tx, tenant: Tenant, webhook_id: UUID | None = None) -> dict[UUID, Record]:
    """How many deliveries of each webhook (or of this one) wait, and how many were given up."""
    rows = await tx.fetch(
        """
        SELECT webhook_id, count(*) FILTER (WHERE died_us IS NULL) AS pending, count(died_us) AS dead
          FROM webhook_delivery WHERE tenant = $1 AND ($2::uuid IS NULL OR webhook_id = $2) GROUP BY webhook_id
        """,
        tenant,
        webhook_id,
    )
    return {row["webhook_id"]: row for row in rows}


def _columns(rows: Sequence[Sequence[Any]], count: int) -> list[list[Any]]:
    return [[row[n] for row in rows] for n in range(count)]


def _webhook(row: Record) -> Webhook:
    wanted = Wanted(types=tuple(row["types"]), channels=tuple(row["channels"]), seller_ids=tuple(row["seller_ids"]))
    return Webhook(
        webhook_id=row["webhook_id"],
        url=row["url"],
        description=row["description"],
        wanted=wanted,
        is_active=row["is_active"],
        disabled_reason=row["disabled_reason"],
        former_until_us=row["former_until_us"],
        failing_since_us=row["failing_since_us"],
        hold_until_us=row["hold_until_us"],
        created_us=row["created_us"],
        changed_us=row["changed_us"],
        way=Way(row["way"]),
    )
