import asyncio
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from balcao.base.db import Database
from balcao.base.errors import NotFound
from balcao.base.values import Micros, Tenant, new_id
from balcao.freight.find import FORMER_KEPT, list_tables, list_versions, purge_versions, read_table
from balcao.freight.load_tables import LoadTables, load_tables
from balcao.freight.restore_table import RestoreTable, restore_table
from balcao.freight.rules.model import EVERY_SELLER
from balcao.freight.rules.rates import RateRow, widen
from balcao.freight.rules.table import InvalidTables
from balcao.freight.rules.versions import NewTable, RowError, Table
from tests.verbs.freight_shop import CENTRO, CENTRO_ID, NORTE, NORTE_ID, NOW, load, open_shop, rate

ALL = (0, 99_999_999)
LIGHT = rate(ALL, (0, 1000), "10.5", 2)


@pytest.fixture
async def tenant(db: Database) -> Tenant:
    return await db.run(open_shop)


async def count(db: Database, what: str) -> int:
    async with db.read() as tx:
        return int(await tx.fetchval(f"SELECT count(*) FROM {what}"))  # noqa: S608


async def events(db: Database) -> list[dict[str, Any]]:
    async with db.read() as tx:
        rows = await tx.fetch("SELECT * FROM event WHERE type = 'freight_table.loaded' ORDER BY seq")
    return [dict(row) for row in rows]


async def test_a_table_is_loaded_and_told_of(db: Database, tenant: Tenant) -> None:
    heavy = rate(ALL, (1000, 5000), "20", 3)
    table = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT, heavy, cnpj=CENTRO))
    assert table == Table(
        table_id=table.table_id,
        reference="SEDEX",
        description="Sedex",
        seller_id=CENTRO_ID,
        seller_cnpj=CENTRO,
        row_count=2,
        loaded_us=NOW,
        in_force_us=NOW,
        loaded_by="erp",
    )
    async with db.read() as tx:
        assert await list_tables(tx, tenant) == [table]
        assert await read_table(tx, tenant, table.table_id, after=0, limit=9) == (table, [(1, LIGHT), (2, heavy)])
        assert await read_table(tx, tenant, table.table_id, after=1, limit=9) == (table, [(2, heavy)])
    [event] = await events(db)
    assert (event["subject"], event["seller_id"], event["actor"]) == (str(table.table_id), CENTRO_ID, "erp")
    assert (event["at_us"], event["seq"]) == (NOW, await count(db, "event"))
    assert event["data"] == {
        "reference": "SEDEX",
        "description": "Sedex",
        "sellerCnpj": CENTRO,
        "originState": None,
        "rows": 2,
    }


async def test_loading_replaces_the_carriers_table_for_that_store_only(db: Database, tenant: Tenant) -> None:
    await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT, cnpj=CENTRO))
    other = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT, cnpj=NORTE))
    every = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT))
    for price in ("1", "2", "3"):
        dear = rate(ALL, (0, 1000), price, 1)
        last = await db.run(lambda tx, dear=dear: load(tx, tenant, "SEDEX", dear, dear_other(), cnpj=CENTRO))  # type: ignore[misc]
    async with db.read() as tx:
        assert await list_tables(tx, tenant) == [every, last, other]
        assert await list_tables(tx, tenant, seller_cnpj=NORTE) == [every, other]
        assert (await read_table(tx, tenant, last.table_id, after=0, limit=9))[1][0][1].price == Decimal(3)
    # The versions before are kept.
    assert await count(db, "freight_table") == 6
    assert await count(db, "freight_row") == 1 + 1 + 1 + 2 + 2 + 2
    assert len(await events(db)) == 6


def dear_other() -> RateRow:
    return rate(ALL, (1000, 2000), "9", 9)


async def test_many_tables_in_one_load_each_with_its_own_instant(db: Database, tenant: Tenant) -> None:
    cmd = LoadTables(
        tenant=tenant,
        tables=(
            NewTable(reference="B", description="Bê", rows=widen([LIGHT])),
            NewTable(reference="A", description="Á", seller_cnpj=NORTE, rows=widen([LIGHT, dear_other()])),
            NewTable(reference="A", seller_cnpj=CENTRO, rows=widen([])),
        ),
        actor="erp",
    )
    tables = await db.run(lambda tx: load_tables(tx, cmd, NOW))
    assert [(one.reference, one.description, one.seller_id, one.row_count) for one in tables] == [
        ("B", "Bê", EVERY_SELLER, 1),
        ("A", "Á", NORTE_ID, 2),
        ("A", "Á", CENTRO_ID, 0),
    ]
    assert [one.in_force_us for one in tables] == [NOW - 2, NOW - 1, NOW]
    assert [event["at_us"] for event in await events(db)] == [NOW - 2, NOW - 1, NOW]
    async with db.read() as tx:
        assert await list_tables(tx, tenant) == [tables[2], tables[1], tables[0]]


async def test_a_description_is_kept_until_another_comes(db: Database, tenant: Tenant) -> None:
    async def describe(description: str | None, cnpj: str | None = None) -> list[str]:
        table = NewTable(reference="JADEX", description=description, seller_cnpj=cnpj, rows=widen([LIGHT]))
        await db.run(lambda tx: load_tables(tx, LoadTables(tenant=tenant, tables=(table,), actor="erp"), NOW))
        async with db.read() as tx:
            return [one.description for one in await list_tables(tx, tenant)]

    assert await describe(None) == ["JADEX"]
    assert await describe("Jadex Econômico") == ["Jadex Econômico"]
    assert await describe(None, CENTRO) == ["Jadex Econômico", "Jadex Econômico"]


async def test_nothing_is_loaded_when_any_row_is_bad(db: Database, tenant: Tenant) -> None:
    kept = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT))
    before = [await count(db, what) for what in ("event", "freight_table", "freight_row", "freight_carrier")]
    cmd = LoadTables(
        tenant=tenant,
        tables=(
            NewTable(reference="SEDEX", description="Outro", rows=widen([rate(ALL, (0, 9), "1", 1)])),
            NewTable(reference="LOGGI", rows=widen([LIGHT, LIGHT, rate((9, 8), (0, 1), "1", 1)])),
            NewTable(reference="LOGGI", seller_cnpj="99999999999999", rows=widen([LIGHT])),
        ),
        actor="erp",
    )
    with pytest.raises(InvalidTables) as refusal:
        await db.run(lambda tx: load_tables(tx, cmd, NOW))
    assert refusal.value.rows == [
        RowError(1, 1, "cepStart", "overlaps", 0),
        RowError(1, 2, "cepEnd", "must not be below cepStart"),
        RowError(2, None, "sellerCnpj", "99999999999999 is not the CNPJ of a store"),
    ]
    assert [await count(db, what) for what in ("event", "freight_table", "freight_row", "freight_carrier")] == before
    async with db.read() as tx:
        assert await list_tables(tx, tenant) == [kept]


async def test_no_tables_are_no_change(db: Database, tenant: Tenant) -> None:
    before = await count(db, "event")
    assert await db.run(lambda tx: load_tables(tx, LoadTables(tenant=tenant, tables=(), actor="erp"), NOW)) == []
    assert await count(db, "event") == before


async def test_simultaneous_loads_of_one_carrier_come_one_after_the_other(db: Database, tenant: Tenant) -> None:
    tables = await asyncio.gather(
        *(db.run(lambda tx, n=n: load(tx, tenant, "SEDEX", rate(ALL, (0, 9), str(n), 1))) for n in range(8))  # type: ignore[misc]
    )
    assert len({table.in_force_us for table in tables}) == 8
    async with db.read() as tx:
        [left] = await list_tables(tx, tenant)
    assert left == max(tables, key=lambda table: table.in_force_us)
    assert await count(db, "freight_table") == 8


async def test_a_former_version_is_read_and_one_of_another_tenant_is_not_found(db: Database, tenant: Tenant) -> None:
    former = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT))
    table = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT))
    other = await db.run(lambda tx: open_shop(tx, "other"))
    async with db.read() as tx:
        found, rows = await read_table(tx, tenant, former.table_id, after=0, limit=9)
        assert (found, rows) == (replace(former, is_current=False), [(1, LIGHT)])
        for whose, table_id in ((other, table.table_id), (tenant, new_id())):
            with pytest.raises(NotFound):
                await read_table(tx, whose, table_id, after=0, limit=9)
        assert await list_tables(tx, other) == []


async def restore(db: Database, tenant: Tenant, table: Table, **given: Any) -> Table:
    cmd = RestoreTable(tenant=tenant, table_id=table.table_id, actor="erp", **given)
    return await db.run(lambda tx: restore_table(tx, cmd, Micros(NOW + 1_000_000)))


async def test_a_former_version_is_restored_in_one_swap(db: Database, tenant: Tenant) -> None:
    first = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT))
    second = await db.run(lambda tx: load(tx, tenant, "SEDEX", dear_other()))
    own = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT, cnpj=CENTRO))
    restored = await restore(db, tenant, first)
    assert restored == replace(first, in_force_us=Micros(NOW + 1_000_000))
    async with db.read() as tx:
        assert await list_tables(tx, tenant) == [restored, own]
        assert await list_versions(tx, tenant, "SEDEX") == [restored, own, replace(second, is_current=False)]
        assert await list_versions(tx, tenant, "SEDEX", seller_cnpj=NORTE) == [
            restored,
            replace(second, is_current=False),
        ]
        [event] = await tx.fetch("SELECT * FROM event WHERE type = 'freight_table.restored'")
    assert (event["subject"], event["at_us"]) == (str(first.table_id), NOW + 1_000_000)


async def test_a_version_in_force_is_not_restored_and_an_unknown_one_not_found(db: Database, tenant: Tenant) -> None:
    table = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT))
    before = await count(db, "event")
    assert await restore(db, tenant, table) == table
    for given in ({"seller_cnpj": CENTRO},):
        with pytest.raises(NotFound):
            await restore(db, tenant, table, **given)
    with pytest.raises(NotFound):
        await restore(db, tenant, replace(table, table_id=new_id()))
    assert await count(db, "event") == before


async def test_only_the_newest_former_versions_are_kept(db: Database, tenant: Tenant) -> None:
    tables = [await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT, dear_other())) for _ in range(FORMER_KEPT + 4)]
    other = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT, state="SP"))
    assert await db.run(lambda tx: purge_versions(tx, tenant)) == 3
    assert await db.run(lambda tx: purge_versions(tx, tenant)) == 0
    async with db.read() as tx:
        kept = {table.table_id for table in await list_versions(tx, tenant, "SEDEX")}
    assert kept == {table.table_id for table in [*tables[3:], other]}
    assert await count(db, "freight_row") == 2 * (FORMER_KEPT + 1) + 1


async def test_every_column_of_a_row_comes_back_as_it_was(db: Database, tenant: Tenant) -> None:
    full = rate(
        (1_001_000, 99_999_999),
        (1, 2**31 - 1),
        "999999999999.9999",
        365,
        percent=Decimal("12.3456"),
        extra_per_kg=Decimal("0.0001"),
        insured_min=Decimal("7.5"),
        volume_max_cm3=10**12,
        cut_off_min=840,
    )
    table = await db.run(lambda tx: load(tx, tenant, "SEDEX", full, state="SP"))
    assert (table.origin_state, table.seller_id, table.seller_cnpj) == ("SP", EVERY_SELLER, None)
    async with db.read() as tx:
        assert (await read_table(tx, tenant, table.table_id, after=0, limit=9))[1] == [(1, full)]
