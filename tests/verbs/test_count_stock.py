"""Stock counts in batches."""

import pytest

from balcao.base.db import Database
from balcao.catalog.rules.drafts import SkuDraft
from balcao.catalog.rules.match import SkuMatch
from balcao.sellers.rules.match import SellerMatch
from balcao.stock.rules import StockMove
from balcao.stock.rules.model import StockCount
from tests.verbs.catalogue_shop import (
    CENTRO,
    NORTE,
    clock,
    count,
    counted,
    fetch,
    last_event,
    open_shop,
    put,
    said,
    warned,
)
from tests.verbs.test_put_products import instants
from tests.verbs.test_reserve import keys_of, move


async def levels(db: Database) -> dict[tuple[str, str], tuple[int, int]]:
    rows = await fetch(
        db,
        "SELECT e.cnpj, s.code, k.on_hand, k.reserved FROM stock k JOIN seller e USING (seller_id)"
        " JOIN sku s USING (sku_id)",
    )
    return {(cnpj, code): (on_hand, reserved) for cnpj, code, on_hand, reserved in rows}


async def test_counts_are_absolute(db: Database) -> None:
    await open_shop(db)
    seq, _ = await clock(db)
    products = await instants(db)
    assert counted(await put(db, count(CENTRO, "CUP", 5), count(NORTE, "CUP", 0))) == (2, 0, 0, 0)
    now_seq, at_us = await clock(db)
    assert await levels(db) == {(CENTRO, "CUP"): (5, 0), (NORTE, "CUP"): (0, 0)}
    assert await fetch(db, "SELECT last_update_us FROM stock ORDER BY 1") == [(at_us - 2,), (at_us - 1,)]
    assert now_seq == seq + 1
    assert {code for code, at in (await instants(db)).items() if at != products[code]} == {"CUP"}  # can be sold now
    event = await last_event(db)
    assert (event["type"], event["data"]["codes"], event["seller_id"]) == ("stocks.counted", ["CUP"], None)
    assert counted(await put(db, count(CENTRO, "CUP", 3))) == (0, 1, 0, 0)
    assert (await levels(db))[CENTRO, "CUP"] == (3, 0)
    assert (await last_event(db))["seller_id"] == (await keys_of(db))[CENTRO, "CUP"][0]


async def test_what_orders_hold_is_untouched(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 5))
    seller, sku = (await keys_of(db))[CENTRO, "CUP"]
    await move(db, StockMove(seller_id=seller, sku_id=sku, reserved=4))
    assert counted(await put(db, count(CENTRO, "CUP", 2))) == (0, 1, 0, 0)
    assert await levels(db) == {(CENTRO, "CUP"): (2, 4)}


async def test_only_what_changed_is_written(db: Database) -> None:
    await open_shop(db)
    await put(db, count(CENTRO, "CUP", 5), count(NORTE, "CUP", 6))
    written = "SELECT last_update_us, xmin::text FROM stock ORDER BY seller_id"
    before = await clock(db), await fetch(db, written)
    assert counted(await put(db, count(CENTRO, "CUP", 5), count(NORTE, "CUP", 6))) == (0, 0, 2, 0)
    assert (await clock(db), await fetch(db, written)) == before
    result = await put(db, count(CENTRO, "CUP", 5), count(NORTE, "CUP", 7), count(NORTE, "SHIRT-P", 1))
    assert counted(result) == (1, 1, 1, 0)
    [(centro,)] = await fetch(
        db, "SELECT k.last_update_us FROM stock k JOIN seller USING (seller_id) WHERE cnpj = $1", CENTRO
    )
    assert centro in {at_us for at_us, _ in before[1]}


@pytest.mark.parametrize(
    ("draft", "wrong"),
    [
        (count(CENTRO, "CUP", -1), ("Quantity", "must be from 0 to 1000000000")),
        (count(CENTRO, "CUP", 1_000_000_001), ("Quantity", "must be from 0 to 1000000000")),
        (count(CENTRO, "NONE", 1), ("SkuCode", "names no SKU")),
        (count(CENTRO, "", 1), ("SkuCode", "is required")),
        (count("33000167000101", "CUP", 1), ("SellerCode", "names no store")),
        (count("", "CUP", 1), ("SellerCode", "is required")),
    ],
)
async def test_a_bad_row_fails_alone(db: Database, draft: StockCount, wrong: tuple[str, str]) -> None:
    await open_shop(db)
    result = await put(db, draft, count(CENTRO, "SHIRT-P", 3))
    assert counted(result) == (1, 0, 0, 1)
    assert said(result) == [(1, draft.sku, *wrong)]
    assert await levels(db) == {(CENTRO, "SHIRT-P"): (3, 0)}


async def test_a_bound_credential_counts_its_own_store(db: Database) -> None:
    await open_shop(db)
    result = await put(db, count(CENTRO, "CUP", 5), count(NORTE, "CUP", 6), only_cnpj=NORTE)
    refusal = f"this credential may only write the stock of store {NORTE}"
    assert (counted(result), said(result)) == ((1, 0, 0, 1), [(1, "CUP", "SellerCode", refusal)])
    assert await levels(db) == {(NORTE, "CUP"): (6, 0)}


async def test_skus_and_stores_by_other_codes(db: Database) -> None:
    await open_shop(db)
    await put(db, SkuDraft(code="CUP", barcode="789", aux_code="A"), SkuDraft(code="SHIRT-P", aux_code="A"))
    seller, sku = (await keys_of(db))[NORTE, "CUP"]
    point = SellerMatch.POINT_SALE_ID
    assert counted(await put(db, count("CX1", "789", 1), sellers_by=point, skus_by=SkuMatch.BARCODE)) == (1, 0, 0, 0)
    by_id = await put(db, count(str(seller), str(sku), 2), sellers_by=SellerMatch.ID, skus_by=SkuMatch.ID)
    ambiguous = await put(db, count(CENTRO, "A", 3), skus_by=SkuMatch.AUX_CODE)
    assert counted(by_id) == (1, 0, 0, 0)
    assert said(ambiguous) == [(1, "A", "SkuCode", "names several SKUs")]
    assert await levels(db) == {(CENTRO, "CUP"): (1, 0), (NORTE, "CUP"): (2, 0)}


async def test_the_last_of_two_counts_wins(db: Database) -> None:
    await open_shop(db)
    result = await put(db, count(CENTRO, "CUP", 5), count("04.109.169/0001-35", "CUP", 6))
    assert (counted(result), warned(result)) == ((1, 0, 1, 0), [(1, "CUP", "SkuCode", "replaced by row 2")])
    assert await levels(db) == {(CENTRO, "CUP"): (6, 0)}


async def test_a_deleted_sku_is_not_counted(db: Database) -> None:
    await open_shop(db)
    async with db.transaction() as tx:
        await tx.execute("UPDATE sku SET is_deleted = true WHERE tenant = 'loja' AND code = 'CUP'")
    assert said(await put(db, count(CENTRO, "CUP", 5))) == [(1, "CUP", "SkuCode", "names no SKU")]
