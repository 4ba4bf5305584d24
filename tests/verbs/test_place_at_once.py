"""Placing orders by one statement: all of them, or nothing at all where one takes more than that."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
import pytest

from balcao.base.db import Database
from balcao.orders.place import PlaceOrder, place_at_once
from balcao.orders.rules.new_order import NewOrder
from balcao.orders.rules.receipt import Receipt
from balcao.tenants.rules import Role, StockPolicy
from tests.verbs.invariants import check
from tests.verbs.shop import COUNTED, OTHER_STORE, STORE, Shop, dump, items, open_shop

replace = msgspec.structs.replace


async def at_once(shop: Shop, *news: NewOrder, **bound: str) -> Sequence[Receipt] | None:
    caller = shop.caller(Role.CHANNEL, **bound)
    cmds = [PlaceOrder(caller=caller, new=new) for new in news]
    return await shop.db.at_once(lambda tx: place_at_once(tx, shop.tenant, cmds, shop.now))


async def test_what_needs_no_decision_is_placed_at_once(db: Database) -> None:
    shop = await open_shop(db)
    await shop.channel("blind", stock_policy=StockPolicy.OFF)
    news = [shop.new(items=items(s1=3, s2=1)) for _ in range(20)]
    news += [shop.new(items=items(s1=5), seller_cnpj=OTHER_STORE), shop.new(items=items(UNCOUNTED=7), channel="blind")]
    receipts = await at_once(shop, *news)
    assert receipts is not None
    assert [receipt.external_id for receipt in receipts] == [new.external_id for new in news]
    assert (await shop.level("1"), await shop.level("2")) == ((COUNTED, 60), (COUNTED, 20))
    assert (await shop.level("1", OTHER_STORE), await shop.level("UNCOUNTED")) == ((COUNTED, 5), None)
    assert [event["data"]["externalId"] for event in await shop.events()] == [new.external_id for new in news]
    await check(shop)


async def test_all_but_one_of_a_sku_is_placed_at_once_and_the_last_is_not(db: Database) -> None:
    shop = await open_shop(db)
    assert await at_once(shop, shop.new(items=items(s1=COUNTED - 1)))
    assert await at_once(shop, shop.new(items=items(s1=1))) is None
    await shop.placed(items=items(s1=1))
    assert await shop.level() == (COUNTED, COUNTED)
    await check(shop)


async def _taken(shop: Shop) -> list[NewOrder]:
    new = shop.new()
    await shop.place(new)
    return [shop.new(), new]


async def _twins(shop: Shop) -> list[NewOrder]:
    new = shop.new()
    return [new, new]


async def _unknown_sku(shop: Shop) -> list[NewOrder]:
    return [shop.new(), shop.new(items=items(NONE=1))]


async def _short(shop: Shop) -> list[NewOrder]:
    return [shop.new(), shop.new(items=items(s2=COUNTED + 1))]


async def _short_together(shop: Shop) -> list[NewOrder]:
    return [shop.new(items=items(s1=COUNTED - 1)), shop.new(items=items(s1=2))]


async def _none_left(shop: Shop) -> list[NewOrder]:
    return [shop.new(), shop.new(items=items(s2=COUNTED))]


async def _none_left_to_sell(shop: Shop) -> list[NewOrder]:
    async with shop.db.transaction() as tx:
        await tx.execute("UPDATE seller SET safety_stock = 98 WHERE tenant = $1", shop.tenant)
    return [shop.new(items=items(s1=2))]


async def _no_shelf(shop: Shop) -> list[NewOrder]:
    await shop.channel(stock_policy=StockPolicy.ACCEPT)
    return [shop.new(), shop.new(items=items(UNCOUNTED=1))]


async def _nothing(shop: Shop) -> list[NewOrder]:
    return []


@pytest.mark.parametrize(
    "case",
    [_taken, _twins, _unknown_sku, _short, _short_together, _none_left, _none_left_to_sell, _no_shelf, _nothing],
)
async def test_what_takes_more_writes_nothing(db: Database, case: Callable[[Shop], Awaitable[list[NewOrder]]]) -> None:
    shop = await open_shop(db)
    news = await case(shop)
    before = await dump(db)
    assert await at_once(shop, *news) is None
    assert await dump(db) == before


async def test_another_stores_credential_is_not_served_at_once(db: Database) -> None:
    shop = await open_shop(db)
    before = await dump(db)
    assert await at_once(shop, shop.new(seller_cnpj=OTHER_STORE), seller_cnpj=STORE) is None
    assert await dump(db) == before


async def test_a_taken_id_is_no_order_of_another_channel(db: Database) -> None:
    shop = await open_shop(db)
    await shop.channel("app")
    new = shop.new()
    assert await at_once(shop, new)
    assert await at_once(shop, replace(new, channel="app"))
    await check(shop)
