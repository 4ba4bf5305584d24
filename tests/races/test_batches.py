"""Batches of one tenant at the same time, and a poller beside them."""

import asyncio
from typing import Any

from balcao.base.db import Database
from balcao.base.paging import PageParameters, ask_page
from balcao.base.values import Micros
from balcao.catalog.lists import list_changes
from balcao.catalog.rules.reading import CHANGE_SORTS
from balcao.stock.find import list_stock
from balcao.stock.rules.model import STOCK_SORTS, StockFilter
from tests.verbs.catalogue_shop import (
    CENTRO,
    LOJA,
    NORTE,
    SUL,
    category,
    clock,
    count,
    counted,
    fetch,
    open_shop,
    open_tenant,
    price,
    product,
    put,
    seller,
)


async def test_the_same_new_records_from_all_sides(db: Database) -> None:
    await open_tenant(db)
    codes = [f"P{n}" for n in range(30)]

    async def fill(turn: int) -> list[tuple[int, int, int, int]]:
        way = -1 if turn % 2 else 1
        batches: list[list[Any]] = [
            [seller(cnpj, point_sale_id=cnpj[:4]) for cnpj in (CENTRO, NORTE, SUL)[::way]],
            [category(code, "P0" if code != "P0" else None) for code in codes[::way]],
            [product(code, skus=[code], categories=["NEW", code]) for code in codes[::way]],
            [price(code, "5", seller=CENTRO) for code in codes[::way]],
            [count(NORTE, code, 5) for code in codes[::way]],
        ]
        return [counted(await put(db, *batch)) for batch in batches]

    done = await asyncio.gather(*(fill(turn) for turn in range(6)))
    assert [sum(results[n][0] for results in done) for n in range(5)] == [3, 30, 30, 30, 30]
    assert [sum(results[n][1] + results[n][3] for results in done) for n in range(5)] == [0] * 5
    tables = ("seller", "category", "product", "sku", "price", "stock")
    rows = [len(await fetch(db, f"SELECT 1 FROM {table}")) for table in tables]  # noqa: S608
    assert rows == [3, 31, 30, 30, 30, 30]


async def test_batches_apply_whole_one_after_the_other(db: Database) -> None:
    await open_shop(db)
    keys = [(cnpj, sku) for cnpj in (CENTRO, NORTE) for sku in ("CUP", "SHIRT-P", "SHIRT-M")]
    await asyncio.gather(*(put(db, *(count(*key, n) for key in keys[:: 1 if n % 2 else -1])) for n in range(1, 13)))
    quantities = set(await fetch(db, "SELECT on_hand FROM stock"))
    assert len(quantities) == 1
    [(last,)] = quantities
    assert 1 <= last <= 12


async def test_a_poller_misses_nothing(db: Database) -> None:
    """Writers set each row to ever higher numbers; what the poller saw last of each row is what is there at the end."""
    await open_shop(db)
    codes = [f"P{n}" for n in range(12)]
    await put(db, *(product(code, skus=[code]) for code in codes))
    _, start = await clock(db)
    done = asyncio.Event()

    async def write(turn: int) -> None:
        for n in range(1, 13):
            part = codes[turn::3]
            await put(db, *(count(CENTRO, code, n * 10 + turn) for code in part))
            await put(db, *(price(code, str(n * 10 + turn)) for code in part))

    async def poll_stock() -> dict[str, int]:
        seen, since = dict[str, int](), Micros(start)
        while True:
            last = done.is_set()
            ask = ask_page(PageParameters(per_page=3), STOCK_SORTS)
            async with db.read() as tx:
                page = await list_stock(tx, LOJA, StockFilter(since=since), ask)
            seen |= {line.sku_code: line.level.on_hand for line in page.rows}
            since = max((line.last_update_us for line in page.rows), default=since)
            if last and not page.rows:
                return seen
            await asyncio.sleep(0)

    async def poll_products() -> dict[str, int]:
        seen, since = dict[str, int](), Micros(start)
        while True:
            last = done.is_set()
            ask = ask_page(PageParameters(per_page=3), CHANGE_SORTS)
            async with db.read() as tx:
                page = await list_changes(tx, LOJA, since, ask)
            seen |= {change.code: change.last_update_us for change in page.rows}
            since = max((change.last_update_us for change in page.rows), default=since)
            if last and not page.rows:
                return seen
            await asyncio.sleep(0)

    pollers = [asyncio.create_task(poll_stock()), asyncio.create_task(poll_products())]
    await asyncio.gather(*(write(turn) for turn in range(3)))
    done.set()
    stock, products = await asyncio.gather(*pollers)
    assert stock == {code: 120 + n % 3 for n, code in enumerate(codes)}
    assert products == dict(await fetch(db, "SELECT code, last_update_us FROM product WHERE code LIKE 'P%'"))
    instants = await fetch(db, "SELECT last_update_us FROM stock UNION ALL SELECT last_update_us FROM price")
    assert len(set(instants)) == len(instants) == 24
