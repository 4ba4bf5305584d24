"""What the worker does for the log: days made and dropped, marks, and patience while a back-up reads."""

from structlog.testing import capture_logs

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.events.rules import Day
from balcao.worker import schedules_of
from tests.verbs.log_book import LogBook, open_log

DAYS = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^event_[0-9]{8}$' ORDER BY relname"


async def do(book: LogBook, name: str) -> list[tuple[str, object]]:
    """Do what is on the worker's schedule under that name; what it said of the log's days."""
    run = next(each.run for each in schedules_of(book.db) if each.name == name)
    with capture_logs() as lines:
        await run()
    return [(line["event"], line.get("days")) for line in lines if line["event"].startswith("days")]


async def names(book: LogBook) -> list[str]:
    return [name for (name,) in await book.fetch(DAYS)]


async def add_day(book: LogBook, day: Day) -> None:
    async with book.db.transaction() as tx:
        await tx.execute(
            f"CREATE TABLE {day.name} PARTITION OF event FOR VALUES FROM ({day.first_us}) TO ({day.end_us})"
        )


async def test_days_are_made_dropped_and_marked(own_database_url: str) -> None:
    db = await Database.open(own_database_url)
    book = await open_log(db, now=now_us())
    await do(book, "make-days")  # the tests' database may have been migrated yesterday
    today = Day.of(now_us())
    old = Day(today.number - 100)
    await add_day(book, old)
    *kept, last = await names(book)
    async with db.transaction() as tx:
        await tx.execute(f"DROP TABLE {last}")
    assert await do(book, "make-days") == [("days of the log made", [last])]
    assert await do(book, "make-days") == []
    async with db.transaction() as tx:  # as a back-up does
        await tx.fetchval("SELECT count(*) FROM event")
        assert await do(book, "drop-days") == [("days of the log not dropped", None)]
    assert await do(book, "drop-days") == [("days of the log dropped", [old.name])]
    assert await names(book) == [*kept[1:], last]
    await do(book, "purge")
    assert await book.fetch("SELECT tenant, seq FROM event_mark") == [("qaapp", 1)]
    await db.close()


async def test_a_reader_of_everything_is_not_disturbed(own_database_url: str) -> None:
    db = await Database.open(own_database_url)
    book = await open_log(db, now=now_us())
    await do(book, "make-days")
    last = (await names(book))[-1]
    async with db.transaction() as tx:
        await tx.execute(f"DROP TABLE {last}")
    async with db.transaction() as tx:
        await tx.fetchval("SELECT count(*) FROM event")
        assert await do(book, "make-days") == [("days of the log not made", None)]
        assert await book.tell("order.paid", now=now_us()) == [2]  # nor are writers
    assert await do(book, "make-days") == [("days of the log made", [last])]
    await db.close()
