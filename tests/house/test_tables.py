"""The tables: what the migrations make is what is committed, and a cluster can distribute it by tenant."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from schema_text import schema_text

from balcao.base.db import Tx
from balcao.base.migrate import current, migrate, revisions, upgrade
from tests.house.source import PACKAGE
from tests.house.waivers import hold

SCHEMA = PACKAGE / "migrations" / "schema.sql"
WITHOUT_TENANT = ("pgqueuer%", "alembic_version")
"""Jobs and migrations belong to no tenant: ordinary tables beside those that a cluster distributes."""

INDEXES = """
    SELECT format('%s.%s', i.indrelid::regclass, i.indexrelid::regclass) AS name, i.indisunique AS is_unique,
           pg_get_indexdef(i.indexrelid, 1, false) AS first
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relname LIKE ANY ($1::text[])
"""
FOREIGN_KEYS = """
    SELECT conname AS name, pg_get_constraintdef(k.oid) AS text
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace AND NOT c.relname LIKE ANY ($1::text[])
"""
TABLES = """
    SELECT c.relname AS name,
           EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AS has_primary_key,
           EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS has_trigger,
           c.relhasrules AS has_rule
      FROM pg_class c
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT c.relname LIKE ANY ($1::text[])
"""
MADE_BY_DATABASE = """
    SELECT format('%s.%s', c.relname, a.attname) AS name, coalesce(pg_get_expr(d.adbin, d.adrelid), 'identity') AS what
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT c.relname LIKE ANY ($1::text[])
       AND a.attnum > 0 AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%(%')
"""


@pytest.fixture
async def tx(database_url: str) -> AsyncIterator[Tx]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def _rows(tx: Tx, query: str) -> list[asyncpg.Record]:
    return await tx.fetch(query, list(WITHOUT_TENANT))


async def test_migrations_make_the_committed_schema(blank_database_url: str) -> None:
    await asyncio.to_thread(upgrade, blank_database_url)
    assert await _text_of(blank_database_url) == SCHEMA.read_text(encoding="utf-8"), "run `make schema`"
    assert current(blank_database_url) == revisions()[-1]


async def test_an_empty_database_gets_the_committed_schema(blank_database_url: str) -> None:
    assert await asyncio.to_thread(migrate, blank_database_url) == revisions()
    assert await _text_of(blank_database_url) == SCHEMA.read_text(encoding="utf-8")
    assert current(blank_database_url) == revisions()[-1]
    await asyncio.to_thread(upgrade, blank_database_url)  # finds nothing to do


async def _text_of(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return await schema_text(connection)
    finally:
        await connection.close()


async def test_every_table_has_a_primary_key_and_no_hidden_work(tx: Tx) -> None:
    tables = await _rows(tx, TABLES)
    assert {"tenant", "tenant_clock", "event", "stock", "orders"} <= {row["name"] for row in tables}
    hold("primary key", (row["name"] for row in tables if not row["has_primary_key"]))
    hold("no triggers or rules", (row["name"] for row in tables if row["has_trigger"] or row["has_rule"]))


async def test_every_key_and_index_begins_with_tenant(tx: Tx) -> None:
    indexes = await _rows(tx, INDEXES)
    assert sum(row["is_unique"] for row in indexes) >= len(await _rows(tx, TABLES))
    hold("keys begin with tenant", {row["name"]: row["first"] for row in indexes if row["first"] != "tenant"})


async def test_foreign_keys_stay_within_a_tenant(tx: Tx) -> None:
    keys = {row["name"]: row["text"] for row in await _rows(tx, FOREIGN_KEYS)}
    assert len(keys) > 10
    across = {name: text for name, text in keys.items() if text.count("(tenant") != 2}
    hold("foreign keys within a tenant", across)


async def test_ids_and_times_come_from_us(tx: Tx) -> None:
    hold("no ids or times of the database", {row["name"]: row["what"] for row in await _rows(tx, MADE_BY_DATABASE)})
