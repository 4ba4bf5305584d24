"""Products whose rows are sent again as they were: known without being read, and never taken for what they are not."""

import json
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from balcao.base.batch import BatchResult
from balcao.base.db import Database, Tx
from balcao.catalog.delete_category import DeleteCategory, delete_category
from balcao.catalog.delete_products import DeleteProducts, DeleteSkus, delete_products, delete_skus
from balcao.catalog.rules.drafts import SkuDraft
from balcao.doors.neomode.rows import read_rows
from balcao.imports import process
from balcao.imports.process import Turn
from balcao.imports.receive import ReceiveBatch
from balcao.imports.rules.model import Kind, Lane
from balcao.imports.try_out import try_batch
from tests.verbs.batches import apply_all, begin, counts, receive, report, turn
from tests.verbs.catalogue_shop import (
    CENTRO,
    LOJA,
    NOW,
    category,
    clock,
    count,
    fetch,
    open_tenant,
    price,
    product,
    put,
    seller,
)

Row = dict[str, Any]


def row(code: str, *skus: str, name: str = "Nome", categories: Sequence[str] = ("C1",), **more: Any) -> Row:
    return {
        "code": code,
        "name": name,
        "categories": [{"code": each, "name": each} for each in categories],
        "skus": [{"code": each, "name": each} for each in skus],
        **more,
    }


@pytest.fixture
async def shop(db: Database) -> Database:
    await open_tenant(db)
    await put(db, seller(CENTRO))
    return db


async def send(db: Database, rows: Sequence[Row]) -> tuple[int, int, int, int]:
    """Inserted, updated, unchanged, failed of a batch."""
    batch_id = await receive(db, Kind.PRODUCTS, rows)
    await apply_all(db, Lane.CATALOGUE)
    return counts(await report(db, batch_id))[3:]


Records = list[tuple[Any, ...]]


async def would(db: Database, rows: Sequence[Row]) -> tuple[BatchResult, Records]:
    """What becomes of a batch of which every row is read and compared, and what there is then; undone."""
    body = json.dumps(rows).encode()
    results: list[tuple[BatchResult, Records]] = []

    async def work(tx: Tx) -> None:
        cmd = ReceiveBatch(tenant=LOJA, actor="erp.1", kind=Kind.PRODUCTS, body=body, rows=len(rows))
        done = await try_batch(tx, cmd, read_rows, NOW)
        results.append((done, [tuple(each) for each in await tx.fetch(RECORDS)]))
        raise KeyError

    with pytest.raises(KeyError):
        await db.run(work)
    return results[-1]


RECORDS = """
    SELECT p.code, p.name, p.is_deleted, p.body::text, s.code, s.name, s.is_deleted, s.product_id = p.product_id,
           ARRAY(SELECT c.code FROM product_category l JOIN category c USING (tenant, category_id)
                  WHERE l.product_id = p.product_id AND NOT c.is_deleted ORDER BY 1)
      FROM product p LEFT JOIN sku s USING (tenant, product_id) ORDER BY 1, 5
"""


async def noted(db: Database) -> set[str]:
    return {str(code) for (code,) in await fetch(db, "SELECT code FROM product WHERE row_digest IS NOT NULL")}


async def test_rows_that_stand_change_nothing(shop: Database) -> None:
    rows = [row("A", "A1"), row("B", "B1")]
    assert await send(shop, rows) == (2, 0, 0, 0)
    before = await clock(shop), await fetch(shop, "SELECT xmin::text, ctid::text FROM product ORDER BY code")
    assert await noted(shop) == {"A", "B"}
    assert await send(shop, rows) == (0, 0, 2, 0)
    assert await send(shop, [rows[1], row("A", "A1", name="Outro")]) == (0, 1, 1, 0)
    assert await send(shop, [rows[0]]) == (0, 1, 0, 0)
    assert (await fetch(shop, "SELECT xmin::text, ctid::text FROM product ORDER BY code"))[1] == before[1][1]
    assert (await clock(shop))[0] == before[0][0] + 2


async def test_what_is_shown_with_a_product_leaves_its_row_standing(shop: Database) -> None:
    await send(shop, [row("A", "A1")])
    await put(shop, price("A", "10"))
    await put(shop, count(CENTRO, "A1", 5))
    await put(shop, category("C1", name="Outro nome"))
    assert await noted(shop) == {"A"}
    await put(shop, SkuDraft(code="A1", name="Outro", product="A"))
    assert await noted(shop) == set()
    assert await send(shop, [row("A", "A1")]) == (0, 1, 0, 0)
    assert await noted(shop) == {"A"}


async def test_rows_that_have_to_be_seen_together_are_all_read(shop: Database) -> None:
    twice = [row("A", "S"), row("B", "S")]
    assert await send(shop, twice) == (2, 0, 0, 0)
    assert await noted(shop) == set()
    assert await fetch(shop, "SELECT p.code FROM sku s JOIN product p USING (tenant, product_id)") == [("B",)]
    assert await send(shop, twice) == (0, 0, 2, 0)
    odd = [{"code": "D", "CODE": "E", "name": "Nome"}, row("E")]
    assert await send(shop, odd) == (1, 0, 1, 0)
    assert await noted(shop) == set()


async def test_bad_rows_beside_standing_ones(shop: Database) -> None:
    good = [row("A", "A1"), row("B", "B1")]
    await send(shop, good)
    bad = [
        {"code": "X", "name": 5},
        good[0],
        row("Y", releaseDate="never"),
        good[1],
        row("", "Z1"),
        {"name": "No code"},
    ]
    batch_id = await receive(shop, Kind.PRODUCTS, bad[:-1])
    await apply_all(shop, Lane.CATALOGUE)
    told = await report(shop, batch_id)
    assert counts(told) == ("finished", 5, 5, 0, 0, 2, 3)
    assert [(issue.row, issue.field) for issue in told.errors.issues] == [(1, "name"), (3, "releaseDate"), (5, "code")]
    assert await send(shop, bad) == (0, 0, 2, 4)


async def test_a_batch_goes_on_where_it_stopped(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PART", dict.fromkeys(process.PART, 1))
    rows = [row(code, f"{code}1") for code in "ABCDEF"]
    await send(shop, rows[1:3])
    batch_id = await receive(shop, Kind.PRODUCTS, rows)
    done = []
    while await turn(shop, await begin(shop, Lane.CATALOGUE)) is Turn.MORE:
        done.append((await report(shop, batch_id)).batch.done)
    assert done == [3, 4, 5]
    assert counts(await report(shop, batch_id)) == ("finished", 6, 6, 4, 0, 2, 0)


Change = Callable[[Database, str, str], Awaitable[Any]]


async def _delete_product(db: Database, code: str, _: str) -> None:
    ids = [id_ for (id_,) in await fetch(db, "SELECT product_id FROM product WHERE code = $1", code)]
    await db.run(lambda tx: delete_products(tx, DeleteProducts(tenant=LOJA, actor="x", product_ids=ids), NOW))


async def _delete_sku(db: Database, _: str, sku: str) -> None:
    ids = [id_ for (id_,) in await fetch(db, "SELECT sku_id FROM sku WHERE code = $1", sku)]
    await db.run(lambda tx: delete_skus(tx, DeleteSkus(tenant=LOJA, actor="x", sku_ids=ids), NOW))


async def _delete_category(db: Database, _: str, __: str) -> None:
    if await fetch(db, "SELECT 1 FROM category WHERE code = 'C1'"):
        await db.run(lambda tx: delete_category(tx, DeleteCategory(tenant=LOJA, actor="x", category="C1"), NOW))


CHANGES: Sequence[Change] = (
    _delete_product,
    _delete_sku,
    _delete_category,
    lambda db, code, sku: put(db, SkuDraft(code=sku, name="Outro", product=code)),
    lambda db, code, sku: put(db, product(code, skus=(sku,))),
    lambda db, code, _: put(db, price(code, "7")),
    lambda db, _, sku: put(db, count(CENTRO, sku, 3)),
    lambda db, _, __: put(db, category("C1", name="Outro")),
)


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_between(shop: Database, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """A batch comes to what reading every row of it would, and afterwards no row of it has anything to say."""
    monkeypatch.setattr(process, "PART", dict.fromkeys(process.PART, 2))
    chance = random.Random(seed)  # noqa: S311
    products, skus = "ABCD", [f"S{n}" for n in range(6)]
    for _ in range(14):
        owners = dict(zip(chance.sample(skus, 4), chance.sample(products, 4), strict=True))
        if chance.random() < 0.6:
            owners = {f"S{n}": code for n, code in enumerate(products)}
        named = {code: [sku for sku, owner in owners.items() if owner == code] for code in products}
        rows = [
            row(code, *own, name=chance.choice(("Nome", "Nome", "Novo")), categories=chance.choice((("C1",), ("C2",))))
            for code, own in named.items()
            if chance.random() < 0.8
        ]
        _, expected = await would(shop, rows)
        await send(shop, rows)
        assert await fetch(shop, RECORDS) == expected
        again, after = await would(shop, rows)
        assert (again.unchanged, after) == (len(rows), expected)
        for change in chance.sample(CHANGES, chance.randint(0, 2)):
            await change(shop, chance.choice(products), chance.choice(skus))
