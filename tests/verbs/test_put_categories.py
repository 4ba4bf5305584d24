"""Categories in batches."""

from typing import Any
from uuid import UUID

import pytest

from balcao.base.batch import Sent
from balcao.base.db import Database, Tx
from balcao.catalog.put_categories import PutCategories, put_categories
from balcao.catalog.rules.drafts import CategoryDraft
from balcao.catalog.rules.model import CategoryBody
from balcao.catalog.rules.tree import CIRCLE, PARENT_MISSING
from tests.verbs.catalogue_shop import (
    LOJA,
    NOW,
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
from tests.verbs.test_put_products import instants


async def tree(db: Database) -> dict[str, str | None]:
    rows = await fetch(
        db,
        "SELECT c.code, p.code FROM category c LEFT JOIN category p ON p.category_id = c.parent_id ORDER BY c.code",
    )
    return dict(rows)


async def test_parents_may_come_later(db: Database) -> None:
    await open_tenant(db)
    seq, _ = await clock(db)
    result = await put(db, category("SAIAS", "FEM"), category("FEM", "MODA"), category("MODA"))
    assert counted(result) == (3, 0, 0, 0)
    assert await tree(db) == {"FEM": "MODA", "MODA": None, "SAIAS": "FEM"}
    now_seq, at_us = await clock(db)
    assert now_seq == seq + 1
    assert await fetch(db, "SELECT last_update_us FROM category ORDER BY 1") == [(at_us - 2,), (at_us - 1,), (at_us,)]
    event = await last_event(db)
    assert (event["type"], event["data"]["codes"]) == ("categories.changed", ["SAIAS", "FEM", "MODA"])


async def test_the_same_again_changes_nothing(db: Database) -> None:
    await open_tenant(db)
    batch = [category("FEM"), category("SAIAS", "FEM", body=CategoryBody(description="Saias", order=3))]
    await put(db, *batch)
    before = await clock(db), await fetch(db, "SELECT * FROM category ORDER BY code")
    assert counted(await put(db, *batch)) == (0, 0, 2, 0)
    assert (await clock(db), await fetch(db, "SELECT * FROM category ORDER BY code")) == before


async def test_a_category_is_replaced_whole(db: Database) -> None:
    await open_tenant(db)
    await put(db, category("FEM"), category("SAIAS", "FEM", is_active=False, body=CategoryBody(order=3, url="/saias")))
    created = await fetch(db, "SELECT created_us FROM category WHERE code = 'SAIAS'")
    assert counted(await put(db, category("SAIAS"), category("FEM"))) == (0, 1, 1, 0)
    assert await tree(db) == {"FEM": None, "SAIAS": None}
    assert await fetch(db, "SELECT is_active, body, name FROM category WHERE code = 'SAIAS'") == [(True, {}, "Saias")]
    assert await fetch(db, "SELECT created_us FROM category WHERE code = 'SAIAS'") == created


@pytest.mark.parametrize("other", [{"name": "Another"}, {"is_active": False}, {"parent": "TOP"}])
async def test_products_are_told_of_what_they_show_of_their_categories(db: Database, other: dict[str, Any]) -> None:
    await open_tenant(db)
    await put(db, category("FEM"), category("TOP"))
    await put(db, product("SHIRT", categories=("FEM",)), product("CUP", categories=("TOP",)))
    before = await instants(db)
    assert counted(await put(db, category("FEM", body=CategoryBody(description="Not shown")))) == (0, 1, 0, 0)
    assert await instants(db) == before
    assert counted(await put(db, category("FEM", **other), category("NEW"))) == (1, 1, 0, 0)
    after = await instants(db)
    _, at_us = await clock(db)
    assert (after["CUP"], after["SHIRT"]) == (before["CUP"], at_us)


async def test_a_parent_by_its_id(db: Database) -> None:
    await open_tenant(db)
    await put(db, category("FEM"))
    [(parent,)] = await fetch(db, "SELECT category_id FROM category")
    result = await put(
        db,
        CategoryDraft(code="SAIAS", name="Saias", parent_id=str(parent)),
        CategoryDraft(code="X", name="X", parent_id=str(UUID(int=7))),
        CategoryDraft(code="Y", name="Y", parent_id="FEM"),
    )
    assert said(result) == [(2, "X", "parentId", PARENT_MISSING), (3, "Y", "parentId", PARENT_MISSING)]
    assert await tree(db) == {"FEM": None, "SAIAS": "FEM"}


@pytest.mark.parametrize(
    ("draft", "wrong"),
    [
        (category("", name="X"), ("code", "must have 1 to 255 characters")),
        (category("X" * 256), ("code", "must have 1 to 255 characters")),
        (category("X", name=""), ("name", "must have 1 to 1000 characters")),
        (category("X", "NOWHERE"), ("parentCode", PARENT_MISSING)),
        (category("X", "X"), ("parentCode", CIRCLE)),
    ],
)
async def test_a_bad_row_fails_alone(db: Database, draft: CategoryDraft, wrong: tuple[str, str]) -> None:
    await open_tenant(db)
    result = await put(db, category("FEM"), draft)
    assert counted(result) == (1, 0, 0, 1)
    assert said(result) == [(2, draft.code, *wrong)]
    assert await tree(db) == {"FEM": None}


async def test_a_circle_through_what_is_there(db: Database) -> None:
    await open_tenant(db)
    await put(db, category("A"), category("B", "A"), category("C", "B"))
    result = await put(db, category("A", "C"), category("B", "A", name="Novo"))
    assert counted(result) == (0, 1, 0, 1)
    assert said(result) == [(1, "A", "parentCode", CIRCLE)]
    assert await tree(db) == {"A": None, "B": "A", "C": "B"}


async def test_the_last_of_two_rows_wins(db: Database) -> None:
    await open_tenant(db)
    result = await put(db, category("A", name="1"), category("A", name="2"))
    assert (counted(result), warned(result)) == ((1, 0, 1, 0), [(1, "A", "code", "replaced by row 2")])
    assert await fetch(db, "SELECT name FROM category") == [("2",)]


async def test_children_are_records_of_their_own(db: Database) -> None:
    await open_tenant(db)
    rows = [
        Sent(1, category("A")),
        Sent(1, category("B", "A"), "children[0]."),
        Sent(1, category("", "A", name="C"), "children[1]."),
    ]

    async def work(tx: Tx) -> None:
        result = await put_categories(tx, PutCategories(tenant=LOJA, actor="erp.1", rows=rows), NOW)
        assert counted(result) == (2, 0, 0, 1)
        assert said(result) == [(1, "", "children[1].code", "must have 1 to 255 characters")]

    await db.run(work)
    assert await tree(db) == {"A": None, "B": "A"}
