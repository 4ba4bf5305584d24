"""Named consumers: a cursor that goes forward, kept apart by what credentials are bound to."""

import asyncio
from typing import Any

import pytest

from balcao.base.db import Database
from balcao.base.errors import Conflict, Invalid, NotFound
from balcao.base.values import Micros
from balcao.events.consumers import SetCursor, forget_consumer, get_consumer, list_consumers, set_cursor
from balcao.events.rules import Binding, Consumer
from tests.verbs.log_book import NOW, LogBook, open_log, paid

ALL, SITE = Binding(), Binding("site")
STORE = Binding(None, "04109169000135")
ROWS = "SELECT name, channel, seller_cnpj, seq, created_us, updated_us FROM event_consumer ORDER BY name"


@pytest.fixture
async def book(db: Database) -> LogBook:
    book = await open_log(db)
    await book.write(paid(9))
    return book


async def put(
    book: LogBook, seq: int | None = None, *, name: str = "sap", binding: Binding = ALL, **more: Any
) -> Consumer:
    now = more.pop("now", NOW)
    cmd = SetCursor(tenant=book.tenant, name=name, binding=binding, seq=seq, **more)
    return await book.db.run(lambda tx: set_cursor(tx, cmd, now))


async def refused(book: LogBook, seq: int | None = None, **more: Any) -> tuple[str, dict[str, Any]]:
    """The refusal's code and facts; nothing changed."""
    before = await book.fetch(ROWS)
    with pytest.raises(Conflict) as refusal:
        await put(book, seq, **more)
    assert await book.fetch(ROWS) == before
    return refusal.value.code, refusal.value.facts


async def test_a_new_consumer_begins_at_the_beginning(book: LogBook) -> None:
    made = await put(book)
    assert made == Consumer(name="sap", channel=None, seller_cnpj=None, seq=0, created_us=NOW, updated_us=NOW)
    assert await book.fetch(ROWS) == [("sap", None, None, 0, NOW, NOW)]
    async with book.db.read() as tx:
        assert await get_consumer(tx, book.tenant, "sap", Binding()) == made


async def test_a_new_consumer_may_begin_anywhere_and_keeps_what_made_it(book: LogBook) -> None:
    await put(book, 4, name="app", binding=Binding("app", STORE.seller_cnpj))
    assert await book.fetch(ROWS) == [("app", "app", STORE.seller_cnpj, 4, NOW, NOW)]


async def test_the_cursor_goes_forward(book: LogBook) -> None:
    await put(book)
    assert (await put(book, 4, now=Micros(NOW + 1))).seq == 4
    assert (await put(book, 10, now=Micros(NOW + 2))).seq == 10
    assert await book.fetch(ROWS) == [("sap", None, None, 10, NOW, NOW + 2)]


async def test_a_repeat_changes_nothing(book: LogBook) -> None:
    await put(book, 4)
    assert (await put(book, 4, now=Micros(NOW + 1))).seq == 4
    assert (await put(book, now=Micros(NOW + 1))).seq == 4
    assert await book.fetch(ROWS) == [("sap", None, None, 4, NOW, NOW)]


async def test_the_cursor_goes_back_only_when_told_to(book: LogBook) -> None:
    await put(book, 8)
    assert await refused(book, 3) == ("cursor_behind", {"cursor": 8})
    assert (await put(book, 3, reset=True)).seq == 3
    assert (await put(book, 0, reset=True)).seq == 0


async def test_the_cursor_stays_within_the_log(book: LogBook) -> None:
    assert await refused(book, 11) == ("cursor_ahead", {"newest": 10})
    await put(book, 10)
    assert await refused(book, 11) == ("cursor_ahead", {"newest": 10})
    assert await refused(book, 11, reset=True) == ("cursor_ahead", {"newest": 10})


async def test_a_name_that_cannot_be(book: LogBook) -> None:
    with pytest.raises(Invalid) as refusal:
        await put(book, name=" ")
    assert list(refusal.value.errors) == ["name"]
    assert await book.fetch(ROWS) == []


async def test_the_bound_have_their_own_and_the_unbound_all(book: LogBook) -> None:
    await put(book, 1, name="all")
    await put(book, 2, name="site", binding=SITE)
    await put(book, 3, name="store", binding=STORE)
    async with book.db.read() as tx:
        seen = {
            binding: [consumer.name for consumer in await list_consumers(tx, book.tenant, binding)]
            for binding in (Binding(), SITE, STORE, Binding("app"))
        }
        assert seen == {Binding(): ["all", "site", "store"], SITE: ["site"], STORE: ["store"], Binding("app"): []}
        for name, binding in (("all", SITE), ("store", SITE), ("site", STORE), ("site", Binding("app")), ("nix", SITE)):
            with pytest.raises(NotFound) as refusal:
                await get_consumer(tx, book.tenant, name, binding)
            assert refusal.value.code == "consumer_not_found"
    assert await refused(book, 9, name="all", binding=SITE) == ("consumer_taken", {})
    assert await refused(book, 9, name="store", binding=SITE) == ("consumer_taken", {})
    assert (await put(book, 9, name="site")).seq == 9
    assert (await put(book, 10, name="site", binding=SITE)).seq == 10


async def test_a_consumer_is_forgotten(book: LogBook, db: Database) -> None:
    await put(book, name="all")
    await put(book, name="site", binding=SITE)
    with pytest.raises(NotFound):
        await db.run(lambda tx: forget_consumer(tx, book.tenant, "all", SITE))
    with pytest.raises(NotFound):
        await db.run(lambda tx: forget_consumer(tx, book.tenant, "nix", Binding()))
    assert len(await book.fetch(ROWS)) == 2
    await db.run(lambda tx: forget_consumer(tx, book.tenant, "site", SITE))
    assert [row[0] for row in await book.fetch(ROWS)] == ["all"]


async def test_another_tenants_consumers_are_others(book: LogBook, db: Database) -> None:
    other = await open_log(db, "other")
    await put(book, 4)
    assert (await put(other)).seq == 0
    async with db.read() as tx:
        assert [consumer.seq for consumer in await list_consumers(tx, book.tenant, Binding())] == [4]


async def test_simultaneous_acknowledgements_leave_the_furthest(book: LogBook) -> None:
    outcomes = await asyncio.gather(*(put(book, seq) for seq in range(1, 11)), return_exceptions=True)
    codes = {outcome.code for outcome in outcomes if isinstance(outcome, Conflict)}
    assert codes <= {"cursor_behind"}
    assert all(isinstance(outcome, Consumer | Conflict) for outcome in outcomes)
    assert [row[3] for row in await book.fetch(ROWS)] == [10]


async def test_the_log_says_nothing_of_consumers(book: LogBook) -> None:
    await put(book, 4)
    assert (await book.read(10)).newest == 10
