"""Wait for news of a log: told when it grows, when time is up, when the process stops; nothing is asked for nobody."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest

from balcao.base.db import Database, Tx
from balcao.base.errors import Unavailable
from balcao.base.stopping import STOPPING
from balcao.base.values import Tenant
from balcao.events import watch as watching
from balcao.events.store.log import find_newest
from balcao.events.watch import LogWatch
from tests.verbs.log_book import LogBook, open_log, paid

LONG_S = 20


@pytest.fixture
async def book(db: Database) -> LogBook:
    return await open_log(db)


@pytest.fixture
async def watch(db: Database) -> AsyncIterator[LogWatch]:
    watch = LogWatch(db)
    yield watch
    await watch.close()


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[set[Tenant]]:
    """For which tenants the database was asked, each time."""
    asked: list[set[Tenant]] = []

    async def count(tx: Tx, tenants: Sequence[Tenant]) -> dict[Tenant, int]:
        asked.append(set(tenants))
        return await find_newest(tx, tenants)

    monkeypatch.setattr(watching, "find_newest", count)
    return asked


@pytest.fixture
def stopping() -> Iterator[asyncio.Event]:
    yield STOPPING
    STOPPING.clear()


async def waits(watch: LogWatch, book: LogBook, than: int, timeout_s: float = LONG_S) -> float:
    """Seconds until it was told."""
    began = time.monotonic()
    await watch.newer(book.tenant, than, timeout_s=timeout_s)
    return time.monotonic() - began


async def test_told_when_the_log_grows(watch: LogWatch, book: LogBook) -> None:
    waiting = asyncio.create_task(waits(watch, book, 1))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    began = time.monotonic()
    await book.write(paid(1))
    await waiting
    assert time.monotonic() - began < 1


async def test_told_at_once_when_it_has_grown_already(watch: LogWatch, book: LogBook) -> None:
    assert await waits(watch, book, 0) < 1


async def test_only_those_whose_log_grew(watch: LogWatch, book: LogBook, db: Database) -> None:
    other = await open_log(db, "other")
    ours = asyncio.create_task(waits(watch, book, 1))
    further = asyncio.create_task(waits(watch, book, 2))
    theirs = asyncio.create_task(waits(watch, other, 1, 0.5))
    await asyncio.sleep(0.05)
    await book.write(paid(1))
    assert await ours < 1
    assert not further.done()
    assert await theirs >= 0.5
    await book.write(paid(1))
    assert await further < 2


async def test_time_is_up(watch: LogWatch, book: LogBook) -> None:
    assert 0.2 <= await waits(watch, book, 1, 0.2) < 1


async def test_nothing_is_asked_while_nobody_waits(
    watch: LogWatch, book: LogBook, questions: list[set[Tenant]]
) -> None:
    await asyncio.sleep(0.1)
    assert questions == []
    await waits(watch, book, 1, 0.1)
    await asyncio.sleep(0.05)
    count = len(questions)
    assert 1 <= count <= 8
    assert questions == [{book.tenant}] * count
    await asyncio.sleep(0.2)
    assert len(questions) == count


async def test_one_question_for_all(watch: LogWatch, book: LogBook, db: Database, questions: list[set[Tenant]]) -> None:
    other = await open_log(db, "other")
    await asyncio.gather(*(waits(watch, each, 1, 0.2) for each in [book, other] * 50))
    assert len(questions) <= 14
    assert {book.tenant, other.tenant} in questions


async def test_told_when_the_process_stops(watch: LogWatch, book: LogBook, stopping: asyncio.Event) -> None:
    waiting = asyncio.create_task(waits(watch, book, 1))
    await asyncio.sleep(0.05)
    stopping.set()
    assert await waiting < 1
    assert await waits(watch, book, 1) < 0.1


async def test_told_when_it_is_closed(db: Database, book: LogBook) -> None:
    watch = LogWatch(db)
    waiting = asyncio.create_task(waits(watch, book, 1))
    await asyncio.sleep(0.05)
    await watch.close()
    assert await waiting < 1


async def test_a_database_that_is_away_is_waited_for(
    watch: LogWatch, book: LogBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "AWAY_S", 0.05)
    refused = 0

    async def away(tx: Tx, tenants: Sequence[Tenant]) -> dict[Tenant, int]:
        nonlocal refused
        refused += 1
        if refused <= 3:
            raise Unavailable("The database is not available; try again.")
        return await find_newest(tx, tenants)

    monkeypatch.setattr(watching, "find_newest", away)
    await book.write(paid(1))
    assert 0.15 <= await waits(watch, book, 1) < 2
    assert refused == 4


async def test_whoever_gives_up_leaves_nothing_behind(watch: LogWatch, book: LogBook) -> None:
    waiting = asyncio.create_task(waits(watch, book, 1))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert watch._waiting == {}
