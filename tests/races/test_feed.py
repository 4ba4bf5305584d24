"""Readers beside writers: none misses, doubles or misorders an event, whatever the page size, and days come and go."""

import asyncio
import random
from collections.abc import AsyncIterator, Collection
from contextlib import suppress

import pytest

from balcao.base.clock import tick
from balcao.base.db import Database
from balcao.base.errors import Unavailable
from balcao.base.now import now_us
from balcao.base.values import Micros
from balcao.events.append import append
from balcao.events.keep import drop_old_days, make_days
from balcao.events.rules import DAY_US, Day, EventFilter, LoggedEvent
from balcao.events.store import days as store
from balcao.events.watch import LogWatch
from tests.verbs.log_book import NOW, LogBook, event, open_log

WRITERS = 6
BATCHES = 40


@pytest.fixture
async def book(own_database_url: str) -> AsyncIterator[LogBook]:
    """A log in a database with enough connections for all at once."""
    db = await Database.open(own_database_url, size=WRITERS + 8)
    yield await open_log(db, now=NOW)
    await db.close()


async def _write(book: LogBook, writer: int, committed: list[list[int]], chance: random.Random) -> None:
    """Batches of one to five, some of them undone; notes what was committed, in the order in which that was known."""
    for batch in range(BATCHES):
        events = [
            event("order.paid" if n % 2 else "stocks.counted", subject=f"{writer}/{batch}", n=n)
            for n in range(chance.randint(1, 5))
        ]
        undone = chance.random() < 0.2
        with suppress(_UndoneError):
            async with book.db.transaction() as tx:
                ticks = await tick(tx, book.tenant, events=len(events), rows=len(events), now=now_us())
                await asyncio.sleep(chance.random() * 0.002)  # while the clock is held, so that commits take their time
                await append(tx, book.tenant, events, ticks)
                if undone:
                    raise _UndoneError
        if not undone:
            committed.append([ticks.seq(n) for n in range(len(events))])


class _UndoneError(Exception):
    pass


async def _follow(book: LogBook, done: asyncio.Event, limit: int, wanted: EventFilter) -> list[LoggedEvent]:
    """Everything that a reader gets page by page, until the writers are done and it is at the end."""
    seen: list[LoggedEvent] = []
    after = 0
    while True:
        ends = done.is_set()
        page = await book.read(after, limit=limit, wanted=wanted)
        seen += page.events
        after = page.next
        if page.is_end:
            if ends:
                return seen
            await asyncio.sleep(0)


async def _listen(book: LogBook, watch: LogWatch, done: asyncio.Event) -> list[LoggedEvent]:
    """The same with long polls."""
    seen: list[LoggedEvent] = []
    after = 0
    while True:
        ends = done.is_set()
        page = await book.read(after)
        seen += page.events
        after = page.next
        if page.is_end and ends:
            return seen
        await watch.newer(book.tenant, after, timeout_s=0.5)


async def _all_write(book: LogBook, done: asyncio.Event) -> list[list[int]]:
    committed: list[list[int]] = []
    chances = [random.Random(n) for n in range(WRITERS)]  # noqa: S311
    try:
        await asyncio.gather(*(_write(book, n, committed, chance) for n, chance in enumerate(chances)))
    finally:
        done.set()
    return committed


async def test_readers_beside_writers_miss_and_double_and_misorder_nothing(book: LogBook) -> None:
    done = asyncio.Event()
    watch = LogWatch(book.db)
    paid = EventFilter(types=("order.*",))
    everything = EventFilter()
    committed, small, odd, large, listened, filtered = await asyncio.gather(
        _all_write(book, done),
        _follow(book, done, 1, everything),
        _follow(book, done, 3, everything),
        _follow(book, done, 1000, everything),
        _listen(book, watch, done),
        _follow(book, done, 2, paid),
    )
    await watch.close()
    count = 1 + sum(len(numbers) for numbers in committed)
    assert count > WRITERS * BATCHES
    assert [told.seq for told in large] == list(range(1, count + 1))
    assert small == odd == listened == large
    assert filtered == [told for told in large if told.type == "order.paid"]
    assert sorted(number for numbers in committed for number in numbers) == list(range(2, count + 1))
    # Each transaction's events stand together, in its own order, and instants rise with the numbers.
    by_subject: dict[str, list[int]] = {}
    for told in large[1:]:
        by_subject.setdefault(told.subject, []).append(told.seq)
    assert sorted(by_subject.values()) == sorted(committed)
    instants = [told.at_us for told in large]
    assert instants == sorted(instants)


async def test_whoever_sees_an_event_sees_all_before_it(book: LogBook) -> None:
    """Each snapshot of the log, however taken, is a beginning of it: numbers are given in commit order."""
    done = asyncio.Event()

    async def look() -> list[tuple[int, int]]:
        seen = []
        while not done.is_set():
            async with book.db.read() as tx:
                row = await tx.fetchrow("SELECT count(*), max(seq) FROM event WHERE tenant = $1", book.tenant)
            assert row is not None
            seen.append((row[0], row[1]))
        return seen

    _, *looks = await asyncio.gather(_all_write(book, done), look(), look())
    seen = [each for look in looks for each in look]
    assert len({count for count, _ in seen}) > 20
    assert [each for each in seen if each[0] != each[1]] == []


async def test_days_are_made_and_dropped_beside_writers_and_readers(book: LogBook) -> None:
    """A writer goes through eight days of which none has a partition, while a keeper makes them and drops old ones.

    Within one round of the keeper's no more than half a day passes: it makes days two days ahead beside writers.
    """
    done, round_ended = asyncio.Event(), asyncio.Event()
    clock = NOW

    async def write() -> int:
        nonlocal clock
        written = 0
        for n in range(160):
            if n % 10 == 0:
                round_ended.clear()
                await round_ended.wait()
            clock = Micros(NOW + n * DAY_US // 20)
            written += len(await book.write([event(n=n), event(n=n)], now=clock))
        done.set()
        return written

    async def keep() -> None:
        while not done.is_set():
            with suppress(Unavailable):
                await book.db.run(lambda tx: make_days(tx, clock))
                await book.db.run(lambda tx: drop_old_days(tx, Micros(clock + 85 * DAY_US)))
            round_ended.set()
            await asyncio.sleep(0.01)

    async with book.db.transaction() as tx:
        await tx.execute("DELETE FROM event; UPDATE tenant_clock SET seq = 0, at_us = 0")
    written, _, seen = await asyncio.gather(write(), keep(), _follow(book, done, 7, EventFilter()))
    assert [told.seq for told in seen] == list(range(1, written + 1))
    kept = await book.fetch("SELECT seq, tableoid::regclass::text FROM event ORDER BY seq")
    assert [seq for seq, _ in kept] == list(range(kept[0][0], written + 1))
    assert 40 < kept[0][0] < 160
    assert kept[-1][1] == Day.of(clock).name


async def test_a_writer_on_its_way_is_not_refused_when_its_day_is_made(
    book: LogBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keeper waits for whoever writes to the day, and whoever comes after it finds the day."""
    monkeypatch.setattr(store, "LOCK_MAX", "10s")  # machines that run tests may be slow
    async with book.db.transaction() as tx:
        ticks = await tick(tx, book.tenant, events=1, rows=1, now=Micros(NOW + DAY_US))
        await append(tx, book.tenant, [event()], ticks)
        made = asyncio.create_task(_make(book, Micros(NOW + DAY_US)))
        await asyncio.sleep(0.05)
    assert Day.of(NOW + DAY_US) not in await made
    async with book.db.transaction() as tx:
        days = await make_days(tx, Micros(NOW + 9 * DAY_US))
        written = asyncio.create_task(book.write([event()], now=Micros(NOW + 10 * DAY_US)))
        await asyncio.sleep(0.05)
        assert not written.done()
    assert Day.of(NOW + 10 * DAY_US) in days
    last = await written
    parts = await book.fetch("SELECT tableoid::regclass::text FROM event WHERE seq = $1", last[0])
    assert parts == [(Day.of(NOW + 10 * DAY_US).name,)]


async def _make(book: LogBook, now: Micros) -> Collection[Day]:
    return await book.db.run(lambda tx: make_days(tx, now))
