"""SKUs in batches."""

import pytest

from balcao.base.db import Database
from balcao.catalog.rules.drafts import SkuDraft
from balcao.catalog.rules.match import ProductMatch
from tests.verbs.catalogue_shop import clock, counted, fetch, last_event, open_shop, product, put, said, warned
from tests.verbs.test_put_products import instants, owners


async def test_a_new_sku_of_a_product(db: Database) -> None:
    await open_shop(db)
    before, (seq, _) = await instants(db), await clock(db)
    assert counted(await put(db, SkuDraft(code="SHIRT-G", product="SHIRT", barcode="789"))) == (1, 0, 0, 0)
    assert await fetch(db, "SELECT name, barcode FROM sku WHERE code = 'SHIRT-G'") == [("Shirt", "789")]
    after, (now_seq, at_us) = await instants(db), await clock(db)
    assert (after["SHIRT"], after["CUP"], now_seq) == (at_us, before["CUP"], seq + 1)
    assert await fetch(db, "SELECT last_update_us FROM sku WHERE code = 'SHIRT-G'") == [(at_us - 1,)]
    event = await last_event(db)
    assert (event["type"], event["data"]["codes"], event["at_us"]) == ("skus.changed", ["SHIRT-G"], at_us)


async def test_a_known_sku_stays_with_its_product_and_is_replaced_whole(db: Database) -> None:
    await open_shop(db)
    await put(db, SkuDraft(code="SHIRT-P", barcode="789", min_stock=3, name="Camisa P"))
    assert counted(await put(db, SkuDraft(code="SHIRT-P"))) == (0, 1, 0, 0)
    assert await fetch(db, "SELECT name, barcode, min_stock FROM sku WHERE code = 'SHIRT-P'") == [("Shirt", None, 0)]
    assert (await owners(db))["SHIRT-P"] == "SHIRT"


async def test_the_same_again_changes_nothing(db: Database) -> None:
    await open_shop(db)
    before = await clock(db), await instants(db)
    assert counted(await put(db, SkuDraft(code="SHIRT-P"), SkuDraft(code="CUP", product="CUP"))) == (0, 0, 2, 0)
    assert (await clock(db), await instants(db)) == before


async def test_a_sku_moves_to_another_product(db: Database) -> None:
    await open_shop(db)
    before = await instants(db)
    assert counted(await put(db, SkuDraft(code="SHIRT-P", name="P", product="CUP"))) == (0, 1, 0, 0)
    after = await instants(db)
    assert (await owners(db))["SHIRT-P"] == "CUP"
    assert all(after[code] > before[code] for code in ("SHIRT", "CUP"))


@pytest.mark.parametrize(
    ("draft", "wrong"),
    [
        (SkuDraft(code="", product="SHIRT"), ("code", "must have 1 to 255 characters")),
        (SkuDraft(code="NEW"), ("productCode", "is required for a new SKU")),
        (SkuDraft(code="NEW", product="NONE"), ("productCode", "names no product")),
        (SkuDraft(code="CUP", product="NONE"), ("productCode", "names no product")),
        (SkuDraft(code="NEW", product="CUP", product_id="CUP"), ("productId", "names no product")),
        (SkuDraft(code="CUP", min_stock=-1), ("minStock", "must be from 0 to 1000000000")),
        (SkuDraft(code="CUP", name="x" * 1001), ("name", "must have at most 1000 characters")),
        (SkuDraft(code="CUP", barcode="x" * 256), ("barcode", "must have at most 255 characters")),
    ],
)
async def test_a_bad_row_fails_alone(db: Database, draft: SkuDraft, wrong: tuple[str, str]) -> None:
    await open_shop(db)
    result = await put(db, draft, SkuDraft(code="SHIRT-P", min_stock=1))
    assert counted(result) == (0, 1, 0, 1)
    assert said(result) == [(1, draft.code, *wrong)]
    assert await fetch(db, "SELECT code FROM sku ORDER BY 1") == [("CUP",), ("SHIRT-M",), ("SHIRT-P",)]


async def test_products_by_other_codes(db: Database) -> None:
    await open_shop(db)
    await put(db, product("A", reference_code="R", aux_code="1"), product("B", reference_code="R", aux_code="2"))
    [(cup,)] = await fetch(db, "SELECT product_id FROM product WHERE code = 'CUP'")
    by_aux = await put(db, SkuDraft(code="A1", product=" 1 "), match=ProductMatch.AUX_CODE)
    by_reference = await put(db, SkuDraft(code="X", product="R"), match=ProductMatch.REFERENCE_CODE)
    by_id = await put(db, SkuDraft(code="CUP2", product=str(cup)), match=ProductMatch.ID)
    plain_id = await put(db, SkuDraft(code="CUP4", product_id=str(cup).upper()))
    no_id = await put(db, SkuDraft(code="CUP3", product="CUP"), match=ProductMatch.ID)
    assert [counted(each) for each in (by_aux, by_id, plain_id)] == [(1, 0, 0, 0)] * 3
    assert said(by_reference) == [(1, "X", "productCode", "names several products")]
    assert said(no_id) == [(1, "CUP3", "productCode", "names no product")]
    assert {code: owner for code, owner in (await owners(db)).items() if code in ("A1", "CUP2", "CUP4")} == {
        "A1": "A",
        "CUP2": "CUP",
        "CUP4": "CUP",
    }


async def test_the_last_of_two_rows_wins(db: Database) -> None:
    await open_shop(db)
    result = await put(db, SkuDraft(code="CUP", min_stock=1), SkuDraft(code="CUP", min_stock=2))
    assert (counted(result), warned(result)) == ((0, 1, 1, 0), [(1, "CUP", "code", "replaced by row 2")])
    assert await fetch(db, "SELECT min_stock FROM sku WHERE code = 'CUP'") == [(2,)]
