"""The same rows through COPY, into tables with the same columns and indexes."""

import time
from collections.abc import Sequence
from typing import Any

import asyncpg

from balcao.base.values import Tenant


async def copy_rate(url: str, tenant: Tenant, tables: Sequence[str], rows: int) -> float:
    """How many records a second COPY writes: at most so many rows of each table, as they are, and their commit."""
    connection = await asyncpg.connect(url, server_settings={"application_name": "balcao-bench", "jit": "off"})
    try:
        return rows / sum([await _copy(connection, tenant, table, rows) for table in tables])
    finally:
        await connection.close()


async def _copy(connection: "asyncpg.Connection[Any]", tenant: Tenant, table: str, rows: int) -> float:
    """The seconds that it takes, per record of the batch: a table with several rows for one takes them all."""
    await connection.execute(f"CREATE TABLE bench_copied (LIKE {table} INCLUDING ALL)")
    try:
        share = {"sku": 3, "product_category": 2}.get(table, 1)
        there = await connection.fetch(f"SELECT * FROM {table} WHERE tenant = $1 LIMIT $2", tenant, rows * share)  # noqa: S608
        records = [tuple(row) for row in there]
        began = time.perf_counter()
        await connection.copy_records_to_table("bench_copied", records=records, columns=list(there[0].keys()))
        return (time.perf_counter() - began) * rows * share / len(records)
    finally:
        await connection.execute("DROP TABLE bench_copied")
