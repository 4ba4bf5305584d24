"""The promise of `lastUpdate` and of the log: whoever keeps the newest and asks for more misses nothing."""

import asyncio
import random
from collections.abc import AsyncIterator
from itertools import cycle

import pytest

from balcao.base.db import Database
from balcao.base.values import OrderId
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.place import PlaceOrder, place_orders
from balcao.orders.rules.status import Status
from balcao.tenants.rules import StockPolicy
from tests.verbs.invariants import check
from tests.verbs.shop import Shop, items, open_shop, receipt

WRITERS = 12
WRITES = 12


@pytest.fixture
async def wide(database_url: str) -> AsyncIterator[Database]:
    """A database with a connection for every writer and reader."""
    database = await Database.open(database_url, size=WRITERS + 4)
    yield database
    await database.close()


async def write(shop: Shop, dice: random.Random) -> None:
    """Place orders and move one to and fro, a transaction each, which stays open for a while after its writes."""
    order_id = receipt((await shop.place(shop.new()))[0]).order_id
    to = cycle((Status.PENDING_UPDATE, Status.UPDATED))
    for n in range(WRITES):
        async with shop.db.transaction() as tx:
            await asyncio.sleep(dice.random() * 0.004)
            if n % 3:
                cmd = MoveOrder(caller=shop.caller(), order_id=order_id, to=next(to))
                await move_orders(tx, shop.tenant, [cmd], shop.now)
            else:
                news = [shop.new(items=items(s1=1, s2=1)) for _ in range(3)]
                cmds = [PlaceOrder(caller=shop.caller(), new=new) for new in news]
                await place_orders(tx, shop.tenant, cmds, shop.now)
            await asyncio.sleep(dice.random() * 0.004)


class Poller:
    """Keeps the newest instant and number that it saw, and asks for more than these."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.newest_us, self.newest_seq = 0, 0
        self.seen: dict[OrderId, int] = {}
        self.numbers: list[int] = []

    async def poll(self) -> None:
        """One look, a handful of rows at a time."""
        async with self.shop.db.read() as tx:
            orders = await tx.fetch(
                """
                SELECT order_id, last_update_us FROM orders WHERE tenant = $1 AND last_update_us > $2
                 ORDER BY last_update_us LIMIT 5
                """,
                *(self.shop.tenant, self.newest_us),
            )
            events = await tx.fetch(
                "SELECT seq FROM event WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT 5",
                *(self.shop.tenant, self.newest_seq),
            )
        for row in orders:
            self.seen[row["order_id"]] = self.newest_us = row["last_update_us"]
        for row in events:
            self.numbers.append(row["seq"])
            self.newest_seq = row["seq"]

    async def follow(self, done: asyncio.Event) -> None:
        """Until the writers are done and nothing is left."""
        while not done.is_set():
            await self.poll()
        before = -1
        while before != (before := self.newest_seq + self.newest_us):
            await self.poll()


async def test_pollers_beside_writers_miss_nothing(wide: Database) -> None:
    shop = await open_shop(wide, stock_policy=StockPolicy.ACCEPT)
    done, pollers = asyncio.Event(), [Poller(shop) for _ in range(3)]
    following = [asyncio.create_task(poller.follow(done)) for poller in pollers]
    await asyncio.gather(*(write(shop, random.Random(n)) for n in range(WRITERS)))  # noqa: S311
    done.set()
    await asyncio.gather(*following)
    async with wide.read() as tx:
        rows = await tx.fetch("SELECT order_id, last_update_us FROM orders WHERE tenant = $1", shop.tenant)
        last = await tx.fetchval("SELECT seq FROM tenant_clock WHERE tenant = $1", shop.tenant)
    expected = {row["order_id"]: row["last_update_us"] for row in rows}
    assert len(expected) == WRITERS * (1 + WRITES)
    for poller in pollers:
        assert poller.seen == expected
        assert poller.numbers == list(range(1, last + 1))
    await check(shop)


async def test_a_transaction_that_is_given_up_leaves_no_gap(wide: Database) -> None:
    shop = await open_shop(wide)

    async def attempt(n: int) -> None:
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is what is given up
            async with wide.transaction() as tx:
                await place_orders(tx, shop.tenant, [PlaceOrder(caller=shop.caller(), new=shop.new())], shop.now)
                _ = 1 // (n % 1)

    await asyncio.gather(*(attempt(n) for n in range(10)), *(shop.place(shop.new()) for _ in range(10)))
    assert await shop.level() == (100, 10)
    assert len(await shop.events()) == 10
    await check(shop)


async def test_tenants_do_not_wait_for_each_other(wide: Database) -> None:
    """One tenant's clock is held by an open transaction; another's orders go on."""
    shop, other = await open_shop(wide), await open_shop(wide, name="other")
    async with wide.transaction() as tx:
        await place_orders(tx, shop.tenant, [PlaceOrder(caller=shop.caller(), new=shop.new())], shop.now)
        async with asyncio.timeout(5):
            receipt((await other.place(other.new()))[0])
    await check(shop)
    await check(other)
