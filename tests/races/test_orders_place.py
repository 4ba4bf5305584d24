"""Many senders at once: one order an external id, never more sold than there is, nobody waits in a circle."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import msgspec
import pytest

from balcao.base.db import Database
from balcao.base.errors import Conflict
from balcao.orders.place import PlaceOrder, place_at_once, place_orders
from balcao.orders.rules.new_order import NewOrder
from balcao.orders.rules.receipt import Receipt
from balcao.orders.rules.status import Status
from balcao.tenants.rules import Role, StockPolicy
from tests.races.senders import send_from_processes
from tests.verbs.invariants import check
from tests.verbs.shop import Shop, items, open_shop, receipt

pytestmark = pytest.mark.usefixtures("both_ways")

replace = msgspec.structs.replace


@pytest.fixture
async def wide(database_url: str) -> AsyncIterator[Database]:
    """A database with as many connections as there are senders."""
    database = await Database.open(database_url, size=32)
    yield database
    await database.close()


async def once(shop: Shop, *news: NewOrder) -> list[object]:
    """Place in a transaction that is not tried again: a deadlock would be raised."""
    caller = shop.caller(Role.CHANNEL)
    cmds = [PlaceOrder(caller=caller, new=new) for new in news]
    if shop.at_once:
        async with shop.db.read() as tx:
            receipts = await place_at_once(tx, shop.tenant, cmds, shop.now)
        if receipts is not None:
            return list(receipts)
    async with shop.db.transaction() as tx:
        return list(await place_orders(tx, shop.tenant, cmds, shop.now))


async def test_fifty_sends_of_one_external_id_are_one_order(wide: Database) -> None:
    shop = await open_shop(wide)
    new = shop.new()
    outcomes = [outcome for (outcome,) in await asyncio.gather(*(shop.place(new) for _ in range(50)))]
    assert Counter(receipt(outcome).replayed for outcome in outcomes) == {False: 1, True: 49}
    assert len({replace(outcome, replayed=False) for outcome in outcomes}) == 1
    assert (await shop.level(), len(await shop.events())) == ((100, 1), 1)
    await check(shop)


async def test_one_content_wins_an_external_id(wide: Database) -> None:
    shop = await open_shop(wide)
    one = shop.new()
    other = replace(one, order_note="outro")
    outcomes = await asyncio.gather(*(shop.place(one if n % 2 else other) for n in range(50)))
    placed = [outcome for (outcome,) in outcomes if isinstance(outcome, Receipt)]
    refused = [outcome for (outcome,) in outcomes if isinstance(outcome, Conflict)]
    assert (len(placed), len(refused)) == (25, 25)
    (order_id,) = {outcome.order_id for outcome in placed}
    assert {outcome.facts["id"] for outcome in refused} == {str(order_id)}
    assert [outcome.replayed for outcome in placed].count(False) == 1
    await check(shop)


async def test_a_refused_send_leaves_the_external_id_to_the_next(wide: Database) -> None:
    """The senders that waited for the one that was refused find the external id free, one after the other."""
    shop = await open_shop(wide)
    good = shop.new()
    wrong = replace(good, items=items(NONE=1))
    outcomes = await asyncio.gather(*(shop.place(wrong if n < 20 else good) for n in range(40)))
    kinds = Counter(type(outcome).__name__ for (outcome,) in outcomes)
    replayed = [outcome.replayed for (outcome,) in outcomes if isinstance(outcome, Receipt)]
    assert Counter(replayed) == {False: 1, True: 19}
    # A wrong one is told what is wrong with it, or that the id is taken, if the good one came first.
    assert kinds["Invalid"] + kinds["Conflict"] == 20
    await check(shop)


async def test_several_processes_send_one_external_id(wide: Database, database_url: str) -> None:
    shop = await open_shop(wide)
    told = await send_from_processes(database_url, 3 * [[("s1", 1)]], senders=17, external_id="NEOMODE-1")
    assert Counter(kind for kind, _ in told) == {"written": 1, "replayed": 50}
    assert len({order_id for _, order_id in told}) == 1
    assert await shop.level() == (100, 1)
    await check(shop)


async def test_sixty_four_writers_sell_ten_units(wide: Database) -> None:
    shop = await open_shop(wide)
    await shop.count("1", 10)
    outcomes = [outcome for (outcome,) in await asyncio.gather(*(once(shop, shop.new()) for _ in range(64)))]
    sold = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
    short = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert (len(sold), len(short)) == (10, 54)
    assert {outcome.facts["items"][0]["available"] for outcome in short} == {0}
    assert await shop.level() == (10, 10)
    await check(shop)


async def test_several_processes_sell_ten_units(wide: Database, database_url: str) -> None:
    shop = await open_shop(wide)
    await shop.count("1", 10)
    told = await send_from_processes(database_url, 3 * [[("s1", 1)]], senders=22)
    assert Counter(kind for kind, _ in told) == {"written": 10, "out_of_stock": 56}
    assert await shop.level() == (10, 10)
    await check(shop)


async def test_lines_in_opposite_order_never_wait_in_a_circle(wide: Database) -> None:
    shop = await open_shop(wide)
    there, back = items(s1=1, s2=1, s3=1), items(s3=1, s2=1, s1=1)
    outcomes = await asyncio.gather(*(once(shop, shop.new(items=there if n % 2 else back)) for n in range(48)))
    assert all(isinstance(outcome, Receipt) for (outcome,) in outcomes)
    assert [await shop.level(sku) for sku in ("1", "2", "3")] == 3 * [(100, 48)]
    await check(shop)


async def test_batches_of_many_skus_never_wait_in_a_circle(wide: Database) -> None:
    shop = await open_shop(wide)
    lines = [items(s1=1, s3=1), items(s4=1, s2=1), items(s2=1, s1=1), items(s3=1, s4=1)]
    news = [[shop.new(items=lines[(n + k) % 4]) for k in range(1 + n % 4)] for n in range(32)]
    outcomes = await asyncio.gather(*(once(shop, *batch) for batch in news))
    assert all(isinstance(outcome, Receipt) for batch in outcomes for outcome in batch)
    asked = Counter(item.sku_code for batch in news for new in batch for item in new.items)
    assert [await shop.level(sku) for sku in asked] == [(100, count) for count in asked.values()]
    await check(shop)


async def test_several_processes_send_lines_in_opposite_order(wide: Database, database_url: str) -> None:
    shop = await open_shop(wide)
    told = await send_from_processes(database_url, [[("s1", 1), ("s2", 1)], [("s2", 1), ("s1", 1)]], senders=25)
    assert Counter(kind for kind, _ in told) == {"written": 50}
    assert [await shop.level(sku) for sku in ("1", "2")] == 2 * [(100, 50)]
    await check(shop)


async def test_batches_that_name_the_same_ids_in_opposite_order(wide: Database) -> None:
    shop = await open_shop(wide)
    news = [shop.new() for _ in range(6)]
    outcomes = await asyncio.gather(*(once(shop, *(news if n % 2 else news[::-1])) for n in range(30)))
    receipts = [receipt(outcome) for batch in outcomes for outcome in batch]
    assert Counter(one.replayed for one in receipts) == {False: 6, True: 174}
    assert len({one.order_id for one in receipts}) == 6
    await check(shop)


async def test_the_first_orders_of_a_sku_that_was_never_counted(wide: Database) -> None:
    """Its stock row is made by one of them; the others begin again and find it."""
    shop = await open_shop(wide, stock_policy=StockPolicy.ACCEPT)
    outcomes = await asyncio.gather(*(shop.place(shop.new(items=items(UNCOUNTED=1, s1=1))) for _ in range(20)))
    placed = [await shop.order(receipt(outcome).order_id) for (outcome,) in outcomes]
    assert {(order.status, order.is_short) for order in placed} == {(Status.PENDING, True)}
    assert (await shop.level("UNCOUNTED"), await shop.level()) == ((0, 20), (100, 20))
    await check(shop)
