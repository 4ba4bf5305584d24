"""The SQL of tenants, channels, credentials and kept answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from balcao.base.db import Tx
from balcao.base.statements import Statement, rows_of
from balcao.base.values import Micros, Tenant
from balcao.tenants.rules import Caller, Channel

_CHANNEL_COLUMNS = (
    "document_check, stock_policy, quote_policy, amount_check, discount_basis, payment_cover, paid_on_create, "
    "cancel_on_denied, cancel_needs_consent, ship_without_invoice, payment_expiry_s"
)


async def insert_new_tenant(tx: Tx, tenant: Tenant, title: str, now: Micros) -> bool:
    """Create the tenant and its clock; False when there is one of that name."""
    inserted = await tx.fetchval(
        "INSERT INTO tenant (tenant, name, created_us) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING tenant",
        tenant,
        title,
        now,
    )
    if inserted is None:
        return False
    await tx.execute("INSERT INTO tenant_clock (tenant, seq, at_us) VALUES ($1, 0, 0)", tenant)
    return True


async def list_tenants(tx: Tx) -> list[asyncpg.Record]:
    """Every tenant, by name. Of all tenants: for the commands and the worker, never in a request's transaction."""
    return await tx.fetch("SELECT tenant, name AS title, created_us FROM tenant ORDER BY tenant")


async def tenant_exists(tx: Tx, tenant: Tenant) -> bool:
    """Whether there is a tenant of that name."""
    return bool(await tx.fetchval("SELECT true FROM tenant WHERE tenant = $1", tenant))


def find_channels(tenant: Tenant, names: Sequence[str] | None) -> Statement[list[Channel]]:
    """The channels of these names, or all of them, by name."""
    return Statement(
        f"""
        SELECT channel AS name, {_CHANNEL_COLUMNS} FROM channel
         WHERE tenant = $1 AND ($2::text[] IS NULL OR channel = ANY ($2)) ORDER BY channel
        """,  # noqa: S608 (a constant list of columns)
        (tenant, list(names) if names is not None else None),
        rows_of(Channel),
    )


async def upsert_channel(tx: Tx, tenant: Tenant, channel: Channel) -> None:
    """Create the channel or replace all its settings."""
    await tx.execute(
        f"""
        INSERT INTO channel (tenant, channel, {_CHANNEL_COLUMNS})
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (tenant, channel) DO UPDATE SET
               document_check = excluded.document_check, stock_policy = excluded.stock_policy,
               quote_policy = excluded.quote_policy, amount_check = excluded.amount_check,
               discount_basis = excluded.discount_basis, payment_cover = excluded.payment_cover,
               paid_on_create = excluded.paid_on_create, cancel_on_denied = excluded.cancel_on_denied,
               cancel_needs_consent = excluded.cancel_needs_consent,
               ship_without_invoice = excluded.ship_without_invoice, payment_expiry_s = excluded.payment_expiry_s
        """,  # noqa: S608 (a constant list of columns)
        tenant,
        channel.name,
        channel.document_check,
        channel.stock_policy,
        channel.quote_policy,
        channel.amount_check,
        channel.discount_basis,
        channel.payment_cover,
        channel.paid_on_create,
        channel.cancel_on_denied,
        channel.cancel_needs_consent,
        channel.ship_without_invoice,
        channel.payment_expiry_s,
    )


async def insert_credential(tx: Tx, caller: Caller, secret_hash: bytes, now: Micros) -> None:
    """Add the credential that `caller` describes."""
    await tx.execute(
        """
        INSERT INTO credential (tenant, client_id, secret_hash, role, channel, seller_cnpj, carrier, created_us)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        caller.tenant,
        caller.client_id,
        secret_hash,
        caller.role,
        caller.channel,
        caller.seller_cnpj,
        caller.carrier,
        now,
    )


async def find_credential(tx: Tx, tenant: Tenant, client_id: str) -> asyncpg.Record | None:
    """The credential, revoked or not."""
    return await tx.fetchrow(
        """
        SELECT tenant, client_id, role, channel, seller_cnpj, carrier, created_us, revoked_us, secret_hash
          FROM credential WHERE tenant = $1 AND client_id = $2
        """,
        tenant,
        client_id,
    )


async def lock_credential(tx: Tx, tenant: Tenant, client_id: str) -> asyncpg.Record | None:
    """When the credential was revoked, its row locked; None when there is no such credential."""
    return await tx.fetchrow(
        "SELECT revoked_us FROM credential WHERE tenant = $1 AND client_id = $2 FOR UPDATE", tenant, client_id
    )


async def update_revoked(tx: Tx, tenant: Tenant, client_id: str, now: Micros) -> None:
    """Mark the credential revoked."""
    await tx.execute(
        "UPDATE credential SET revoked_us = $3 WHERE tenant = $1 AND client_id = $2", tenant, client_id, now
    )


async def update_secret(tx: Tx, tenant: Tenant, client_id: str, secret_hash: bytes) -> None:
    """Replace the credential's secret."""
    await tx.execute(
        "UPDATE credential SET secret_hash = $3 WHERE tenant = $1 AND client_id = $2", tenant, client_id, secret_hash
    )


async def list_credentials(tx: Tx, tenant: Tenant) -> list[asyncpg.Record]:
    """The tenant's credentials, oldest first, without anything secret."""
    return await tx.fetch(
        """
        SELECT tenant, client_id, role, channel, seller_cnpj, carrier, created_us, revoked_us
          FROM credential WHERE tenant = $1 ORDER BY created_us, client_id
        """,
        tenant,
    )


async def list_revoked(tx: Tx, since: Micros) -> list[str]:
    """Client ids revoked since then, of every tenant at once: one small question a poll (credential_by_revocation)."""
    rows = await tx.fetch("SELECT client_id FROM credential WHERE revoked_us >= $1", since)
    return [row["client_id"] for row in rows]


async def insert_new_answer(tx: Tx, caller: Caller, key: str, request_hash: bytes, now: Micros) -> bool:
    """Claim the key with an answer still empty; False when it is taken, after waiting for whoever is taking it."""
    inserted = await tx.fetchval(
        """
        INSERT INTO idempotency (tenant, client_id, key, request_hash, status, headers, body, created_us)
        VALUES ($1, $2, $3, $4, 0, '{}', '', $5) ON CONFLICT DO NOTHING RETURNING true
        """,
        caller.tenant,
        caller.client_id,
        key,
        request_hash,
        now,
    )
    return inserted is not None


async def find_answer(tx: Tx, caller: Caller, key: str) -> Mapping[str, Any] | None:
    """The answer kept under the key."""
    row = await tx.fetchrow(
        """
        SELECT request_hash, status, headers, body FROM idempotency
         WHERE tenant = $1 AND client_id = $2 AND key = $3
        """,
        caller.tenant,
        caller.client_id,
        key,
    )
    return dict(row) if row is not None else None


async def update_answer(tx: Tx, caller: Caller, key: str, answer: tuple[int, dict[str, str], bytes]) -> None:
    """Fill in status, headers and body of the claimed key."""
    await tx.execute(
        """
        UPDATE idempotency SET status = $4, headers = $5, body = $6
         WHERE tenant = $1 AND client_id = $2 AND key = $3
        """,
        caller.tenant,
        caller.client_id,
        key,
        *answer,
    )


async def delete_answer(tx: Tx, caller: Caller, key: str) -> None:
    """Free the key."""
    await tx.execute(
        "DELETE FROM idempotency WHERE tenant = $1 AND client_id = $2 AND key = $3",
        caller.tenant,
        caller.client_id,
        key,
    )


async def delete_answers_before(tx: Tx, tenant: Tenant, before: Micros, *, limit: int) -> int:
    """Delete at most so many of the tenant's answers kept before then (index idempotency_by_age); how many it were."""
    done = await tx.execute(
        """
        DELETE FROM idempotency
         WHERE tenant = $1
           AND (client_id, key) IN (SELECT client_id, key FROM idempotency
                                     WHERE tenant = $1 AND created_us < $2 LIMIT $3)
        """,
        tenant,
        before,
        limit,
    )
    return int(done.rpartition(" ")[2])
