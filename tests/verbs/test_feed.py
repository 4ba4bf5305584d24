"""Read the log: pages that follow one another, filters, and cursors that cannot be."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from balcao.base.db import Database
from balcao.base.errors import Conflict
from balcao.base.now import now_us
from balcao.base.values import Micros, Tenant
from balcao.events import feed
from balcao.events.feed import ReadFeed, read_feed
from balcao.events.rules import DAY_US, Day, EventFilter, LoggedEvent
from tests.verbs.log_book import NOW, LogBook, event, mark, open_log, paid, store_id


@pytest.fixture
async def book(db: Database) -> LogBook:
    return await open_log(db)


@pytest.fixture
async def own_db(own_database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(own_database_url)
    yield database
    await database.close()


async def test_a_page_tells_all_of_an_event(book: LogBook) -> None:
    await book.write(
        [event("order.placed", subject="o-1", actor="qaapp.x", channel="site", seller_id=store_id(7), n=1.10)]
    )
    page = await book.read(1)
    assert page.events == [
        LoggedEvent(2, Micros(NOW + 1), "order.placed", "o-1", "site", store_id(7), "qaapp.x", '{"n": 1.1}')
    ]
    assert (page.next, page.newest, page.is_end) == (2, 2, True)


async def test_pages_follow_one_another(book: LogBook) -> None:
    await book.write(paid(10))
    pages = [await book.read(0, limit=4)]
    while not pages[-1].is_end:
        pages.append(await book.read(pages[-1].next, limit=4))
    assert [[told.seq for told in page.events] for page in pages] == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11]]
    assert [(page.next, page.newest) for page in pages] == [(4, 11), (8, 11), (11, 11)]


async def test_at_the_end_there_is_nothing(book: LogBook) -> None:
    page = await book.read(1)
    assert (page.events, page.next, page.newest, page.is_end) == ([], 1, 1, True)


async def test_another_tenants_log_is_another(book: LogBook, db: Database) -> None:
    other = await open_log(db, "other")
    await book.write(paid(3))
    assert await other.numbers() == [1]
    assert (await other.read()).events[0].subject == "other"


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"types": ("order.paid",)}, [2, 5]),
        ({"types": ("order.*",)}, [2, 3, 5]),
        ({"types": ("order.placed", "stocks.*")}, [3, 4]),
        ({"types": ("order.pa_d",)}, []),
        ({"types": ("orders.*",)}, []),
        ({"hidden": ("tenant.*", "order.paid")}, [3, 4, 6]),
        ({"types": ("tenant.*",), "hidden": ("tenant.*",)}, []),
        ({"channel": "site"}, [2, 3]),
        ({"seller_ids": (store_id(1),)}, [2, 6]),
        ({"seller_ids": (store_id(1), store_id(2))}, [2, 3, 6]),
        ({"seller_ids": ()}, []),
        ({"channel": "site", "seller_ids": (store_id(1),), "types": ("order.*",)}, [2]),
    ],
)
async def test_filters(book: LogBook, wanted: dict[str, Any], numbers: list[int]) -> None:
    await book.write(
        [
            event("order.paid", channel="site", seller_id=store_id(1)),
            event("order.placed", channel="site", seller_id=store_id(2)),
            event("stocks.counted"),
            event("order.paid", channel="app"),
            event("freight_table.loaded", seller_id=store_id(1)),
        ]
    )
    page = await book.read(0, wanted=EventFilter(**wanted))
    assert [told.seq for told in page.events] == numbers
    assert (page.next, page.newest) == (6, 6)  # past what was not wanted


async def test_a_filtered_page_goes_on_where_it_was_full(book: LogBook) -> None:
    await book.tell(*["order.paid", "stocks.counted"] * 4)
    wanted = EventFilter(types=("stocks.*",))
    page = await book.read(0, limit=2, wanted=wanted)
    assert ([told.seq for told in page.events], page.next) == ([3, 5], 5)
    page = await book.read(5, limit=2, wanted=wanted)
    assert ([told.seq for told in page.events], page.next) == ([7, 9], 9)


async def test_a_page_looks_only_so_far_for_what_is_wanted(book: LogBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "SCANNED_MAX", 5)
    await book.tell(*["order.paid"] * 11, "stocks.counted")
    wanted = EventFilter(types=("stocks.*",))
    seen = []
    after, ends = 0, False
    while not ends:
        page = await book.read(after, limit=2, wanted=wanted)
        seen.append(([told.seq for told in page.events], page.next))
        after, ends = page.next, page.is_end
    assert seen == [([], 5), ([], 10), ([13], 13)]


async def test_a_number_beyond_the_end_is_refused(book: LogBook) -> None:
    with pytest.raises(Conflict) as refusal:
        await book.read(2)
    assert refusal.value.code == "cursor_ahead"
    assert refusal.value.facts == {"newest": 1}


async def _lose(book: LogBook, upto: int) -> None:
    async with book.db.transaction() as tx:
        await tx.execute("DELETE FROM event WHERE tenant = $1 AND seq <= $2", book.tenant, upto)


@pytest.mark.parametrize("wanted", [EventFilter(), EventFilter(types=("stocks.*",))])
async def test_events_that_are_no_longer_kept_are_told_of(book: LogBook, wanted: EventFilter) -> None:
    await book.write(paid(9))
    await _lose(book, 6)
    for after in (1, 5):
        with pytest.raises(Conflict) as refusal:
            await book.read(after, wanted=wanted)
        assert refusal.value.code == "cursor_expired"
        assert refusal.value.facts == {"oldest": 7, "newest": 10}
    assert (await book.read(6, wanted=wanted)).next == 10


async def test_a_new_reader_begins_with_the_oldest_event_kept(book: LogBook) -> None:
    await book.write(paid(9))
    await _lose(book, 6)
    assert await book.numbers(0) == [7, 8, 9, 10]
    assert await book.numbers(0, wanted=EventFilter(types=("order.*",)), limit=2) == [7, 8]


async def test_where_nothing_is_kept_any_more(book: LogBook) -> None:
    await book.write(paid(3))
    await _lose(book, 4)
    page = await book.read(0)
    assert (page.events, page.next, page.is_end) == ([], 4, True)
    assert (await book.read(4)).is_end
    with pytest.raises(Conflict) as refusal:
        await book.read(3)
    assert refusal.value.facts == {"oldest": 5, "newest": 4}


async def test_a_tenant_that_is_not_there(book: LogBook) -> None:
    async with book.db.read() as tx:
        with pytest.raises(LookupError):
            await read_feed(tx, Tenant("nobody"), ReadFeed(after=0))


async def _days_touched(book: LogBook, after: int) -> tuple[list[int], list[str]]:
    """The page after that number, and the parts of the log that were locked to read it."""
    async with book.db.transaction() as tx:
        page = await read_feed(tx, book.tenant, ReadFeed(after=after, limit=3))
        rows = await tx.fetch(
            "SELECT relation::regclass::text AS name FROM pg_locks "
            "WHERE pid = pg_backend_pid() AND relation::regclass::text ~ '^event_(default|[0-9]{8})$' ORDER BY 1"
        )
    return [told.seq for told in page.events], [row["name"] for row in rows]


async def test_marks_tell_in_which_days_to_look(own_db: Database) -> None:
    today = Day.of(now_us())
    first_us, days = today.first_us, [Day(today.number + n).name for n in range(7)]
    book = await open_log(own_db, now=Micros(first_us - 1))
    for n in range(7):  # a mark in the night before each day, then three events at noon
        await mark(book, Micros(first_us + n * DAY_US))
        await book.write(paid(3), now=Micros(first_us + n * DAY_US + DAY_US // 2))
    assert await _days_touched(book, 4) == ([5, 6, 7], days[0:2])
    assert await _days_touched(book, 5) == ([6, 7, 8], days[0:3])
    assert await _days_touched(book, 19) == ([20, 21, 22], days[5:7])


async def test_without_marks_every_day_is_looked_at(own_db: Database) -> None:
    book = await open_log(own_db, now=now_us())
    await book.write(paid(3), now=now_us())
    numbers, days = await _days_touched(book, 1)
    assert (numbers, "event_default" in days) == ([2, 3, 4], True)
