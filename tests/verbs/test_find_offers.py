"""What stores offer: found by text or code, with what each of them asks for it and has of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from balcao.base.db import Database
from balcao.base.values import SellerId
from balcao.catalog.search import SearchBy
from balcao.offers.find_offers import FindOffers, find_offers
from balcao.offers.rules import Offer
from balcao.stock.rules.model import Level
from tests.verbs.catalogue_shop import CENTRO, LOJA, NORTE, count, fetch, open_shop, price, product, put


@pytest.fixture
async def shop(db: Database) -> Database:
    """The cup is sold in CENTRO, the shirt costs something everywhere and is nowhere, the lamp lies there unpriced."""
    await open_shop(db)
    await put(db, product("LAMP", skus=("LAMP",), name="Lamp"), product("BOWL", skus=("BOWL",), name="Cup bowl"))
    await put(db, price("CUP", "10"), price("CUP", "9.5", seller=CENTRO), price("SHIRT", "50"), price("BOWL", "7"))
    await put(db, count(CENTRO, "CUP", 3), count(NORTE, "CUP", 2), count(CENTRO, "LAMP", 4), count(NORTE, "BOWL", 9))
    return db


async def stores(db: Database) -> dict[str, SellerId]:
    return dict(await fetch(db, "SELECT cnpj, seller_id FROM seller WHERE tenant = 'loja'"))


async def find(db: Database, query: str, cnpjs: Sequence[str] = (CENTRO, NORTE), **given: Any) -> list[Offer]:
    known = await stores(db)
    async with db.read() as tx:
        return await find_offers(
            tx, FindOffers(tenant=LOJA, query=query, seller_ids=[known[cnpj] for cnpj in cnpjs], **given)
        )


def codes(offers: Sequence[Offer]) -> list[str]:
    return [offer.details.product.code for offer in offers]


async def test_prices_and_levels_of_each_store(shop: Database) -> None:
    known = await stores(shop)
    [offer] = await find(shop, "CUP", by=SearchBy.SKU)
    assert {seller: price.price for seller, price in offer.prices.items()} == {
        known[CENTRO]: Decimal("9.5"),
        known[NORTE]: Decimal(10),
    }
    [sku] = offer.details.skus
    assert offer.levels == {
        (known[CENTRO], sku.sku_id): Level(3, 0, 0),
        (known[NORTE], sku.sku_id): Level(2, 0, 2),  # the store keeps two back
    }


async def test_only_what_one_of_the_stores_can_sell(shop: Database) -> None:
    assert codes(await find(shop, "cup")) == ["CUP", "BOWL"]
    assert codes(await find(shop, "cup", [NORTE])) == ["BOWL"]
    assert codes(await find(shop, "cup", [])) == []
    assert codes(await find(shop, "lamp")) == []
    assert codes(await find(shop, "shirt")) == []
    [lamp] = await find(shop, "lamp", sellable_only=False)
    assert (lamp.prices, [level.on_hand for level in lamp.levels.values()]) == ({}, [4])
    assert codes(await find(shop, "cup", [], sellable_only=False)) == ["CUP", "BOWL"]


async def test_a_page_of_those_that_are_left(shop: Database) -> None:
    assert codes(await find(shop, "cup", limit=1)) == ["CUP"]
    assert codes(await find(shop, "cup", skip=1, limit=1)) == ["BOWL"]
    assert codes(await find(shop, "cup", skip=2)) == []


async def test_a_closed_store_sells_nothing(shop: Database) -> None:
    async with shop.transaction() as tx:
        await tx.execute("UPDATE seller SET is_active = false WHERE tenant = 'loja' AND cnpj = $1", CENTRO)
    assert codes(await find(shop, "cup")) == ["BOWL"]
