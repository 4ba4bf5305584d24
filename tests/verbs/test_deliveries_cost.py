"""A queue that was empty when its statements were planned, and is full when they run: each row is looked up by key."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from asyncpg import Record

from balcao.base.db import ALONG_KEYS, Database, Tx
from balcao.base.values import Micros, Tenant, new_id
from balcao.webhooks.rules.model import Attempt, Delivery, Done, Next, Outcome, Queued, Target, Verdict
from balcao.webhooks.store import queue

TENANT = Tenant("qaapp")
NOW, LATER = Micros(1_000_000), Micros(61_000_000)
QUEUED = 2_000
CLAIMED = queue.CLAIM_MAX
WEBHOOK, CLAIM = new_id(), new_id()
TARGET = Target(webhook_id=WEBHOOK, url="https://example.com/", sealed=(), is_failing=False)


@pytest.fixture
async def full(own_database_url: str) -> AsyncIterator[Database]:
    """Two deliveries of each subject; the planner was told of an empty table, and every statement ran on one."""
    db = await Database.open(own_database_url, 1, settings=ALONG_KEYS)
    async with db.read() as tx:
        await tx.execute("VACUUM ANALYZE webhook_delivery")
        await tx.execute("INSERT INTO tenant (tenant, name, created_us) VALUES ($1, '', 0)", TENANT)
        await _queue_more(tx)
        for way in (Next.RETRY, Next.DONE):
            settled = [_done(row, way) for row in await _claim(tx)]
            await queue.update_failed(tx, TENANT, settled, NOW)
            await queue.delete_delivered(tx, TENANT, settled)
        await tx.execute("DELETE FROM webhook_delivery")
        await tx.execute(
            """
            INSERT INTO webhook_delivery (tenant, webhook_id, seq, type, subject, body, attempts, due_us, lease_us)
            SELECT $1, $2, n, 'order.paid', md5((n / 2)::text), repeat('x', 600), 0, n, 0 FROM generate_series(1, $3) n
            """,
            TENANT,
            WEBHOOK,
            QUEUED,
        )
    yield db
    await db.close()


async def test_claimed(full: Database) -> None:
    """Of each subject the first; both are met, and for each the first is looked up."""
    claimed, rows = await _counted(full, _claim)
    assert sorted(row["seq"] for row in claimed) == [1, *range(2, 2 * CLAIMED - 1, 2)]
    assert rows <= 4 * CLAIMED


async def test_delivered(full: Database) -> None:
    async with full.read() as tx:
        done = [_done(row, Next.DONE) for row in await _claim(tx)]
    _, rows = await _counted(full, lambda tx: queue.delete_delivered(tx, TENANT, done))
    assert rows <= CLAIMED
    async with full.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM webhook_delivery") == QUEUED - CLAIMED


async def test_put_off(full: Database) -> None:
    """And with each the one behind it."""
    async with full.read() as tx:
        done = [_done(row, Next.RETRY) for row in await _claim(tx)]
    _, rows = await _counted(full, lambda tx: queue.update_failed(tx, TENANT, done, NOW))
    assert rows <= 3 * CLAIMED
    async with full.read() as tx:
        put_off = await tx.fetchval("SELECT count(*) FROM webhook_delivery WHERE due_us = $1", LATER)
    assert put_off == 2 * CLAIMED - 1


async def test_queued(full: Database) -> None:
    """For each the first of its subject is looked up, whether there is one or not."""
    _, rows = await _counted(full, _queue_more)
    assert rows <= CLAIMED
    async with full.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM webhook_delivery") == QUEUED + CLAIMED


async def _counted(db: Database, work: Callable[[Tx], Awaitable[Any]]) -> tuple[Any, int]:
    """What it gives, and how many deliveries it fetched, by the database's own account."""
    async with db.transaction() as tx:
        before = await _fetched(tx)
        given = await work(tx)
        return given, await _fetched(tx) - before


async def _fetched(tx: Tx) -> int:
    return int(
        await tx.fetchval(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'webhook_delivery'"
        )
    )


async def _claim(tx: Tx) -> list[Record]:
    return await queue.claim_due(tx, TENANT, {WEBHOOK: CLAIMED}, claim=CLAIM, now=NOW, lease_us=LATER)


async def _queue_more(tx: Tx) -> None:
    new = [Queued(WEBHOOK, QUEUED + n, "order.paid", f"order-{n}", "{}", NOW) for n in range(1, CLAIMED + 1)]
    await queue.insert_deliveries(tx, TENANT, new)


def _done(row: Record, way: Next) -> Done:
    delivery = Delivery(TARGET, row["seq"], "order.paid", row["subject"], "{}", 0, CLAIM, LATER)
    attempt = Attempt(
        attempt_id=new_id(),
        webhook_id=WEBHOOK,
        seq=row["seq"],
        type="order.paid",
        subject=row["subject"],
        number=1,
        at_us=NOW,
        duration_ms=1,
        outcome=Outcome.FAILED,
        status=500,
        error=None,
        url=TARGET.url,
        headers={},
        body="{}",
        answer="",
    )
    return Done(delivery, Verdict(way, LATER, Micros(0), False, None), attempt)
