"""The real worker process: does what is due, outlives the database, ends when told."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.base.values import Micros, Tenant
from balcao.tenants.answers import KEPT_S, Answer, claim_answer, keep_answer
from balcao.tenants.rules import Caller, Role
from balcao.tenants.tenants import CreateTenant, create_tenant

_CONNECTED = """
    SELECT true FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'balcao-jobs' AND backend_start > $1
"""
OLD_US = (KEPT_S + 60) * 1_000_000


@pytest.fixture
async def worker(own_database_url: str, tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`balcao worker` on a database where everything is due."""
    await _execute(
        own_database_url,
        "INSERT INTO pgqueuer_schedules (expression, entrypoint) "
        "VALUES ('* * * * *', 'expire-orders'), ('17 * * * *', 'purge')",
    )
    await _answers(own_database_url)
    env = {**os.environ, "DATABASE_URL": own_database_url, "BALCAO_HOME": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "balcao", "worker", env=env, stderr=asyncio.subprocess.PIPE
    )
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_it_does_what_is_due_and_ends_when_told(
    worker: asyncio.subprocess.Process, own_database_url: str, told: signal.Signals
) -> None:
    line = await _until(worker, "purged")
    connection = await asyncpg.connect(own_database_url)
    kept = [row["key"] for row in await connection.fetch("SELECT key FROM idempotency")]
    ended_at = await connection.fetchval("SELECT clock_timestamp()")
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with asyncio.timeout(10):
        while not await connection.fetchval(_CONNECTED, ended_at):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await connection.close()
    assert kept == ["young"]
    assert line["answers"] == 1
    worker.send_signal(told)
    assert await _until(worker, "worker stopped")
    assert await asyncio.wait_for(worker.wait(), 10) == 0


async def _until(process: asyncio.subprocess.Process, event: str) -> dict[str, Any]:
    """The first line of the log with that event; every line is JSON."""
    assert process.stderr is not None
    async with asyncio.timeout(20):
        while line := await process.stderr.readline():
            said: dict[str, Any] = json.loads(line)
            assert {"event", "level", "timestamp"} <= said.keys()
            if said["event"] == event:
                return said
    raise AssertionError(f"the worker ended without {event!r}")


async def _answers(url: str) -> None:
    db = await Database.open(url)
    caller = Caller(tenant=Tenant("qaapp"), client_id="qaapp.one", role=Role.ERP)
    answer = Answer(request_hash=b"", status=204, headers={}, body=b"")
    async with db.transaction() as tx:
        await create_tenant(tx, CreateTenant(name="qaapp", actor="test"), now_us())
        for key, age_us in (("old", OLD_US), ("young", 0)):
            await claim_answer(tx, caller, key, b"", now=Micros(now_us() - age_us))
            await keep_answer(tx, caller, key, answer)
    await db.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
