"""Background jobs: nothing lost between commit and queue, nothing done by two, all of it over lost connections."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from asyncpg.exceptions._base import InternalClientError

from balcao.base import jobs
from balcao.base.db import Database, Tx
from balcao.base.errors import Conflict
from balcao.base.jobs import Job, Schedule, enqueue, purge_log, run_jobs


@asynccontextmanager
async def working(url: str, *jobs: Job, schedules: Sequence[Schedule] = ()) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    worker = asyncio.create_task(run_jobs(url, jobs, schedules, stop=stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(worker, 10)


async def until(true: Callable[[], bool], timeout_s: float = 15) -> None:
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110 - the workers tell nobody
            await asyncio.sleep(0.02)


async def queue(db: Database, name: str, *payloads: Any) -> None:
    async with db.transaction() as tx:
        await enqueue(tx, name, payloads)


async def rows(db: Database) -> list[tuple[str, str, int]]:
    async with db.read() as tx:
        found = await tx.fetch("SELECT entrypoint, status::text, attempts FROM pgqueuer ORDER BY id")
    return [(row["entrypoint"], row["status"], row["attempts"]) for row in found]


class Done:
    """Collects payloads."""

    def __init__(self) -> None:
        self.payloads: list[Any] = []

    async def __call__(self, payload: bytes) -> None:
        self.payloads.append(json.loads(payload))


class TestEnqueue:
    async def test_jobs_live_and_die_with_their_transaction(self, db: Database, database_url: str) -> None:
        async def undone(tx: Tx) -> None:
            await enqueue(tx, "count", ["undone"])
            raise Conflict("undone")

        with pytest.raises(Conflict):
            await db.run(undone)
        await queue(db, "count", {"n": 1, "ç": "ã"}, None, [2])
        await queue(db, "count")
        assert await rows(db) == [("count", "queued", 0)] * 3
        done = Done()
        async with working(database_url, Job(name="count", run=done)):
            await until(lambda: len(done.payloads) == 3)
        assert sorted(done.payloads, key=str) == [None, [2], {"n": 1, "ç": "ã"}]
        assert await rows(db) == []

    async def test_a_job_is_noticed_at_once(self, db: Database, database_url: str) -> None:
        done = Done()
        async with working(database_url, Job(name="count", run=done)):
            await queue(db, "count", 1)
            await until(lambda: done.payloads == [1])
            await queue(db, "count", 2)
            await until(lambda: done.payloads == [1, 2], timeout_s=2)

    async def test_the_same_dedupe_key_waits_once(self, db: Database) -> None:
        async with db.transaction() as tx:
            await enqueue(tx, "count", [1, 2], dedupe_keys=["a", None])
            await enqueue(tx, "count", [3, 4, 5], dedupe_keys=["a", "b", None])
        async with db.read() as tx:
            found = await tx.fetch("SELECT payload FROM pgqueuer ORDER BY id")
        assert [row["payload"] for row in found] == [b"1", b"2", b"4", b"5"]

    async def test_a_thousand_in_one_go(self, db: Database, database_url: str) -> None:
        done = Done()
        await queue(db, "count", *range(1000))
        job = Job(name="count", run=done)
        async with working(database_url, job), working(database_url, job):
            await until(lambda: len(done.payloads) >= 1000, timeout_s=30)
        assert sorted(done.payloads) == list(range(1000))
        assert await rows(db) == []


class TestFailures:
    async def test_whatever_breaks_the_queue_it_is_taken_up_again(
        self, db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A killed database was seen to make the driver say so in the middle of PgQueuer's start."""
        run, broke = jobs._run_until_lost, 0

        async def break_first(*args: Any) -> None:
            nonlocal broke
            broke += 1
            if broke == 1:
                raise InternalClientError("cannot switch to state 12; another operation (2) is in progress")
            await run(*args)

        monkeypatch.setattr(jobs, "_run_until_lost", break_first)
        done = Done()
        await queue(db, "count", 1)
        async with working(database_url, Job(name="count", run=done)):
            await until(lambda: done.payloads == [1])
        assert broke == 2

    async def test_what_fails_is_tried_again(self, db: Database, database_url: str) -> None:
        tried = 0

        async def fail_first(_: bytes) -> None:
            nonlocal tried
            tried += 1
            if tried == 1:
                raise ValueError("not yet")

        await queue(db, "count", 1)
        async with working(database_url, Job(name="count", run=fail_first)):
            await until(lambda: tried == 2)
        assert await rows(db) == []

    async def test_what_fails_for_good_stays_to_be_looked_at(
        self, db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs, "ATTEMPTS_MAX", 2)
        monkeypatch.setattr(jobs, "RETRY_FIRST_S", 0)
        tried: list[int] = []

        async def fail(_: bytes) -> None:
            tried.append(1)
            raise ValueError("never")

        await queue(db, "count", 1)
        async with working(database_url, Job(name="count", run=fail)):
            await until(lambda: len(tried) == 3)
        assert await rows(db) == [("count", "failed", 2)]


class TestConnections:
    async def test_a_lost_connection_is_made_anew(self, db: Database, database_url: str) -> None:
        done = Done()
        async with working(database_url, Job(name="count", run=done)):
            await queue(db, "count", 1)
            await until(lambda: done.payloads == [1])
            async with db.read() as tx:
                ended = await tx.fetch(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'balcao-jobs' AND datname = current_database()"
                )
            assert len(ended) == 1
            await queue(db, "count", 2)
            await until(lambda: done.payloads == [1, 2], timeout_s=20)

    async def test_missing_tables_are_waited_for(self, blank_database_url: str) -> None:
        async with working(blank_database_url, Job(name="count", run=Done())):
            await asyncio.sleep(0.3)

    async def test_a_database_that_is_not_there_is_waited_for(self) -> None:
        async with working("postgresql://nobody@127.0.0.1:1/none", Job(name="count", run=Done())):
            await asyncio.sleep(0.3)

    async def test_stopping_finishes_what_is_under_way(self, db: Database, database_url: str) -> None:
        begun, ended = asyncio.Event(), asyncio.Event()

        async def slow(_: bytes) -> None:
            begun.set()
            await asyncio.sleep(0.5)
            ended.set()

        await queue(db, "slow", 1)
        async with working(database_url, Job(name="slow", run=slow)):
            await asyncio.wait_for(begun.wait(), 10)
        assert ended.is_set()
        assert await rows(db) == []

    @pytest.mark.parametrize("end", ["given up", "killed"])
    async def test_what_a_worker_gave_up_another_does(
        self, db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, end: str
    ) -> None:
        monkeypatch.setattr(jobs, "HEARTBEAT_S", 1)
        monkeypatch.setattr(jobs, "POLL_S", 0.5)
        monkeypatch.setattr(jobs, "GRACE_S", 0.1)
        begun, done, stop = asyncio.Event(), Done(), asyncio.Event()

        async def stuck(_: bytes) -> None:
            begun.set()
            await asyncio.sleep(60)

        await queue(db, "count", 7)
        worker = asyncio.create_task(run_jobs(database_url, [Job(name="count", run=stuck)], [], stop=stop))
        await asyncio.wait_for(begun.wait(), 10)
        if end == "given up":
            stop.set()
        else:
            worker.cancel()
        await asyncio.wait({worker}, timeout=5)
        assert worker.done()
        assert worker.cancelled() == (end == "killed")
        assert await rows(db) == [("count", "picked", 0)]
        async with working(database_url, Job(name="count", run=done)):
            await until(lambda: done.payloads == [7])
        assert await rows(db) == []


class TestSchedules:
    async def test_a_schedule_runs_by_the_clock_and_once(self, database_url: str) -> None:
        ran: list[int] = []

        async def run() -> None:
            ran.append(1)

        schedule = Schedule(name="tick", cron="* * * * *", run=run)
        async with working(database_url, schedules=[schedule]):
            await _make_due(database_url)
        async with working(database_url, schedules=[schedule]), working(database_url, schedules=[schedule]):
            await until(lambda: len(ran) == 1)
            await asyncio.sleep(0.3)
        assert ran == [1]


async def _make_due(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(5):
            due = "UPDATE pgqueuer_schedules SET next_run = now()"
            while await connection.execute(due) != "UPDATE 1":  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        await connection.close()


async def test_old_log_rows_are_purged(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint, aggregated, created) "
            "SELECT n, 'successful', 0, 'count', n % 2 = 0, now() - make_interval(days => n) "
            "FROM generate_series(5, 10) n"
        )
    await purge_log(db)
    async with db.read() as tx:
        assert [row["job_id"] for row in await tx.fetch("SELECT job_id FROM pgqueuer_log ORDER BY 1")] == [5, 6, 7, 9]
