"""Deleting products, SKUs and categories: what goes, what stays, what the feeds say, and what brings it back."""

from typing import Any

import pytest

from balcao.base.clock import tick
from balcao.base.db import Database, Tx
from balcao.base.errors import Conflict, NotFound
from balcao.catalog.delete_category import DeleteCategory, delete_category
from balcao.catalog.delete_products import DeleteProducts, DeleteSkus
from balcao.catalog.find import find_skus
from balcao.catalog.put_collections import PutCollections, put_collections
from balcao.catalog.rules.drafts import CollectionDraft
from balcao.catalog.set_collections import SetCollections, set_collections
from balcao.offers.delete import delete_offered_products, delete_offered_skus
from balcao.stock.reserve import Moving, StockMove, lock_levels, move_stock
from tests.verbs.catalogue_shop import (
    CENTRO,
    LOJA,
    NORTE,
    NOW,
    OUTRA,
    category,
    clock,
    count,
    counted,
    fetch,
    last_event,
    open_shop,
    open_tenant,
    price,
    product,
    put,
    sent,
)
from tests.verbs.shop import dump


@pytest.fixture
async def shop(db: Database) -> Database:
    """SHIRT (P, M) and CUP, with prices and stock, in the categories TOP and LOW."""
    await open_shop(db)
    await put(db, category("TOP"), category("LOW", "TOP"))
    shirt = product("SHIRT", skus=("SHIRT-P", "SHIRT-M"), categories=["LOW"])
    await put(db, shirt, product("CUP", skus=["CUP"], categories=["TOP"]))
    await put(db, price("SHIRT", "10"), price("SHIRT", "9", seller=CENTRO), price("CUP", "5"))
    await put(db, *(count(store, sku, 7) for store in (CENTRO, NORTE) for sku in ("SHIRT-P", "SHIRT-M", "CUP")))
    return db


async def delete_product(db: Database, code: str) -> None:
    ids = [id_ for (id_,) in await fetch(db, "SELECT product_id FROM product WHERE code = $1", code)]
    cmd = DeleteProducts(tenant=LOJA, actor="erp.1", product_ids=ids)
    await db.run(lambda tx: delete_offered_products(tx, cmd, NOW))


async def delete_sku(db: Database, code: str) -> None:
    ids = [id_ for (id_,) in await fetch(db, "SELECT sku_id FROM sku WHERE code = $1", code)]
    await db.run(lambda tx: delete_offered_skus(tx, DeleteSkus(tenant=LOJA, actor="erp.1", sku_ids=ids), NOW))


async def drop_category(db: Database, name: str) -> None:
    await db.run(lambda tx: delete_category(tx, DeleteCategory(tenant=LOJA, actor="erp.1", category=name), NOW))


async def changed_since(db: Database, at_us: int) -> dict[str, list[tuple[Any, ...]]]:
    """By table what has a newer instant, each with its code and whether it is deleted."""
    return {
        "product": await fetch(db, "SELECT code, is_deleted FROM product WHERE last_update_us > $1 ORDER BY 1", at_us),
        "sku": await fetch(db, "SELECT code, is_deleted FROM sku WHERE last_update_us > $1 ORDER BY 1", at_us),
        "price": await fetch(db, "SELECT price, is_deleted FROM price WHERE last_update_us > $1 ORDER BY 1", at_us),
        "stock": await fetch(
            db,
            "SELECT s.code, on_hand, reserved FROM stock k JOIN sku s USING (tenant, sku_id)"
            " WHERE k.last_update_us > $1 ORDER BY 1, 2",
            at_us,
        ),
    }


async def test_a_product_goes_with_its_skus_prices_and_stock(shop: Database) -> None:
    _, at_us = await clock(shop)
    await delete_product(shop, "SHIRT")
    assert await changed_since(shop, at_us) == {
        "product": [("SHIRT", True)],
        "sku": [("SHIRT-M", True), ("SHIRT-P", True)],
        "price": [(9, True), (10, True)],
        "stock": [("SHIRT-M", 0, 0), ("SHIRT-M", 0, 0), ("SHIRT-P", 0, 0), ("SHIRT-P", 0, 0)],
    }
    event = await last_event(shop)
    assert (event["type"], event["data"]) == (
        "products.deleted",
        {"deleted": 1, "codes": ["SHIRT"], "codesTruncated": False},
    )
    instants = await fetch(
        shop,
        "SELECT last_update_us FROM product UNION ALL SELECT last_update_us FROM sku"
        " UNION ALL SELECT last_update_us FROM price UNION ALL SELECT last_update_us FROM stock",
    )
    assert len(set(instants)) == len(instants)
    assert await fetch(shop, "SELECT count(*) FROM product_words") == [(1,)]


async def test_what_is_deleted_is_deleted_once(shop: Database) -> None:
    await delete_product(shop, "SHIRT")
    before = await dump(shop)
    await delete_product(shop, "SHIRT")
    await delete_product(shop, "NONE")
    await delete_sku(shop, "SHIRT-P")
    assert await dump(shop) == before


async def test_put_again_it_lives_with_what_is_put(shop: Database) -> None:
    await delete_product(shop, "SHIRT")
    _, at_us = await clock(shop)
    assert counted(await put(shop, product("SHIRT", skus=["SHIRT-P"], categories=["LOW"]))) == (0, 1, 0, 0)
    assert await changed_since(shop, at_us) == {
        "product": [("SHIRT", False)],
        "sku": [("SHIRT-P", False)],
        "price": [],
        "stock": [],
    }
    assert counted(await put(shop, price("SHIRT", "10"))) == (0, 1, 0, 0)
    assert await fetch(shop, "SELECT price, is_deleted FROM price WHERE price >= 9 ORDER BY 1") == [
        (9, True),
        (10, False),
    ]
    assert counted(await put(shop, count(CENTRO, "SHIRT-P", 7))) == (0, 1, 0, 0)


async def test_of_the_stock_remains_what_orders_hold(shop: Database) -> None:
    [(seller, sku)] = await fetch(
        shop,
        "SELECT seller_id, sku_id FROM stock JOIN sku USING (tenant, sku_id) JOIN seller USING (tenant, seller_id)"
        " WHERE sku.code = 'CUP' AND cnpj = $1",
        CENTRO,
    )

    async def reserve(tx: Tx) -> None:
        levels = await lock_levels(tx, LOJA, [(seller, sku)])
        ticks = await tick(tx, LOJA, events=0, rows=1, now=NOW)
        move = StockMove(seller_id=seller, sku_id=sku, reserved=3)
        await move_stock(tx, Moving(LOJA, [move], levels), ticks, 0)

    await shop.run(reserve)
    await delete_sku(shop, "CUP")
    stock = "SELECT on_hand, reserved FROM stock JOIN sku USING (tenant, sku_id) WHERE code = 'CUP' ORDER BY 1"
    assert await fetch(shop, stock) == [(0, 0), (3, 3)]
    async with shop.read() as tx:
        assert (await find_skus(tx, LOJA, ["CUP"]))["CUP"].is_deleted


async def test_a_sku_by_itself(shop: Database) -> None:
    _, at_us = await clock(shop)
    await delete_sku(shop, "SHIRT-P")
    assert await changed_since(shop, at_us) == {
        "product": [("SHIRT", False)],
        "sku": [("SHIRT-P", True)],
        "price": [],
        "stock": [("SHIRT-P", 0, 0), ("SHIRT-P", 0, 0)],
    }
    assert (await last_event(shop))["type"] == "skus.deleted"
    await put(shop, product("SHIRT", skus=["SHIRT-P"]))
    assert await fetch(shop, "SELECT code FROM sku WHERE is_deleted") == []


async def test_a_category(shop: Database) -> None:
    _, at_us = await clock(shop)
    await drop_category(shop, "LOW")
    assert await fetch(shop, "SELECT code, is_deleted FROM category WHERE last_update_us > $1", at_us) == [
        ("LOW", True)
    ]
    assert (await changed_since(shop, at_us))["product"] == [("SHIRT", False)]
    assert (await last_event(shop))["type"] == "categories.deleted"
    before = await dump(shop)
    await drop_category(shop, "LOW")
    assert await dump(shop) == before
    await put(shop, category("LOW", "TOP"))
    assert await fetch(shop, "SELECT code FROM category WHERE is_deleted") == []
    assert await fetch(shop, "SELECT code FROM product_category JOIN product USING (tenant, product_id)") == [("CUP",)]


async def test_a_category_with_others_below_it_stays(shop: Database) -> None:
    before = await dump(shop)
    with pytest.raises(Conflict, match=r"others below it \(LOW\)") as refused:
        await drop_category(shop, "TOP")
    assert refused.value.code == "category_has_children"
    with pytest.raises(NotFound):
        await drop_category(shop, "NONE")
    assert await dump(shop) == before
    await drop_category(shop, "LOW")
    await drop_category(shop, "TOP")
    assert await fetch(shop, "SELECT count(*) FROM category WHERE NOT is_deleted") == [(0,)]


async def test_collections_lose_a_deleted_product(shop: Database) -> None:
    async def fill(tx: Tx) -> None:
        drafts = [CollectionDraft(code="SUMMER", name="Verão")]
        await put_collections(tx, PutCollections(tenant=LOJA, actor="a", rows=sent(drafts)), NOW)
        await set_collections(tx, SetCollections(tenant=LOJA, actor="a", product="CUP", collections=["SUMMER"]), NOW)

    await shop.run(fill)
    await delete_product(shop, "CUP")
    assert await fetch(shop, "SELECT count(*) FROM product_collection") == [(0,)]


async def test_another_tenant_is_untouched(shop: Database) -> None:
    await open_tenant(shop, OUTRA)
    await put(shop, product("SHIRT", skus=["SHIRT-P"]), tenant=OUTRA)
    await delete_product(shop, "SHIRT")  # of both tenants, by their ids: only the one's own goes
    assert await fetch(shop, "SELECT tenant FROM product WHERE is_deleted") == [("loja",)]
