"""Collections, and the products in them."""

import pytest

from balcao.base.batch import BatchResult
from balcao.base.db import Database
from balcao.base.errors import Invalid, NotFound
from balcao.catalog.get_product import get_product
from balcao.catalog.put_collections import PutCollections, put_collections
from balcao.catalog.rules.drafts import CollectionDraft
from balcao.catalog.set_collections import SetCollections, set_collections
from tests.verbs.catalogue_shop import LOJA, NOW, clock, counted, fetch, last_event, open_shop, said, sent
from tests.verbs.shop import dump


async def put_all(db: Database, *drafts: CollectionDraft) -> BatchResult:
    cmd = PutCollections(tenant=LOJA, actor="erp.1", rows=sent(drafts))
    return await db.run(lambda tx: put_collections(tx, cmd, NOW))


async def set_of(db: Database, product: str, *names: str) -> None:
    cmd = SetCollections(tenant=LOJA, actor="erp.1", product=product, collections=names)
    await db.run(lambda tx: set_collections(tx, cmd, NOW))


async def collections_of(db: Database, product: str) -> list[str]:
    async with db.read() as tx:
        return [each.code for each in (await get_product(tx, LOJA, product)).collections]


@pytest.fixture
async def shop(db: Database) -> Database:
    """Three collections."""
    await open_shop(db)
    await put_all(db, *(CollectionDraft(code=code, name=code.title()) for code in ("A", "B", "C")))
    return db


async def test_put(shop: Database) -> None:
    before = await dump(shop)
    assert counted(await put_all(shop, CollectionDraft(code="A", name="A"))) == (0, 0, 1, 0)
    assert await dump(shop) == before
    result = await put_all(shop, CollectionDraft(code="A", name="Aa"), CollectionDraft(code="", name="X"))
    assert (counted(result), said(result)) == ((0, 1, 0, 1), [(2, "", "code", "must have 1 to 255 characters")])
    event = await last_event(shop)
    assert (event["type"], event["data"]["codes"]) == ("collections.changed", ["A"])


async def test_set_overwrites_all(shop: Database) -> None:
    await set_of(shop, "CUP", "B", "A", "A")
    assert await collections_of(shop, "CUP") == ["A", "B"]
    [(c,)] = await fetch(shop, "SELECT collection_id FROM collection WHERE code = 'C'")
    _, at_us = await clock(shop)
    await set_of(shop, "CUP", str(c).upper(), "B")
    assert await collections_of(shop, "CUP") == ["B", "C"]
    assert await fetch(shop, "SELECT code FROM product WHERE last_update_us > $1", at_us) == [("CUP",)]
    event = await last_event(shop)
    assert (event["type"], event["data"]["codes"]) == ("products.changed", ["CUP"])
    before = await dump(shop)
    await set_of(shop, "CUP", "C", "B")
    assert await dump(shop) == before
    await set_of(shop, "CUP")
    assert await collections_of(shop, "CUP") == []


async def test_its_products_change_with_it(shop: Database) -> None:
    await set_of(shop, "CUP", "A")
    _, at_us = await clock(shop)
    await put_all(shop, CollectionDraft(code="A", name="Renamed"))
    assert await fetch(shop, "SELECT code FROM product WHERE last_update_us > $1", at_us) == [("CUP",)]


async def test_refusals_change_nothing(shop: Database) -> None:
    before = await dump(shop)
    with pytest.raises(Invalid) as refused:
        await set_of(shop, "CUP", "A", "NONE", "B", "00000000-0000-0000-0000-000000000000")
    assert list(refused.value.errors) == ["[1]", "[3]"]
    with pytest.raises(NotFound):
        await set_of(shop, "NONE", "A")
    assert await dump(shop) == before
