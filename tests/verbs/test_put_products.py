"""Products in batches, with their categories and SKUs."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from balcao.base.db import Database
from balcao.catalog.find import find_skus
from balcao.catalog.rules.drafts import CategoryLink, ProductDraft, SkuDraft
from balcao.catalog.rules.model import Attribute, Image, ProductBody, SkuBody, SkuFacts
from tests.verbs.catalogue_shop import (
    LOJA,
    OUTRA,
    category,
    clock,
    counted,
    fetch,
    last_event,
    open_tenant,
    product,
    put,
    said,
    warned,
)

FULL = ProductDraft(
    code="DRESS",
    name="Vestido",
    aux_code="AUX",
    reference_code="REF",
    is_active=False,
    height_cm=Decimal("3.5"),
    length_cm=Decimal(32),
    width_cm=Decimal(26),
    weight_kg=Decimal("0.320"),
    body=ProductBody(
        description="Linho",
        brand="Marazeda",
        keywords="vestido, linho",
        release_date=datetime(2026, 7, 1, 12, 0, 0, 5, tzinfo=UTC),
        pickup_only=True,
        images=(
            Image(order=1, image_url="https://x.example/1.jpg"),
            Image(order=2, image_url="https://x.example/2.jpg"),
        ),
        hex_color="#FFFFFF",
    ),
    categories=(
        CategoryLink(code="FEM", name="Feminino"),
        CategoryLink(code="VEST", name="Vestidos", parent_code="FEM"),
    ),
    skus=(
        SkuDraft(
            code="DRESS-P",
            name="Vestido P",
            barcode="789",
            aux_code="A-P",
            is_active=False,
            min_stock=2,
            body=SkuBody(
                images=(Image(order=0, image_url="https://x.example/p.jpg"),),
                attributes=(Attribute(type="Dropdown", title="Tamanho", value="P", label="P", order=1),),
            ),
        ),
        SkuDraft(code="DRESS-M"),
    ),
)


async def snapshot(db: Database) -> list[Any]:
    tables = ("product", "sku", "category", "product_category", "tenant_clock", "event")
    return [await fetch(db, f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables]  # noqa: S608


async def instants(db: Database) -> dict[str, int]:
    return dict(await fetch(db, "SELECT code, last_update_us FROM product"))


async def links(db: Database) -> dict[str, list[str]]:
    rows = await fetch(
        db,
        """
        SELECT p.code, array_agg(c.code ORDER BY c.code)
          FROM product_category l JOIN product p USING (product_id) JOIN category c USING (category_id) GROUP BY 1
        """,
    )
    return dict(rows)


async def owners(db: Database) -> dict[str, str]:
    return dict(await fetch(db, "SELECT s.code, p.code FROM sku s JOIN product p USING (product_id)"))


async def test_a_whole_product(db: Database) -> None:
    await open_tenant(db)
    assert counted(await put(db, FULL)) == (1, 0, 0, 0)
    async with db.read() as tx:
        found = await find_skus(tx, LOJA, ["DRESS-P", "DRESS-M", "NONE"])
    assert sorted(found) == ["DRESS-M", "DRESS-P"]
    sku = found["DRESS-P"]
    assert sku == SkuFacts(
        sku_id=sku.sku_id,
        product_id=sku.product_id,
        code="DRESS-P",
        name="Vestido P",
        barcode="789",
        aux_code="A-P",
        is_active=False,
        is_deleted=False,
        product_code="DRESS",
        product_name="Vestido",
        product_description="Linho",
        reference_code="REF",
        brand="Marazeda",
        attributes=(Attribute(type="Dropdown", title="Tamanho", value="P", label="P", order=1),),
        image_url="https://x.example/p.jpg",
        height_cm=Decimal("3.5"),
        length_cm=Decimal(32),
        width_cm=Decimal(26),
        weight_kg=Decimal("0.320"),
    )
    assert (found["DRESS-M"].name, found["DRESS-M"].image_url) == ("Vestido", "https://x.example/1.jpg")
    assert await links(db) == {"DRESS": ["FEM", "VEST"]}
    assert await fetch(db, "SELECT name FROM category WHERE parent_id IS NOT NULL") == [("Vestidos",)]


async def test_every_record_has_its_own_instant(db: Database) -> None:
    await open_tenant(db)
    seq, _ = await clock(db)
    await put(db, FULL, product("CUP", skus=["CUP"]))
    rows = await fetch(
        db,
        "SELECT last_update_us, created_us FROM product UNION ALL SELECT last_update_us, created_us FROM sku"
        " UNION ALL SELECT last_update_us, created_us FROM category ORDER BY 1",
    )
    now_seq, at_us = await clock(db)
    assert rows == [(at_us - n, at_us - n) for n in reversed(range(7))]
    assert now_seq == seq + 2
    events = await fetch(db, "SELECT type, data->'codes', at_us FROM event WHERE seq > $1 ORDER BY seq", seq)
    assert events == [
        ("products.changed", ["DRESS", "CUP"], at_us),
        ("categories.changed", ["VEST", "FEM"], at_us),
    ]


async def test_the_same_again_changes_nothing(db: Database) -> None:
    await open_tenant(db)
    batch = FULL, product("CUP", skus=["CUP"], categories=["CASA"])
    await put(db, *batch)
    before = await snapshot(db)
    assert counted(await put(db, *batch)) == (0, 0, 2, 0)
    assert await snapshot(db) == before


async def test_a_product_is_replaced_whole_but_keeps_its_other_skus(db: Database) -> None:
    await open_tenant(db)
    await put(db, FULL, product("CUP"))
    before = await instants(db)
    assert counted(await put(db, product("DRESS", skus=["DRESS-P"]), product("CUP"))) == (0, 1, 1, 0)
    assert await links(db) == {}
    [row] = await fetch(
        db, "SELECT name, aux_code, reference_code, is_active, height_cm, body FROM product WHERE code = 'DRESS'"
    )
    assert row == ("Dress", None, None, True, None, {})
    assert await fetch(db, "SELECT code, name, barcode, min_stock, body FROM sku ORDER BY code") == [
        ("DRESS-M", "Vestido", None, 0, {}),
        ("DRESS-P", "Dress", None, 0, {}),
    ]
    after = await instants(db)
    assert after["CUP"] == before["CUP"]
    assert after["DRESS"] > before["DRESS"]
    assert (await last_event(db))["data"] == {"inserted": 0, "updated": 1, "codes": ["DRESS"], "codesTruncated": False}


@pytest.mark.parametrize(
    "changed",
    [
        product("DRESS", skus=[SkuDraft(code="DRESS-P", min_stock=1)], categories=["FEM"]),
        product("DRESS", skus=["DRESS-P", "DRESS-G"], categories=["FEM"]),
        product("DRESS", skus=["DRESS-P"], categories=["FEM", "NEW"]),
        product("DRESS", skus=["DRESS-P"]),
        product("DRESS", skus=["DRESS-P"], categories=["FEM"], weight_kg=Decimal(1)),
        product("DRESS", skus=["DRESS-P"], categories=["FEM"], body=ProductBody(url="/x")),
    ],
)
async def test_a_change_of_anything_of_its_own_moves_the_product(db: Database, changed: ProductDraft) -> None:
    await open_tenant(db)
    await put(db, product("DRESS", skus=["DRESS-P"], categories=["FEM"]))
    before = await instants(db)
    assert counted(await put(db, changed)) == (0, 1, 0, 0)
    assert (await instants(db))["DRESS"] > before["DRESS"]


async def test_a_sku_moves_to_another_product_and_both_change(db: Database) -> None:
    await open_tenant(db)
    await put(db, product("A", skus=["X", "Y"]), product("B", skus=["Z"]), product("C"))
    before = await instants(db)
    assert counted(await put(db, product("B", skus=["X", "Z"]))) == (0, 1, 0, 0)
    assert await owners(db) == {"X": "B", "Y": "A", "Z": "B"}
    after = await instants(db)
    assert {code for code in after if after[code] > before[code]} == {"A", "B"}
    assert after["A"] != after["B"]


async def test_known_categories_are_left_as_they_are(db: Database) -> None:
    await open_tenant(db)
    await put(db, category("FEM", name="Moda"))
    before = await fetch(db, "SELECT * FROM category")
    link = CategoryLink(code="FEM", name="Outro nome", is_active=False)
    await put(db, ProductDraft(code="DRESS", name="Vestido", categories=(link,)))
    assert await fetch(db, "SELECT * FROM category") == before
    assert await links(db) == {"DRESS": ["FEM"]}


async def test_a_deleted_product_category_and_sku_live_again(db: Database) -> None:
    await open_tenant(db)
    await put(db, product("DRESS", skus=["DRESS-P"], categories=["FEM"]))
    ids = await fetch(db, "SELECT product_id, sku_id FROM sku")
    async with db.transaction() as tx:
        for table in ("product", "sku", "category"):
            await tx.execute(f"UPDATE {table} SET is_deleted = true WHERE tenant = 'loja'")  # noqa: S608
    assert counted(await put(db, product("DRESS", skus=["DRESS-P"], categories=["FEM"]))) == (0, 1, 0, 0)
    assert await fetch(db, "SELECT product_id, sku_id FROM sku WHERE NOT is_deleted") == ids
    assert await fetch(db, "SELECT code FROM product WHERE NOT is_deleted") == [("DRESS",)]
    assert await fetch(db, "SELECT code FROM category WHERE NOT is_deleted") == [("FEM",)]


@pytest.mark.parametrize(
    ("draft", "wrong"),
    [
        (product("X" * 256), ("code", "must have 1 to 255 characters")),
        (product("X", name=""), ("name", "must have 1 to 1000 characters")),
        (product("X", aux_code="9" * 256), ("auxCode", "must have at most 255 characters")),
        (product("X", length_cm=Decimal(-1)), ("lenght", "must be from 0 to 1000000")),
        (product("X", weight_kg=Decimal(1_000_001)), ("weight", "must be from 0 to 1000000")),
        (product("X", body=ProductBody(images=(Image(image_url=""),))), ("images[0].imageUrl", "is required")),
        (product("X", skus=["X1", ""]), ("skus[1].code", "must have 1 to 255 characters")),
        (product("X", skus=[SkuDraft(code="X1", min_stock=-1)]), ("skus[0].minStock", "must be from 0 to 1000000000")),
        (product("X", categories=["C" * 256]), ("categories[0].code", "must have 1 to 255 characters")),
        (product("X", skus=[f"X{n}" for n in range(2001)]), ("skus", "must have at most 2000 items")),
    ],
)
async def test_a_bad_row_fails_whole_and_alone(db: Database, draft: ProductDraft, wrong: tuple[str, str]) -> None:
    await open_tenant(db)
    result = await put(db, draft, product("CUP"))
    assert counted(result) == (1, 0, 0, 1)
    assert said(result) == [(1, draft.code, *wrong)]
    assert await fetch(db, "SELECT code FROM product") == [("CUP",)]
    assert await fetch(db, "SELECT 1 FROM sku UNION ALL SELECT 1 FROM category") == []


async def test_the_last_of_two_rows_wins_for_products_and_for_skus(db: Database) -> None:
    await open_tenant(db)
    result = await put(
        db, product("A", name="1", skus=["X"]), product("B", skus=["X", "Y", "Y"]), product("A", name="2")
    )
    assert counted(result) == (2, 0, 1, 0)
    assert warned(result) == [
        (1, "A", "code", "replaced by row 3"),
        (2, "Y", "skus[1].code", "replaced by row 2"),
    ]
    assert await owners(db) == {"X": "B", "Y": "B"}
    assert await fetch(db, "SELECT name FROM product WHERE code = 'A'") == [("2",)]


async def test_other_tenants_have_their_own(db: Database) -> None:
    await open_tenant(db)
    await open_tenant(db, OUTRA)
    await put(db, FULL)
    before = await fetch(db, "SELECT * FROM product WHERE tenant = 'loja'")
    assert counted(await put(db, FULL, tenant=OUTRA)) == (1, 0, 0, 0)
    assert await fetch(db, "SELECT * FROM product WHERE tenant = 'loja'") == before
    assert await fetch(db, "SELECT tenant, count(*) FROM sku GROUP BY 1 ORDER BY 1") == [("loja", 2), ("outra", 2)]


async def test_a_thousand_codes_are_announced(db: Database) -> None:
    await open_tenant(db)
    await put(db, *(product(f"P{n}") for n in range(1001)))
    data = (await last_event(db))["data"]
    assert (len(data["codes"]), data["codesTruncated"], data["inserted"]) == (1000, True, 1001)
