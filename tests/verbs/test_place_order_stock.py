"""Placing orders: what the channel's stock policy makes of them."""

import pytest

from balcao.base.db import Database
from balcao.orders.rules.receipt import Receipt
from balcao.tenants.rules import StockPolicy
from tests.verbs.invariants import check, refuses_alone
from tests.verbs.shop import OTHER_STORE, items, open_shop, receipt, refused

pytestmark = pytest.mark.usefixtures("both_ways")


async def test_out_of_stock_lists_each_short_sku(db: Database) -> None:
    shop = await open_shop(db)
    await shop.count("2", 0)
    short = await refuses_alone(shop, shop.new(items=items(s1=101, s2=1, s3=100, UNCOUNTED=1)))
    assert refused(short, "out_of_stock").facts == {
        "items": [
            {"skuCode": "1", "asked": 101, "available": 100},
            {"skuCode": "2", "asked": 1, "available": 0},
            {"skuCode": "UNCOUNTED", "asked": 1, "available": 0},
        ]
    }


async def test_the_stores_safety_stock_is_not_sold(db: Database) -> None:
    shop = await open_shop(db)
    async with db.transaction() as tx:
        await tx.execute("UPDATE seller SET safety_stock = 98 WHERE tenant = $1", shop.tenant)
    first, second = await shop.place(shop.new(items=items(s1=2)), shop.new(items=items(s1=1)))
    assert receipt(first)
    assert refused(second, "out_of_stock").facts == {"items": [{"skuCode": "1", "asked": 1, "available": 0}]}


async def test_a_batch_is_served_in_its_order_until_the_stock_is_gone(db: Database) -> None:
    shop = await open_shop(db)
    await shop.count("1", 5)
    asked = (3, 3, 2, 1)
    outcomes = await shop.place(*(shop.new(items=items(s1=n)) for n in asked))
    assert [isinstance(outcome, Receipt) for outcome in outcomes] == [True, False, True, False]
    assert [outcomes[n].facts["items"][0]["available"] for n in (1, 3)] == [2, 0]
    assert await shop.level() == (5, 5)
    await check(shop)


async def test_each_store_has_its_own_stock(db: Database) -> None:
    shop = await open_shop(db)
    await shop.count("1", 0)
    here, there = await shop.place(shop.new(), shop.new(seller_cnpj=OTHER_STORE))
    refused(here, "out_of_stock")
    assert receipt(there)
    assert await shop.level("1", OTHER_STORE) == (100, 1)


async def test_a_channel_that_accepts_short_orders(db: Database) -> None:
    shop = await open_shop(db, stock_policy=StockPolicy.ACCEPT)
    short = await shop.placed(items=items(s1=101, UNCOUNTED=2))
    assert (await shop.order(short)).is_short
    assert await shop.logs(short, "OutOfStock") == [
        "The store has not enough stock. 1: 101 asked, 100 available; UNCOUNTED: 2 asked, 0 available."
    ]
    assert (await shop.level(), await shop.level("UNCOUNTED")) == ((100, 101), (0, 2))
    enough = await shop.placed(items=items(s2=1))
    assert not (await shop.order(enough)).is_short
    assert (await shop.events())[0]["data"]["isShort"] is True
    await check(shop)


async def test_a_channel_that_does_not_look_at_the_stock(db: Database) -> None:
    shop = await open_shop(db, stock_policy=StockPolicy.OFF)
    order_id = await shop.placed(items=items(s1=500, UNCOUNTED=2))
    order = await shop.order(order_id)
    assert (order.is_short, [line.reserved for line in order.items]) == (False, [0, 0])
    assert (await shop.level(), await shop.level("UNCOUNTED")) == ((100, 0), None)
    await check(shop)


async def test_channels_of_different_stock_policies_in_one_batch(db: Database) -> None:
    shop = await open_shop(db)
    await shop.channel("accepts", stock_policy=StockPolicy.ACCEPT)
    await shop.channel("blind", stock_policy=StockPolicy.OFF)
    await shop.count("1", 1)
    one = items(s1=1)
    outcomes = await shop.place(
        *(shop.new(items=one, channel=name) for name in ("blind", "ecommerce", "ecommerce", "accepts"))
    )
    assert [isinstance(outcome, Receipt) for outcome in outcomes] == [True, True, False, True]
    assert await shop.level() == (1, 2)
    await check(shop)
