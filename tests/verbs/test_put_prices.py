"""Prices in batches."""

from decimal import Decimal
from uuid import UUID

import pytest

from balcao.base.db import Database
from balcao.base.values import Micros, ProductId, SellerId
from balcao.catalog.delete_products import DeleteProducts, delete_products
from balcao.catalog.find import find_prices
from balcao.catalog.price_history import KEPT_US, find_price_changes, purge_price_changes
from balcao.catalog.rules.drafts import PriceDraft
from balcao.catalog.rules.match import ProductMatch
from balcao.sellers.rules.match import SellerMatch
from tests.verbs.catalogue_shop import (
    CENTRO,
    LOJA,
    NORTE,
    NOW,
    clock,
    counted,
    fetch,
    last_event,
    open_shop,
    price,
    product,
    put,
    said,
    warned,
)
from tests.verbs.test_put_products import instants

EVERY = "00000000-0000-0000-0000-000000000000"


async def ids(db: Database, table: str, column: str = "code") -> dict[str, object]:
    return dict(await fetch(db, f"SELECT {column}, {table}_id FROM {table}"))  # noqa: S608


async def prices(db: Database) -> dict[tuple[str, str], tuple[Decimal, Decimal | None]]:
    rows = await fetch(
        db,
        """
        SELECT p.code, coalesce(s.cnpj, '*'), x.price, x.old_price
          FROM price x JOIN product p USING (product_id) LEFT JOIN seller s ON s.seller_id = x.seller_id
        """,
    )
    return {(code, cnpj): (now, old) for code, cnpj, now, old in rows}


async def test_prices_in_one_store_and_in_all(db: Database) -> None:
    await open_shop(db)
    before, (seq, _) = await instants(db), await clock(db)
    batch = (
        price("SHIRT", "19.9", old="29.90"),
        price("SHIRT", "18.5", seller=CENTRO),
        price("SHIRT", "0", seller=NORTE),
    )
    assert counted(await put(db, *batch)) == (3, 0, 0, 0)
    assert await prices(db) == {
        ("SHIRT", "*"): (Decimal("19.9"), Decimal("29.90")),
        ("SHIRT", CENTRO): (Decimal("18.5"), None),
        ("SHIRT", NORTE): (Decimal(0), None),
    }
    now_seq, at_us = await clock(db)
    rows = await fetch(db, "SELECT last_update_us FROM price ORDER BY 1")
    assert (rows, now_seq) == ([(at_us - 3,), (at_us - 2,), (at_us - 1,)], seq + 1)
    assert await instants(db) == {"SHIRT": at_us, "CUP": before["CUP"]}
    event = await last_event(db)
    assert (event["type"], event["data"], event["seller_id"]) == (
        "prices.changed",
        {"inserted": 3, "updated": 0, "codes": ["SHIRT"], "codesTruncated": False},
        None,
    )


async def test_only_what_changed_is_written(db: Database) -> None:
    await open_shop(db)
    await put(db, price("SHIRT", "19.90"), price("CUP", "5", old="6"), price("CUP", "4", seller=CENTRO))
    before = await instants(db)
    rows = await fetch(db, "SELECT product_id, seller_id, last_update_us FROM price ORDER BY 3")
    assert counted(await put(db, price("SHIRT", "19.9"), price("CUP", "5", old="6"))) == (0, 0, 2, 0)
    assert await fetch(db, "SELECT product_id, seller_id, last_update_us FROM price ORDER BY 3") == rows
    result = await put(db, price("SHIRT", "19.9"), price("CUP", "5"), price("CUP", "3", seller=CENTRO))
    assert counted(result) == (0, 2, 1, 0)
    assert (await prices(db))["CUP", "*"] == (Decimal(5), None)
    after = await instants(db)
    assert (after["SHIRT"] == before["SHIRT"], after["CUP"] > before["CUP"]) == (True, True)


async def test_a_deleted_price_among_others_comes_back(db: Database) -> None:
    await open_shop(db)
    grid = [price(code, "2.00", seller=cnpj) for code in ("SHIRT", "CUP") for cnpj in (CENTRO, NORTE)]
    await put(db, *grid)
    assert counted(await put(db, *grid)) == (0, 0, 4, 0)
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE price SET is_deleted = true WHERE product_id = (SELECT product_id FROM product WHERE code = 'CUP')"
        )
    again = [price(code, "2", seller=cnpj) for code in ("SHIRT", "CUP") for cnpj in (CENTRO, NORTE)]
    assert counted(await put(db, *again)) == (0, 2, 2, 0)
    assert await fetch(db, "SELECT count(*) FROM price WHERE NOT is_deleted") == [(4,)]


@pytest.mark.parametrize(
    ("draft", "wrong"),
    [
        (price("CUP", "10", old="9.99"), ("OldPrice", "must not be below Price")),
        (price("CUP", "-1"), ("Price", "must be from 0 to 999999999999.9999, with at most 4 decimals")),
        (price("CUP", "0.00001"), ("Price", "must be from 0 to 999999999999.9999, with at most 4 decimals")),
        (
            price("CUP", "1", old="Infinity"),
            ("OldPrice", "must be from 0 to 999999999999.9999, with at most 4 decimals"),
        ),
        (price("NONE", "1"), ("ProductCode", "names no product")),
        (price("", "1"), ("ProductCode", "is required")),
        (price("CUP", "1", seller="33000167000101"), ("SellerCode", "names no store")),
    ],
)
async def test_a_bad_row_fails_alone(db: Database, draft: PriceDraft, wrong: tuple[str, str]) -> None:
    await open_shop(db)
    result = await put(db, price("SHIRT", "1"), draft)
    assert counted(result) == (1, 0, 0, 1)
    assert said(result) == [(2, draft.product, *wrong)]
    assert list(await prices(db)) == [("SHIRT", "*")]


async def test_a_bound_credential_writes_its_own_stores_prices(db: Database) -> None:
    await open_shop(db)
    batch = price("CUP", "1", seller=CENTRO), price("CUP", "2", seller=NORTE), price("CUP", "3")
    result = await put(db, *batch, only_cnpj=NORTE)
    refusal = f"this credential may only write the prices of store {NORTE}"
    assert said(result) == [(1, "CUP", "SellerCode", refusal), (3, "CUP", "SellerCode", refusal)]
    assert await prices(db) == {("CUP", NORTE): (Decimal(2), None)}
    assert (await last_event(db))["seller_id"] == (await ids(db, "seller", "cnpj"))[NORTE]


async def test_the_last_of_two_rows_for_one_price_wins_however_it_is_named(db: Database) -> None:
    await open_shop(db)
    result = await put(
        db, price("CUP", "1", seller="04.109.169/0001-35"), price("CUP", "2", seller=CENTRO), price("CUP", "3")
    )
    assert (counted(result), warned(result)) == ((2, 0, 1, 0), [(1, "CUP", "ProductCode", "replaced by row 2")])
    assert await prices(db) == {("CUP", CENTRO): (Decimal(2), None), ("CUP", "*"): (Decimal(3), None)}


async def test_products_and_stores_by_other_codes(db: Database) -> None:
    await open_shop(db)
    await put(db, product("A", aux_code="X1"))
    result = await put(
        db,
        price("X1", "1", seller="CX2"),
        products_by=ProductMatch.AUX_CODE,
        sellers_by=SellerMatch.POINT_SALE_ID,
    )
    assert counted(result) == (1, 0, 0, 0)
    assert await prices(db) == {("A", NORTE): (Decimal(1), None)}


async def test_a_stores_own_price_goes_before_the_one_for_all(db: Database) -> None:
    await open_shop(db)
    await put(db, price("SHIRT", "20"), price("SHIRT", "18", seller=CENTRO), price("CUP", "5", seller=NORTE))
    products, sellers = await ids(db, "product"), await ids(db, "seller", "cnpj")
    shirt, cup = (ProductId(products[code]) for code in ("SHIRT", "CUP"))  # type: ignore[arg-type]
    centro, norte = (SellerId(sellers[cnpj]) for cnpj in (CENTRO, NORTE))  # type: ignore[arg-type]
    async with db.read() as tx:
        found = await find_prices(tx, LOJA, [centro, norte], [shirt, cup])
        assert await find_prices(tx, LOJA, [], [shirt]) == {}
    assert {key: value.price for key, value in found.items()} == {
        (shirt, centro): Decimal(18),
        (shirt, norte): Decimal(20),
        (cup, norte): Decimal(5),
    }
    assert str(found[shirt, norte].seller_id) == EVERY


async def test_what_prices_were(db: Database) -> None:
    await open_shop(db)
    await put(db, price("SHIRT", "19.9", old="29.90"), price("SHIRT", "18.5", seller=CENTRO))
    await put(db, price("SHIRT", "19.9", old="29.90"), price("SHIRT", "17", seller=CENTRO))
    shirt = ProductId(UUID(str((await ids(db, "product"))["SHIRT"])))
    async with db.transaction() as tx:
        await delete_products(tx, DeleteProducts(tenant=LOJA, actor="erp", product_ids=[shirt]), NOW)
        changes = await find_price_changes(tx, LOJA, shirt, limit=10)
        newest = await find_price_changes(tx, LOJA, shirt, limit=1)
    assert sorted((change.seller_cnpj or "", change.price) for change in changes[:2]) == [("", None), (CENTRO, None)]
    assert [(change.seller_cnpj, change.price, change.old_price) for change in changes[2:]] == [
        (CENTRO, Decimal(17), None),
        (CENTRO, Decimal("18.5"), None),
        (None, Decimal("19.9"), Decimal("29.90")),
    ]
    assert newest == changes[:1]


async def test_old_price_changes_are_purged(db: Database) -> None:
    await open_shop(db)
    await put(db, price("SHIRT", "19.9"))
    at_us = (await clock(db))[1]
    async with db.transaction() as tx:
        assert await purge_price_changes(tx, LOJA, now=Micros(at_us + KEPT_US - 10)) == 0
        assert await purge_price_changes(tx, LOJA, now=Micros(at_us + KEPT_US + 10)) == 1
        assert await purge_price_changes(tx, LOJA, now=Micros(at_us + KEPT_US + 10)) == 0
