"""The SQL of named consumers (primary key: tenant and name)."""

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.events.rules import Consumer

_COLUMNS = "name, channel, seller_cnpj, seq, created_us, updated_us"


async def list_consumers(tx: Tx, tenant: Tenant) -> list[Consumer]:
    """All the tenant's consumers, by name."""
    rows = await tx.fetch(f"SELECT {_COLUMNS} FROM event_consumer WHERE tenant = $1 ORDER BY name", tenant)  # noqa: S608
    return [msgspec.convert(dict(row), Consumer) for row in rows]


async def find_consumer(tx: Tx, tenant: Tenant, name: str) -> Consumer | None:
    """The consumer of that name."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM event_consumer WHERE tenant = $1 AND name = $2",  # noqa: S608
        tenant,
        name,
    )
    return None if row is None else msgspec.convert(dict(row), Consumer)


async def lock_consumer(tx: Tx, tenant: Tenant, name: str) -> Consumer | None:
    """The consumer, its row locked."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM event_consumer WHERE tenant = $1 AND name = $2 FOR UPDATE",  # noqa: S608
        tenant,
        name,
    )
    return None if row is None else msgspec.convert(dict(row), Consumer)


async def insert_new_consumer(tx: Tx, tenant: Tenant, consumer: Consumer) -> bool:
    """Add the consumer; False when there is one of that name, after waiting for whoever is adding it."""
    inserted = await tx.fetchval(
        f"""
        INSERT INTO event_consumer (tenant, {_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT DO NOTHING RETURNING true
        """,  # noqa: S608
        tenant,
        consumer.name,
        consumer.channel,
        consumer.seller_cnpj,
        consumer.seq,
        consumer.created_us,
        consumer.updated_us,
    )
    return inserted is not None


async def update_cursor(tx: Tx, tenant: Tenant, name: str, *, seq: int, now: Micros) -> None:
    """Set how far the consumer has read."""
    await tx.execute(
        "UPDATE event_consumer SET seq = $3, updated_us = $4 WHERE tenant = $1 AND name = $2", tenant, name, seq, now
    )


async def delete_consumer(tx: Tx, tenant: Tenant, name: str) -> None:
    """Forget the consumer."""
    await tx.execute("DELETE FROM event_consumer WHERE tenant = $1 AND name = $2", tenant, name)
