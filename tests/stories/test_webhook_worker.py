"""The real worker process and webhooks: killed in the middle of deliveries, it loses nothing and mixes nothing up."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from aiohttp import web

from balcao.base.db import Database
from balcao.webhooks.turn import LEASE_S
from tests.receiver import Received, Receiver, receiving
from tests.verbs.hooks import SECOND, Hooks, event_of, hooks_of

SUBJECTS = 20
_LOSE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
EVENTS = 600


@asynccontextmanager
async def _worker(url: str, home: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    env = {
        **os.environ,
        "DATABASE_URL": url,
        "BALCAO_HOME": str(home),
        "BALCAO_SECRET_KEY": "k" * 43,
        "BALCAO_WEBHOOK_ALLOW_PRIVATE": "true",
        "BALCAO_LOG_LEVEL": "error",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "balcao", "worker", env=env)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_killed_in_the_middle(own_database_url: str, tmp_path: Path) -> None:
    db = await Database.open(own_database_url)
    async with receiving() as receiver, hooks_of(db, tmp_path) as hooks:
        _answer_only(receiver, EVENTS // 3)
        await hooks.subscribe(receiver.url, "a.*")
        seqs = await hooks.happen(*(("a.b", f"s{n % SUBJECTS}") for n in range(EVENTS)))
        async with _worker(own_database_url, tmp_path) as worker:
            await receiver.until(EVENTS // 3 + SUBJECTS, timeout_s=20)
            worker.send_signal(signal.SIGKILL)
            await worker.wait()
        assert len(await hooks.pending()) >= EVENTS - EVENTS // 3
        _answer_only(receiver, None)
        hooks.later(LEASE_S * SECOND)  # the dead one's claims run out
        async with hooks.worker():
            await _until_all(receiver, hooks, set(seqs))
        _check_order(receiver.got)
        assert await hooks.pending() == []
    await db.close()


async def test_told_to_end_it_settles_what_is_under_way(own_database_url: str, tmp_path: Path) -> None:
    db = await Database.open(own_database_url)
    async with receiving() as receiver, hooks_of(db, tmp_path) as hooks:
        held = asyncio.Event()

        async def answer(_: Received) -> web.Response:
            await held.wait()
            return web.Response()

        receiver.answering = answer
        webhook, _ = await hooks.subscribe(receiver.url, "a.*")
        await hooks.happen(*(("a.b", f"s{n % SUBJECTS}") for n in range(2 * SUBJECTS)))
        async with _worker(own_database_url, tmp_path) as worker:
            await receiver.until(SUBJECTS, timeout_s=20)
            worker.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            held.set()
            assert await asyncio.wait_for(worker.wait(), 15) == 0
        assert len(receiver.got) == SUBJECTS
        assert len(await hooks.log(webhook.webhook_id, limit=200)) == SUBJECTS
        assert [attempts for _, attempts in await hooks.pending()] == [0] * SUBJECTS
    await db.close()


async def test_two_workers_share_the_work(own_database_url: str, tmp_path: Path) -> None:
    db = await Database.open(own_database_url)
    async with receiving() as receiver, hooks_of(db, tmp_path) as hooks:
        await hooks.subscribe(receiver.url, "a.*")
        async with hooks.worker(), hooks.worker():
            seqs: list[int] = []
            for n in range(10):
                seqs += await hooks.happen(*(("a.b", f"s{m % SUBJECTS}") for m in range(50)), data={"n": n})
            await _until_all(receiver, hooks, set(seqs))
        _check_order(receiver.got)
        assert len(receiver.got) == len(seqs)
    await db.close()


async def test_connections_lost_in_the_middle(own_database_url: str, tmp_path: Path) -> None:
    db = await Database.open(own_database_url)
    other = await asyncpg.connect(own_database_url)
    async with receiving() as receiver, hooks_of(db, tmp_path) as hooks:
        await hooks.subscribe(receiver.url, "a.*")
        seqs = await hooks.happen(*(("a.b", f"s{n % SUBJECTS}") for n in range(EVENTS)))
        async with hooks.worker():
            for n in range(1, 4):
                await receiver.until(n * EVENTS // 5)
                await other.execute(_LOSE)
            await asyncio.sleep(0.2)
            hooks.later(LEASE_S * SECOND)  # for claims whose commit was lost on the way back
            await receiver.until(EVENTS)
            await _until_all(receiver, hooks, set(seqs))
        _check_order(receiver.got)
    await other.close()
    await db.close()


def _answer_only(receiver: Receiver, count: int | None) -> None:
    """Answers so many requests (None: all), and keeps the others waiting for ever."""

    async def answer(_: Received) -> web.Response:
        if count is not None and len(receiver.got) > count:
            await asyncio.Event().wait()
        return web.Response()

    receiver.answering = answer


async def _until_all(receiver: Receiver, hooks: Hooks, seqs: set[int]) -> None:
    async with asyncio.timeout(20):
        while {int(event_of(got)["id"]) for got in receiver.got} != seqs or await hooks.pending():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _check_order(got: list[Received]) -> None:
    """Of a subject none came before the one ahead of it had come, and none again after its successor."""
    newest: dict[str, int] = {}
    seen: dict[str, list[int]] = {}
    for each in got:
        event = event_of(each)
        seq, subject = int(event["id"]), event["subject"]
        assert seq >= newest.get(subject, 0)
        newest[subject] = seq
        if seq not in seen.setdefault(subject, []):
            seen[subject].append(seq)
    assert all(seqs == sorted(seqs) for seqs in seen.values())
