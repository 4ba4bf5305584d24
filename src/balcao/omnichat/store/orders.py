"""The SQL of what OmniChat's orders became here (primary key; by our id: omnichat_order_by_order)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.omnichat.rules.model import KnownOrder

_NAMES: Final = KnownOrder.__struct_fields__
_COLUMNS: Final = ", ".join(f"o.{name}" for name in _NAMES)


async def find_orders(tx: Tx, tenant: Tenant, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], KnownOrder]:
    """Those of these integrations and object ids that are known."""
    rows = await tx.fetch(
        f"""
        SELECT {_COLUMNS} FROM unnest($2::text[], $3::text[]) AS k (integration_id, object_id)
          JOIN omnichat_order o
            ON o.tenant = $1 AND o.integration_id = k.integration_id AND o.object_id = k.object_id
        """,  # noqa: S608
        tenant,
        [key[0] for key in keys],
        [key[1] for key in keys],
    )
    return {order.key: order for order in map(_order, rows)}


async def find_by_order(tx: Tx, tenant: Tenant, order_ids: Sequence[UUID]) -> dict[UUID, KnownOrder]:
    """Those that became these orders of ours."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM omnichat_order o WHERE o.tenant = $1 AND o.order_id = ANY ($2::uuid[])",  # noqa: S608
        tenant,
        order_ids,
    )
    return {row["order_id"]: _order(row) for row in rows}


async def upsert_orders(tx: Tx, tenant: Tenant, orders: Sequence[KnownOrder]) -> None:
    """Write what became of orders; each once."""
    if not orders:
        return
    await tx.execute(
        """
        INSERT INTO omnichat_order AS o (tenant, integration_id, object_id, order_id, heard_us, is_closed)
        SELECT $1, n.* FROM unnest($2::text[], $3::text[], $4::uuid[], $5::bigint[], $6::boolean[]) AS n
        ON CONFLICT (tenant, integration_id, object_id) DO UPDATE
           SET order_id = excluded.order_id, heard_us = excluded.heard_us, is_closed = excluded.is_closed
        """,
        tenant,
        *([getattr(order, name) for order in orders] for name in _NAMES),
    )


def _order(row: Record) -> KnownOrder:
    return msgspec.convert({name: row[name] for name in _NAMES}, KnownOrder)
