"""The SQL of integrations (primary key: tenant and id)."""

from typing import Final

import msgspec
from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.omnichat.rules.model import Integration

_NAMES: Final = Integration.__struct_fields__
_COLUMNS: Final = ", ".join(_NAMES)


async def insert_integration(tx: Tx, tenant: Tenant, integration: Integration, inbound_hash: bytes) -> None:
    """Add an integration with the hash of its inbound secret."""
    await tx.execute(
        """
        INSERT INTO omnichat_integration (tenant, integration_id, name, channel, checkout, webhook_id, responsible,
                                          checkout_url, seller_id, teams, is_active, created_us, changed_us,
                                          inbound_hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13)
        """,
        tenant,
        integration.integration_id,
        integration.name,
        integration.channel,
        integration.checkout,
        integration.webhook_id,
        integration.responsible,
        integration.checkout_url,
        integration.seller_id,
        integration.teams,
        integration.is_active,
        integration.created_us,
        inbound_hash,
    )


async def list_integrations(tx: Tx, tenant: Tenant) -> list[Integration]:
    """All the tenant's integrations, oldest first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM omnichat_integration WHERE tenant = $1 ORDER BY created_us, integration_id",  # noqa: S608
        tenant,
    )
    return [as_integration(row) for row in rows]


async def find_integration(tx: Tx, tenant: Tenant, integration_id: str, *, lock: bool = False) -> Integration | None:
    """The integration; `lock`: its row locked."""
    row = await tx.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM omnichat_integration WHERE tenant = $1 AND integration_id = $2
        {"FOR UPDATE" if lock else ""}
        """,  # noqa: S608
        tenant,
        integration_id,
    )
    return as_integration(row) if row is not None else None


async def find_with_secrets(tx: Tx, tenant: Tenant, integration_id: str) -> Record | None:
    """The integration's row with the hashes of its inbound secrets."""
    return await tx.fetchrow(
        f"""
        SELECT {_COLUMNS}, inbound_hash, former_hash FROM omnichat_integration
         WHERE tenant = $1 AND integration_id = $2
        """,  # noqa: S608
        tenant,
        integration_id,
    )


async def update_integration(tx: Tx, tenant: Tenant, integration: Integration) -> None:
    """Write what may be changed."""
    await tx.execute(
        """
        UPDATE omnichat_integration SET name = $3, channel = $4, checkout = $5, responsible = $6, checkout_url = $7,
               seller_id = $8, teams = $9, is_active = $10, changed_us = $11
         WHERE tenant = $1 AND integration_id = $2
        """,
        tenant,
        integration.integration_id,
        integration.name,
        integration.channel,
        integration.checkout,
        integration.responsible,
        integration.checkout_url,
        integration.seller_id,
        integration.teams,
        integration.is_active,
        integration.changed_us,
    )


async def update_inbound(
    tx: Tx, tenant: Tenant, integration_id: str, inbound_hash: bytes, *, former_until_us: Micros, now: Micros
) -> None:
    """Set a new inbound secret; the one so far holds too until then."""
    await tx.execute(
        """
        UPDATE omnichat_integration
           SET former_hash = inbound_hash, former_until_us = $4, inbound_hash = $3, changed_us = $5
         WHERE tenant = $1 AND integration_id = $2
        """,
        tenant,
        integration_id,
        inbound_hash,
        former_until_us,
        now,
    )


async def delete_integration(tx: Tx, tenant: Tenant, integration_id: str) -> None:
    """Delete the integration; what it sent and which orders came of it stay."""
    await tx.execute(
        "DELETE FROM omnichat_integration WHERE tenant = $1 AND integration_id = $2", tenant, integration_id
    )


def as_integration(row: Record) -> Integration:
    """The integration that a row holds, whatever further columns it has."""
    return msgspec.convert({name: row[name] for name in _NAMES}, Integration)
