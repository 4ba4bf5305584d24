"""Stores whose safety stock changes: what is available of every SKU there changed, and the feeds say so."""

from balcao.base.db import Database
from balcao.imports.rules.model import Kind, Lane
from tests.verbs.batches import apply_all, receive
from tests.verbs.catalogue_shop import CENTRO, NORTE, clock, count, fetch, open_shop, put

STOCK = "SELECT e.cnpj, s.code, k.last_update_us FROM stock k JOIN seller e USING (seller_id) JOIN sku s USING (sku_id)"


async def stock(db: Database) -> dict[tuple[str, str], int]:
    return {(cnpj, code): at_us for cnpj, code, at_us in await fetch(db, STOCK)}


async def products(db: Database) -> dict[str, int]:
    return {str(code): int(at_us) for code, at_us in await fetch(db, "SELECT code, last_update_us FROM product")}


async def send(db: Database, **fields: object) -> None:
    row = {"cnpj": CENTRO, "pointSaleId": "CX1", "name": f"Loja {CENTRO[:4]}", **fields}
    await receive(db, Kind.SELLERS, [row])
    await apply_all(db, Lane.STORES)


async def test_another_safety_stock_changes_the_stores_levels(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 3), count(CENTRO, "SHIRT-P", 9), count(NORTE, "CUP", 0))
    before, shown = await stock(db), await products(db)
    await send(db, safetyStock=3)
    after = await stock(db)
    assert {key for key in after if after[key] != before[key]} == {(CENTRO, "CUP"), (CENTRO, "SHIRT-P")}
    assert len(set(after.values())) == 3
    _, at_us = await clock(db)
    assert max(after.values()) == at_us > max(before.values())
    told = await products(db)
    assert {code for code in told if told[code] != shown[code]} == {"CUP"}  # nothing to sell of it any more
    assert told["CUP"] == after[CENTRO, "CUP"]


async def test_products_are_told_when_a_store_closes_and_opens(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 3), count(CENTRO, "SHIRT-P", 0), count(NORTE, "CUP", 9))
    before, shown = await stock(db), await products(db)
    await send(db, isActive=False)
    closed, told = await stock(db), await products(db)
    assert {key for key in closed if closed[key] != before[key]} == {(CENTRO, "CUP"), (CENTRO, "SHIRT-P")}
    assert {code for code in told if told[code] > shown[code]} == {"CUP"}
    await send(db, isActive=False, safetyStock=2)  # other numbers of what is available, but still nothing is sold there
    other = await stock(db)
    assert {key for key in other if other[key] > closed[key]} == {(CENTRO, "CUP"), (CENTRO, "SHIRT-P")}
    assert await products(db) == told
    await send(db, isActive=True)
    again = await products(db)
    assert {code for code in again if again[code] > told[code]} == {"CUP"}


async def test_the_same_safety_stock_changes_none(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 3))
    before = await stock(db), await products(db)
    await send(db, priority=7)
    assert (await stock(db), await products(db)) == before


async def test_a_refused_store_changes_none(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 3))
    before = await stock(db), await clock(db)
    await send(db, safetyStock=3, handlingDays=-1)
    assert (await stock(db), await clock(db)) == before
