"""Single rows, each with its own commit: what a database does that gathers nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

TABLE: Final = "balcao_bench_commit"
_MAKE: Final = f"CREATE TABLE IF NOT EXISTS {TABLE} (tenant text NOT NULL, n bigint NOT NULL, PRIMARY KEY (tenant, n))"
_INSERT: Final = f"INSERT INTO {TABLE} (tenant, n) VALUES ($1, $2)"  # noqa: S608


@asynccontextmanager
async def commit_table(connection: "asyncpg.Connection[Any]") -> AsyncIterator[None]:
    """A table for these rows while the block runs."""
    await connection.execute(_MAKE)
    try:
        yield
    finally:
        await connection.execute(f"DROP TABLE {TABLE}")


async def commit_one(connection: "asyncpg.Connection[Any]", tenant: str, n: int) -> None:
    """Insert one row and commit it."""
    await connection.execute(_INSERT, tenant, n)
