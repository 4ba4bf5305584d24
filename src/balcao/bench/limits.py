"""The limits that figures stand beside, each measured on the same database in the same run."""

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import asyncpg

from balcao.base.values import OrderId, new_id
from balcao.bench.orders import Kind
from balcao.bench.shop import Shop
from balcao.bench.stage import Stage
from balcao.bench.store.commits import commit_one, commit_table
from balcao.bench.store.copies import Batch, Copy, Table, insert_copies, prepare, read_template
from balcao.bench.store.sample import read_one

BATCH = 64
"""The batch that group commit reaches with 64 callers."""


async def raw_orders(stage: Stage, shop: Shop, kind: Kind, *, template: OrderId, seconds: float) -> float:
    """Orders a second: the rows of such an order by set-based SQL alone, 64 in a transaction, on one connection.

    One, because the tenant's clock lets one transaction write at a time. Only the writing is timed, not what makes the
    rows ready for it.
    """
    async with _connection(stage) as connection:
        tables = await read_template(connection, shop.tenant, template)
        mark, spent_s, written = f"raw{secrets.token_hex(4)}", 0.0, 0
        end = time.perf_counter() + 3 * seconds
        while spent_s < seconds and time.perf_counter() < end:
            batch = _batch(tables, shop, kind, f"{mark}-{written:x}")
            started = time.perf_counter()
            await insert_copies(connection, tables, shop.seller_id, batch)
            spent_s += time.perf_counter() - started
            written += batch.size
    return written / spent_s


async def single_commits(stage: Stage, *, connections: int, seconds: float) -> float:
    """Rows a second, each inserted and committed by itself, by so many connections at once."""
    async with _connection(stage) as first, commit_table(first):
        mark, numbers = secrets.token_hex(4), count()
        end = time.perf_counter() + seconds

        async def caller() -> int:
            async with _connection(stage) as connection:
                done = 0
                while time.perf_counter() < end:
                    await commit_one(connection, mark, next(numbers))
                    done += 1
                return done

        started = time.perf_counter()
        done = await asyncio.gather(*(caller() for _ in range(connections)))
        return sum(done) / (time.perf_counter() - started)


async def single_reads(stage: Stage, shop: Shop, ids: Sequence[OrderId], *, connections: int, seconds: float) -> float:
    """Orders' own rows a second, each read by its primary key in a statement of its own."""
    end, numbers = time.perf_counter() + seconds, count()

    async def caller() -> int:
        async with _connection(stage) as connection:
            done = 0
            while time.perf_counter() < end:
                await read_one(connection, shop.tenant, ids[next(numbers) % len(ids)])
                done += 1
            return done

    started = time.perf_counter()
    done = await asyncio.gather(*(caller() for _ in range(connections)))
    return sum(done) / (time.perf_counter() - started)


def _batch(tables: list[Table], shop: Shop, kind: Kind, mark: str) -> Batch:
    chance = random.Random(mark)  # noqa: S311 (baskets, no secrets)
    skus = [(sku_id, code) for code, sku_id in shop.skus.items()]
    copies = [
        Copy(
            order_id=OrderId(new_id()),
            external_id=f"{mark}-{n}",
            friendly_code=f"{mark}-{n}",
            skus=skus[:1] if kind.is_hot else chance.sample(skus, kind.lines),
        )
        for n in range(BATCH)
    ]
    return prepare(shop.tenant, tables, copies)


@asynccontextmanager
async def _connection(stage: Stage) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(stage.url, server_settings={"application_name": "balcao-bench", "jit": "off"})
    try:
        yield connection
    finally:
        await connection.close()
