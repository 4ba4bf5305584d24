"""The log's days: made ahead, never an insert lost, dropped when they are old enough."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from alembic import command

from balcao.base import migrate
from balcao.base.db import Database
from balcao.base.errors import Conflict, Unavailable
from balcao.base.now import now_us
from balcao.base.values import Micros
from balcao.events.keep import drop_old_days, make_days
from balcao.events.rules import DAY_US, Day
from balcao.events.store import days as store
from tests.verbs.log_book import NOW, LogBook, mark, open_log, paid

DAYS = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^event_[0-9]{8}$' ORDER BY relname"
WHERE = "SELECT seq, tableoid::regclass::text FROM event WHERE tenant = 'qaapp' ORDER BY seq"
WEEK = [Day(Day.of(NOW).number + n).name for n in range(8)]


@pytest.fixture
async def book(own_database_url: str) -> AsyncIterator[LogBook]:
    """An empty log, in a database where no day has a partition."""
    db = await Database.open(own_database_url)
    book = await open_log(db)
    async with db.transaction() as tx:
        await tx.execute("".join(f"DROP TABLE {name};" for (name,) in await book.fetch(DAYS)))
        await tx.execute("DELETE FROM event; UPDATE tenant_clock SET seq = 0, at_us = 0")
    yield book
    await db.close()


async def make(book: LogBook, now: Micros = NOW) -> list[str]:
    return [day.name for day in await book.db.run(lambda tx: make_days(tx, now))]


async def drop(book: LogBook, now: Micros) -> list[str]:
    return [day.name for day in await book.db.run(lambda tx: drop_old_days(tx, now))]


async def names(book: LogBook) -> list[str]:
    return [name for (name,) in await book.fetch(DAYS)]


def later(days: int) -> Micros:
    return Micros(NOW + days * DAY_US)


async def test_the_migration_makes_today_and_a_week(own_database_url: str) -> None:
    db = await Database.open(own_database_url)
    async with db.read() as tx:
        made = [row["relname"] for row in await tx.fetch(DAYS)]
    await db.close()
    today = Day.of(now_us()).number
    assert made in (
        [Day(today + n).name for n in range(8)],
        [Day(today - 1 + n).name for n in range(8)],  # the tests run over midnight
    )


async def test_the_migration_keeps_what_was_written_before(blank_database_url: str) -> None:
    today = Day.of(now_us())
    old = [today.first_us - 100 * DAY_US, today.first_us - 3 * DAY_US, today.first_us, today.first_us + 20 * DAY_US]
    url = blank_database_url.replace("postgresql://", "postgresql+psycopg://")
    command.upgrade(migrate._config(url), "0002_jobs_pre")
    with psycopg.connect(blank_database_url) as connection:
        connection.execute("INSERT INTO tenant VALUES ('qaapp', 'QA', 1)")
        for seq, at_us in enumerate(old, 1):
            connection.execute(
                "INSERT INTO event VALUES ('qaapp', %s, %s, 'order.paid', 's', 'site', NULL, 'a', '{\"n\": 1.10}')",
                (seq, at_us),
            )
    command.upgrade(migrate._config(url), "0003_events_pre")
    with psycopg.connect(blank_database_url) as connection:
        rows = connection.execute(WHERE).fetchall()
        facts = connection.execute("SELECT DISTINCT type, subject, channel, actor, data::text FROM event").fetchall()
        gone = connection.execute("SELECT to_regclass('event_before')").fetchone()
    assert rows == [(1, "event_default"), (2, Day(today.number - 3).name), (3, today.name), (4, "event_default")]
    assert facts == [("order.paid", "s", "site", "a", '{"n": 1.10}')]
    assert gone == (None,)


async def test_days_are_made_once(book: LogBook) -> None:
    assert await make(book) == WEEK
    assert await make(book) == []
    assert await make(book, later(2)) == [Day(Day.of(NOW).number + n).name for n in (8, 9)]
    assert await names(book) == [Day(Day.of(NOW).number + n).name for n in range(10)]


async def test_events_without_a_day_are_kept_where_they_are(book: LogBook) -> None:
    await book.write(paid(2), now=later(1))
    await book.write(paid(1), now=later(30))
    assert {part for _, part in await book.fetch(WHERE)} == {"event_default"}
    assert await make(book) == [WEEK[0], *WEEK[2:]]  # tomorrow has events already
    assert await make(book) == []
    await book.write(paid(1), now=later(31))
    assert await book.numbers() == [1, 2, 3, 4]
    await make(book, later(31))
    await book.write(paid(1), now=later(32))
    assert (await book.fetch(WHERE))[-2:] == [(4, "event_default"), (5, Day.of(later(32)).name)]
    assert await book.numbers(1) == [2, 3, 4, 5]


async def test_days_older_than_promised_are_dropped(book: LogBook) -> None:
    await make(book)
    await book.write(paid(2), now=NOW)
    await book.write(paid(2), now=later(1))
    assert await drop(book, later(90)) == []
    assert await book.numbers() == [1, 2, 3, 4]
    assert await drop(book, later(91)) == WEEK[:1]
    assert await drop(book, later(91)) == []
    assert await names(book) == WEEK[1:]
    assert await book.numbers() == [3, 4]
    with pytest.raises(Conflict) as refusal:
        await book.read(1)
    assert refusal.value.facts == {"oldest": 3, "newest": 4}
    assert await book.numbers(2) == [3, 4]


async def test_old_events_without_a_day_go_too(book: LogBook) -> None:
    await book.write(paid(1), now=later(0))
    await book.write(paid(1), now=later(1))
    assert await drop(book, later(90)) == []
    assert await book.numbers() == [1, 2]
    assert await drop(book, later(91)) == []
    assert await book.numbers() == [2]
    assert await drop(book, later(92)) == []
    assert await book.fetch("SELECT * FROM event_default") == []


async def test_writers_are_kept_out_only_where_they_might_be(book: LogBook) -> None:
    async with book.db.transaction() as tx:
        assert len(await make_days(tx, NOW)) == 8
        with pytest.raises(Unavailable):
            async with book.db.transaction() as other:
                await other.execute("SET LOCAL lock_timeout = '50ms'; LOCK TABLE event IN ROW EXCLUSIVE MODE")
    async with book.db.transaction() as tx:
        assert len(await make_days(tx, later(1))) == 1
        assert await book.write(paid(1)) == [1]


async def test_a_long_reader_holds_days_up_and_no_writer(book: LogBook) -> None:
    await make(book)
    async with book.db.transaction() as tx:
        await tx.fetchval("SELECT count(*) FROM event")
        with pytest.raises(Unavailable):
            await make(book, later(1))
        with pytest.raises(Unavailable):
            await drop(book, later(91))
        assert await book.write(paid(1)) == [1]
    assert await names(book) == WEEK
    assert len(await make(book, later(1))) == 1
    assert await drop(book, later(91)) == WEEK[:1]


async def test_two_workers_make_a_day_once(book: LogBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LOCK_MAX", "10s")  # machines that run tests may be slow
    async with book.db.transaction() as tx:
        await make_days(tx, NOW)
        other = asyncio.create_task(make(book))
        await asyncio.sleep(0.05)  # it has seen that they are missing, and waits
    assert await other == []
    assert await names(book) == WEEK


async def test_a_log_is_marked_once_a_day(book: LogBook) -> None:
    marks = "SELECT seq, at_us FROM event_mark WHERE tenant = 'qaapp' ORDER BY seq"
    assert await mark(book, NOW) == 0  # there is nothing in it
    await book.write(paid(1), now=NOW)
    assert [await mark(book, NOW), await mark(book, NOW)] == [1, 0]
    await book.write(paid(2), now=later(0))
    assert await mark(book, later(0)) == 0  # of today there is one
    assert [await mark(book, later(1)), await mark(book, later(1))] == [1, 0]
    assert await mark(book, later(2)) == 0  # nothing happened since
    assert await book.fetch(marks) == [(1, NOW), (3, NOW + 2)]
    await book.write(paid(1), now=later(91))
    assert await mark(book, later(91)) == 1
    assert await book.fetch(marks) == [(4, later(91))]
