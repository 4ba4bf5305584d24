"""Background jobs: queued in the transaction that wants them, done at least once by any worker.

PgQueuer keeps them in tables of the same database: `SKIP LOCKED` shares them out, heartbeats give those of a dead
worker to another, schedules run once for all workers. It has a plain connection of its own; jobs use the `Database`.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import asyncpg
import msgspec
import structlog
from pgqueuer import PgQueuer
from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.domain.models import Job as Queued
from pgqueuer.domain.models import Schedule as Due

from balcao.base.db import Database, Tx

ATTEMPTS_MAX: Final = 8
RETRY_FIRST_S: Final = 1
RETRY_LAST_S: Final = 300
HEARTBEAT_S: Final = 30
"""A worker that has not been heard of for so long is dead, and its jobs go to another."""
POLL_S: Final = 10
"""How long a notification that got lost delays a job at most."""
AT_ONCE: Final = 10
"""Jobs that one worker takes at a time."""
RECONNECT_FIRST_S: Final = 0.5
RECONNECT_LAST_S: Final = 15
LOG_KEPT_DAYS: Final = 7
GRACE_S: Final = 30

log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is done with the payloads queued under a name; `together`: at most so many at once in all workers, 0 any.

    `run` takes the JSON that was queued. It may run again after it was done (the worker died before it said so), so it
    asks the database first what is left to do. What it raises is tried again, later and later, `ATTEMPTS_MAX` times;
    then the job stays in the table with status `failed`.
    """

    name: str
    run: Callable[[bytes], Awaitable[None]]
    together: int = 0


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What is done at the times of a cron expression, by one of the workers, never twice at once."""

    name: str
    cron: str
    run: Callable[[], Awaitable[None]]


async def enqueue(
    tx: Tx, name: str, payloads: Sequence[Any], *, dedupe_keys: Sequence[str | None] | None = None
) -> None:
    """Queue one job for each payload (anything JSON can say), in the caller's transaction: no commit, no job.

    A job whose dedupe key is that of one still queued or under way is not queued again.
    """
    count = len(payloads)
    if count == 0:
        return
    await tx.fetch(
        QueryQueueBuilder().build_enqueue_query("skip"),
        [0] * count,
        [name] * count,
        [_encode(payload) for payload in payloads],
        [timedelta(0)] * count,
        list(dedupe_keys) if dedupe_keys is not None else [None] * count,
        [None] * count,
    )


async def run_jobs(url: str, jobs: Sequence[Job], schedules: Sequence[Schedule], *, stop: asyncio.Event) -> None:
    """Do jobs and schedules until `stop` is set, then finish those under way.

    A database that goes away is waited for: connecting is tried again, later and later, at most every 15 seconds.
    """
    delays = _delays()
    while not stop.is_set():
        try:
            connection = await asyncpg.connect(url, timeout=10, server_settings={"application_name": "balcao-jobs"})
            try:
                delays = _delays()
                await _run_until_lost(connection, jobs, schedules, stop)
            finally:
                connection.terminate()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, RuntimeError) as error:
            # RuntimeError is what PgQueuer says before the migrations have run.
            log.warning("the job queue is not available", reason=str(error))
        except Exception:
            # Such as a mistake of the driver's when its connection ends in the middle of something: it would end the
            # whole worker.
            log.exception("the job queue broke down")
        if not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), next(delays))


async def purge_log(db: Database) -> None:
    """Forget the log of what was done more than a week ago; jobs that failed stay until somebody looks at them."""
    async with db.transaction() as tx:
        await tx.execute(
            "DELETE FROM pgqueuer_log WHERE aggregated AND created < now() - make_interval(days => $1)", LOG_KEPT_DAYS
        )
        await tx.execute(
            "DELETE FROM pgqueuer_statistics WHERE created < now() - make_interval(days => $1)", LOG_KEPT_DAYS
        )


async def _run_until_lost(
    connection: "asyncpg.Connection[Any]", jobs: Sequence[Job], schedules: Sequence[Schedule], stop: asyncio.Event
) -> None:
    queue = PgQueuer.from_asyncpg_connection(connection)
    connection.add_termination_listener(lambda _: queue.shutdown.set())
    under_way: set[asyncio.Task[Any]] = set()
    for job in jobs:
        _add_job(queue, job, under_way)
    for schedule in schedules:
        _add_schedule(queue, schedule, under_way)
    running = asyncio.create_task(_run(queue))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
        queue.shutdown.set()
        await asyncio.wait((running,), timeout=GRACE_S)
    finally:
        stopping.cancel()
        if not running.done():
            log.warning("jobs under way are given up; another worker will do them again", jobs=len(under_way))
            # First of all: over a living connection PgQueuer would note the jobs as cancelled, and nobody do them.
            connection.terminate()
            for task in under_way:
                task.cancel()
            running.cancel()
        await asyncio.gather(running, stopping, return_exceptions=True)
    if not running.cancelled():
        running.result()


async def _run(queue: PgQueuer) -> None:
    await queue.run(
        dequeue_timeout=timedelta(seconds=POLL_S),
        batch_size=AT_ONCE,
        max_concurrent_tasks=2 * AT_ONCE,
        heartbeat_timeout=timedelta(seconds=HEARTBEAT_S),
    )


def _add_job(queue: PgQueuer, job: Job, under_way: set[asyncio.Task[Any]]) -> None:
    def executor(parameters: EntrypointExecutorParameters) -> DatabaseRetryEntrypointExecutor:
        return DatabaseRetryEntrypointExecutor(
            parameters,
            max_attempts=ATTEMPTS_MAX,
            initial_delay=timedelta(seconds=RETRY_FIRST_S),
            max_delay=timedelta(seconds=RETRY_LAST_S),
        )

    @queue.entrypoint(job.name, concurrency_limit=job.together, on_failure="hold", executor_factory=executor)
    async def run(queued: Queued) -> None:
        with _noted(under_way):
            await job.run(queued.payload or b"null")


def _add_schedule(queue: PgQueuer, schedule: Schedule, under_way: set[asyncio.Task[Any]]) -> None:
    @queue.schedule(schedule.name, schedule.cron)
    async def run(_: Due) -> None:
        with _noted(under_way):
            await schedule.run()


@contextmanager
def _noted(under_way: set[asyncio.Task[Any]]) -> Iterator[None]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a job runs in a task")
    under_way.add(task)
    try:
        yield
    finally:
        under_way.discard(task)


def _delays() -> "itertools.chain[float]":
    growing = (RECONNECT_FIRST_S * 2**n for n in range(5))
    return itertools.chain(growing, itertools.repeat(RECONNECT_LAST_S))
