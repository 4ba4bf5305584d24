"""Orders to work on, and the smallest read that could answer for one."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from balcao.base.db import Tx
from balcao.base.values import OrderId, Tenant

_READ = "SELECT body FROM orders WHERE tenant = $1 AND order_id = $2"


async def newest_orders(tx: Tx, tenant: Tenant, count: int) -> list[OrderId]:
    """The ids of the newest orders, newest first, by orders_by_create."""
    rows = await tx.fetch(
        "SELECT order_id FROM orders WHERE tenant = $1 ORDER BY create_us DESC, order_id DESC LIMIT $2", tenant, count
    )
    return [OrderId(row["order_id"]) for row in rows]


async def count_in_status(tx: Tx, tenant: Tenant, ids: Sequence[OrderId], status: int) -> int:
    """How many of these orders are in that status."""
    count = await tx.fetchval(
        "SELECT count(*) FROM orders WHERE tenant = $1 AND order_id = ANY($2::uuid[]) AND status = $3",
        tenant,
        ids,
        status,
    )
    return int(count)


async def read_one(connection: "asyncpg.Connection[Any]", tenant: Tenant, order_id: OrderId) -> None:
    """One row by its primary key."""
    await connection.fetchrow(_READ, tenant, order_id)


async def tidy(connection: "asyncpg.Connection[Any]") -> None:
    """What autovacuum does within a minute on a database that lives: know the tables' sizes, and free dead rows."""
    await connection.execute("VACUUM (ANALYZE)")
