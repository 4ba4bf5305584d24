"""What lists of the catalogue cost where there is much: no more than the rows that they answer, at any depth."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from balcao.base import listing
from balcao.base.db import Database, Tx
from balcao.base.now import now_us
from balcao.base.paging import Page, PageAsk, PageParameters, Sort, ask_page
from balcao.base.values import Micros, SellerId, Tenant
from balcao.bench.store.catalogue import fill_catalogue
from balcao.catalog.lists import list_changes, list_prices
from balcao.catalog.rules.reading import CHANGE_SORTS, PRODUCT_SORTS, PriceFilter
from balcao.offers.list_inventory import list_inventory
from balcao.offers.rules import INVENTORY_SORTS, InventoryFilter, ProductFilter
from balcao.offers.store.products import list_products
from balcao.stock.find import list_stock
from balcao.stock.rules.model import STOCK_SORTS, StockFilter
from tests.verbs.catalogue_shop import CENTRO, LOJA, fetch, open_shop
from tests.verbs.plans import Look, Recorder

PRODUCTS = 12_000
A_PAGE = 200
"""Rows: a page of twenty-one, of which a filter may pass over some."""
COUNT_MAX, LOOKED_AT_MAX = 500, 1_000
"""Where counts stop here."""

List = Callable[[Tx, PageAsk], Awaitable[Page[Any]]]


def products(**wanted: Any) -> List:
    return lambda tx, ask: list_products(tx, LOJA, ProductFilter(**wanted), ask)


def inventory(tx: Tx, ask: PageAsk) -> Awaitable[Page[Any]]:
    return list_inventory(tx, LOJA, InventoryFilter(), ask)


def changes(tx: Tx, ask: PageAsk) -> Awaitable[Page[Any]]:
    return list_changes(tx, LOJA, Micros(1), ask)


def stocks(tx: Tx, ask: PageAsk) -> Awaitable[Page[Any]]:
    return list_stock(tx, LOJA, StockFilter(since=Micros(1)), ask)


def prices(tx: Tx, ask: PageAsk) -> Awaitable[Page[Any]]:
    return list_prices(tx, LOJA, PriceFilter(since=Micros(1)), ask)


CASES: dict[str, tuple[List, str, Sort]] = {
    **{f"products by {sort.field}": (products(), "product", sort) for sort in PRODUCT_SORTS},
    "products changed since": (products(since=Micros(1)), "product", PRODUCT_SORTS[0]),
    "products, inactive": (products(is_active=False), "product", PRODUCT_SORTS[0]),
    "products, active": (products(is_active=True), "product", PRODUCT_SORTS[0]),
    **{
        f"products, {name}: {value}, by {sort.field}": (products(**{name: value}), "product", sort)
        for name in ("has_stock", "has_price", "is_available")
        for value in (True, False)
        for sort in PRODUCT_SORTS
    },
    "updated products": (changes, "product", CHANGE_SORTS[0]),
    "stocks": (stocks, "stock", STOCK_SORTS[0]),
    "prices": (prices, "price", CHANGE_SORTS[0]),
    "inventory": (inventory, "stock", INVENTORY_SORTS[0]),
}


@pytest.fixture
async def shop(db: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Twelve thousand products, of which a hundred and twenty are inactive; counts stop early."""
    monkeypatch.setattr(listing, "COUNT_MAX", COUNT_MAX)
    monkeypatch.setattr(listing, "LOOKED_AT_MAX", LOOKED_AT_MAX)
    await open_shop(db)
    [(seller_id,)] = await fetch(db, "SELECT seller_id FROM seller WHERE cnpj = $1", CENTRO)
    async with db.transaction() as tx:
        connection: Any = tx
        await fill_catalogue(connection, Tenant(LOJA), SellerId(seller_id), first=1, count=PRODUCTS, now=now_us())
        await tx.execute("UPDATE product SET is_active = false WHERE tenant = $1 AND code LIKE 'F%77'", LOJA)
    async with db.read() as tx:
        await tx.execute("VACUUM (ANALYZE) product, sku, stock, price")
    return db


def rows(looks: list[Look]) -> int:
    return sum(look.rows for look in looks)


@pytest.mark.parametrize("ascending", [True, False])
async def test_pages_look_at_little_more_than_they_answer(shop: Database, ascending: bool) -> None:
    async with shop.read() as tx:
        for name, (read, table, sort) in CASES.items():
            sent = PageParameters(sort_field=sort.field, sort_ascending=ascending)
            recorder = Recorder(tx)
            await read(recorder.tx, ask_page(sent, [sort]))
            count, page = (await recorder.looks(table))[:2]
            assert rows(count) <= COUNT_MAX + LOOKED_AT_MAX + 1, (name, count)
            assert rows(page) <= A_PAGE, (name, page)
            deep = await read(
                tx, ask_page(PageParameters(sort_field=sort.field, sort_ascending=ascending, page=4), [sort])
            )
            recorder = Recorder(tx)
            await read(recorder.tx, ask_page(PageParameters(cursor=deep.next), [sort]))
            page = (await recorder.looks(table))[0]
            assert rows(page) <= A_PAGE, (name, page)
