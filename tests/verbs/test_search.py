"""Searching products: what finds them, in which order, and at what cost."""

import pytest

from balcao.base.db import Database
from balcao.catalog.rules.drafts import SkuDraft
from balcao.catalog.rules.model import ProductBody
from balcao.catalog.search import SearchBy, search_products
from tests.verbs.catalogue_shop import LOJA, OUTRA, fetch, open_shop, open_tenant, product, put


@pytest.fixture
async def shop(db: Database) -> Database:
    """Dresses, trousers and a mug."""
    await open_shop(db)
    await put(
        db,
        product(
            "21010",
            name="Vestido Midi Linho",
            reference_code="VES-001",
            aux_code="E77",
            body=ProductBody(url="https://loja.example/vestido-midi/"),
            skus=[SkuDraft(code="21010-01", name="Vestido Areia P", barcode="7890000000017", aux_code="A-P")],
        ),
        product("21011", name="Vestido Longo"),
        product("300", name="Calça Jeans Coração", skus=["300-P"]),
        product("400", name="Caneca Açaí", reference_code="21010"),
    )
    await open_tenant(db, OUTRA)
    await put(db, product("900", name="Vestido de outra loja"), tenant=OUTRA)
    return db


async def search(db: Database, query: str, by: SearchBy = SearchBy.TEXT) -> list[str]:
    async with db.read() as tx:
        found = await search_products(tx, LOJA, by, query)
    codes = dict(await fetch(db, "SELECT product_id, code FROM product"))
    return [codes[each] for each in found]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("vestido", ["21011", "21010"]),  # the one with fewer other words comes first
        ("VESTIDO midi", ["21010"]),
        ("vest lin", ["21010"]),
        ("areia", ["21010"]),
        ("calca coracao", ["300"]),
        ("CALÇA", ["300"]),
        ("vestdo", ["21011", "21010"]),
        ("vsetido lnho", ["21010"]),
        ("canecka", ["400"]),
        ("jens", ["300"]),
        ("caclá", ["300"]),
        ("21010", ["21010", "400"]),
        ("VES-001", ["21010"]),
        ("ves 001", ["21010"]),
        ("E77", ["21010"]),
        ("7890000000017", ["21010"]),
        (" 21010-01 ", ["21010"]),
        ("A-P", ["21010"]),
        ("2101", ["21011", "400", "21010"]),
        ("vestido caneca", []),
        ("xyzzy", []),
        ("'", []),
        ("", []),
        ("de outra loja", []),
        ("% _ \\ : * & | !", []),
    ],
)
async def test_text(shop: Database, query: str, codes: list[str]) -> None:
    assert await search(shop, query) == codes


@pytest.mark.parametrize(
    ("by", "query", "codes"),
    [
        (SearchBy.SKU, "21010-01", ["21010"]),
        (SearchBy.SKU, "7890000000017", ["21010"]),
        (SearchBy.SKU, "21010", []),
        (SearchBy.REFERENCE, "VES-001", ["21010"]),
        (SearchBy.REFERENCE, "21010", ["21010", "400"]),
        (SearchBy.REFERENCE, "VES", []),
        (SearchBy.URL, "/vestido-midi", ["21010"]),
        (SearchBy.URL, "http://other.example/vestido-midi?utm=1#x", ["21010"]),
        (SearchBy.URL, "/", []),
        (SearchBy.ID, "nothing", []),
        (SearchBy.ID, "00000000-0000-0000-0000-000000000000", []),
    ],
)
async def test_by_codes(shop: Database, by: SearchBy, query: str, codes: list[str]) -> None:
    assert await search(shop, query, by) == codes


async def test_by_id(shop: Database) -> None:
    [(id_,)] = await fetch(shop, "SELECT product_id FROM product WHERE code = '300'")
    assert await search(shop, str(id_).upper(), SearchBy.ID) == ["300"]


async def test_words_follow_what_they_are_of(shop: Database) -> None:
    await put(shop, product("300", name="Bermuda"))
    assert await search(shop, "bermuda") == ["300"]
    assert await search(shop, "coracao") == ["300"]  # as its SKU is still called
    await put(shop, SkuDraft(code="300-P", name="Bermuda Verde"))
    assert (await search(shop, "coracao"), await search(shop, "verde")) == ([], ["300"])
    await put(shop, SkuDraft(code="300-P", name="Azul", product="400"))
    assert (await search(shop, "verde"), await search(shop, "azul")) == ([], ["400"])


async def test_every_product_has_words(shop: Database) -> None:
    without = (
        "SELECT code FROM product p WHERE NOT EXISTS (SELECT FROM product_words w WHERE w.product_id = p.product_id)"
    )
    assert await fetch(shop, without) == []


FILL = """
    INSERT INTO product (tenant, product_id, code, name, is_active, body, created_us, last_update_us)
    SELECT 'loja', md5('p' || n)::uuid, n::text, 'P', true, '{}', n, n FROM generate_series(1, 100000) n;
    INSERT INTO sku (tenant, sku_id, product_id, code, barcode, name, is_active, body, created_us, last_update_us)
    SELECT 'loja', md5('s' || n)::uuid, md5('p' || n)::uuid, n || '-1', 'B' || n, 'S', true, '{}', n, n
      FROM generate_series(1, 100000) n;
    INSERT INTO product_words (tenant, product_id, words)
    SELECT 'loja', md5('p' || n)::uuid, array_to_tsvector(ARRAY[
           CASE n % 9 WHEN 0 THEN 'camiseta' ELSE 'calca' END, 'tipo' || n % 700, 'cor' || n % 50, n::text])
      FROM generate_series(1, 100000) n;
    INSERT INTO search_word (tenant, word) SELECT 'loja', 'palavra' || md5(n::text) FROM generate_series(1, 20000) n;
    INSERT INTO search_word VALUES ('loja', 'camiseta');
"""


async def test_it_stays_an_index_look_up(own_database_url: str) -> None:
    """With a hundred thousand products: none of the statements reads a table from end to end."""
    db = await Database.open(own_database_url)
    try:
        await open_tenant(db)
        async with db.transaction() as tx:
            await tx.execute("SET LOCAL statement_timeout = '120s'")
            await tx.execute(FILL)
        async with db.read() as tx:  # as autovacuum does: what a GIN index has put off is read from end to end, too
            await tx.execute("VACUUM (ANALYZE) product, sku, product_words, search_word")
        before = await _read(db)
        async with db.read() as tx:
            found = {query: await search_products(tx, LOJA, SearchBy.TEXT, query) for query in QUERIES}
            for by in SearchBy:
                await search_products(tx, LOJA, by, "4711-1")
        assert {query: len(ids) for query, ids in found.items()} == QUERIES
        after = await _read(db)
    finally:
        await db.close()
    assert {table: scans - before[table][0] for table, (scans, _) in after.items()} == dict.fromkeys(after, 0)
    assert {table for table, (_, looks) in after.items() if looks > before[table][1]} == set(TABLES)


QUERIES = {"camiseta": 1000, "camista": 1000, "camisetta tipo99": 16, "tipo123 cor23": 143, "cor7 47": 22, "4711-1": 1}
TABLES = ("product", "sku", "product_words", "search_word")


async def _read(db: Database) -> dict[str, tuple[int, int]]:
    """Scans of whole tables and look-ups by index, so far, by table."""
    async with db.read() as tx:
        await tx.execute("SELECT pg_stat_force_next_flush()")
        rows = await tx.fetch(
            "SELECT relname, seq_scan, coalesce(idx_scan, 0) AS looks FROM pg_stat_user_tables WHERE relname = ANY($1)",
            TABLES,
        )
    return {row["relname"]: (row["seq_scan"], row["looks"]) for row in rows}
