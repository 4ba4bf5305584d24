import asyncio
from decimal import Decimal
from typing import Any

import pytest

from balcao.base.db import Database
from balcao.base.errors import NotFound
from balcao.base.values import Tenant, new_id
from balcao.freight.find import list_tables, read_table
from balcao.freight.load_tables import LoadTables, load_tables
from balcao.freight.rules.model import EVERY_SELLER, NewTable, RateRow, RowError, Table
from balcao.freight.rules.table import InvalidTables
from balcao.freight.store.tariffs import find_tariffs
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
    )
    async with db.read() as tx:
        assert await list_tables(tx, tenant) == [table]
        assert await read_table(tx, tenant, table.table_id, after=0, limit=9) == (table, [(1, LIGHT), (2, heavy)])
        assert await read_table(tx, tenant, table.table_id, after=1, limit=9) == (table, [(2, heavy)])
    [event] = await events(db)
    assert (event["subject"], event["seller_id"], event["actor"]) == (str(table.table_id), CENTRO_ID, "erp")
    assert (event["at_us"], event["seq"]) == (NOW, await count(db, "event"))
    assert event["data"] == {"reference": "SEDEX", "description": "Sedex", "sellerCnpj": CENTRO, "rows": 2}


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
    # The version before is kept, older ones are not.
    assert await count(db, "freight_table") == 4
    assert await count(db, "freight_rate") == 1 + 1 + 2 + 2
    assert len(await events(db)) == 6


def dear_other() -> RateRow:
    return rate(ALL, (1000, 2000), "9", 9)


async def test_many_tables_in_one_load_each_with_its_own_instant(db: Database, tenant: Tenant) -> None:
    cmd = LoadTables(
        tenant=tenant,
        tables=(
            NewTable(reference="B", description="Bê", rows=(LIGHT,)),
            NewTable(reference="A", description="Á", seller_cnpj=NORTE, rows=(LIGHT, dear_other())),
            NewTable(reference="A", seller_cnpj=CENTRO, rows=()),
        ),
        actor="erp",
    )
    tables = await db.run(lambda tx: load_tables(tx, cmd, NOW))
    assert [(one.reference, one.description, one.seller_id, one.row_count) for one in tables] == [
        ("B", "Bê", EVERY_SELLER, 1),
        ("A", "Á", NORTE_ID, 2),
        ("A", "Á", CENTRO_ID, 0),
    ]
    assert [one.loaded_us for one in tables] == [NOW - 2, NOW - 1, NOW]
    assert [event["at_us"] for event in await events(db)] == [NOW - 2, NOW - 1, NOW]
    async with db.read() as tx:
        assert await list_tables(tx, tenant) == [tables[2], tables[1], tables[0]]


async def test_a_description_is_kept_until_another_comes(db: Database, tenant: Tenant) -> None:
    async def describe(description: str | None, cnpj: str | None = None) -> list[str]:
        table = NewTable(reference="JADEX", description=description, seller_cnpj=cnpj, rows=(LIGHT,))
        await db.run(lambda tx: load_tables(tx, LoadTables(tenant=tenant, tables=(table,), actor="erp"), NOW))
        async with db.read() as tx:
            return [one.description for one in await list_tables(tx, tenant)]

    assert await describe(None) == ["JADEX"]
    assert await describe("Jadex Econômico") == ["Jadex Econômico"]
    assert await describe(None, CENTRO) == ["Jadex Econômico", "Jadex Econômico"]


async def test_nothing_is_loaded_when_any_row_is_bad(db: Database, tenant: Tenant) -> None:
    kept = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT))
    before = [await count(db, what) for what in ("event", "freight_table", "freight_rate", "freight_carrier")]
    cmd = LoadTables(
        tenant=tenant,
        tables=(
            NewTable(reference="SEDEX", description="Outro", rows=(rate(ALL, (0, 9), "1", 1),)),
            NewTable(reference="LOGGI", rows=(LIGHT, LIGHT, rate((9, 8), (0, 1), "1", 1))),
            NewTable(reference="LOGGI", seller_cnpj="99999999999999", rows=(LIGHT,)),
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
    assert [await count(db, what) for what in ("event", "freight_table", "freight_rate", "freight_carrier")] == before
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
    assert len({table.loaded_us for table in tables}) == 8
    async with db.read() as tx:
        [left] = await list_tables(tx, tenant)
    assert left == max(tables, key=lambda table: table.loaded_us)
    assert await count(db, "freight_table") == 2


async def test_a_table_out_of_force_or_of_another_tenant_is_not_found(db: Database, tenant: Tenant) -> None:
    former = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT))
    table = await db.run(lambda tx: load(tx, tenant, "SEDEX", LIGHT))
    other = await db.run(lambda tx: open_shop(tx, "other"))
    async with db.read() as tx:
        for whose, table_id in ((tenant, former.table_id), (other, table.table_id), (tenant, new_id())):
            with pytest.raises(NotFound):
                await read_table(tx, whose, table_id, after=0, limit=9)
        assert await list_tables(tx, other) == []


ZONES = (
    rate((1_000_000, 1_999_999), (0, 1000), "1", 1),
    rate((2_000_000, 2_999_999), (0, 1000), "2", 1),
    rate((4_000_000, 4_000_000), (0, 1000), "4", 1),
    rate((0, 9_999_999), (1000, 5000), "9", 2),
    rate((1_500_000, 2_500_000), (5000, 9000), "15", 3),
)


@pytest.mark.parametrize(
    ("cep", "weights_g", "prices"),
    [
        (999_999, (1, 1), []),
        (1_000_000, (1, 1), ["1"]),
        (1_999_999, (1, 1), ["1"]),
        (2_000_000, (1, 1), ["2"]),
        (2_999_999, (1, 1), ["2"]),
        (3_000_000, (1, 1), []),
        (4_000_000, (1, 1), ["4"]),
        (4_000_001, (1, 1), []),
        (1_500_000, (1000, 1000), ["1", "9"]),
        (3_000_000, (1000, 1000), ["9"]),
        (1_500_000, (5000, 5000), ["9", "15"]),
        (1_500_000, (5001, 5001), ["15"]),
        (1_500_000, (9000, 2**31), ["15"]),
        (1_500_000, (9001, 2**31), []),
        (1_499_999, (1, 2**31), ["1", "9"]),
        (2_500_000, (1, 2**31), ["2", "9", "15"]),
        (99_999_999, (1, 2**31), []),
    ],
)
async def test_which_brackets_a_cep_and_a_weight_find(
    db: Database, tenant: Tenant, cep: int, weights_g: tuple[int, int], prices: list[str]
) -> None:
    await db.run(lambda tx: load(tx, tenant, "SEDEX", *ZONES))
    async with db.read() as tx:
        [tariff] = await find_tariffs(tx, tenant, [CENTRO_ID], cep=cep, weights_g=weights_g)
    assert [str(bracket.price) for bracket in tariff.brackets] == prices
    assert (tariff.reference, tariff.description, tariff.seller_id) == ("SEDEX", "Sedex", EVERY_SELLER)


async def test_tariffs_are_of_the_stores_asked_for_and_of_every_store(db: Database, tenant: Tenant) -> None:
    for cnpj in (None, CENTRO, NORTE):
        await db.run(lambda tx, cnpj=cnpj: load(tx, tenant, "SEDEX", LIGHT, cnpj=cnpj))  # type: ignore[misc]
    await db.run(lambda tx: load(tx, tenant, "EMPTY", cnpj=NORTE))
    async with db.read() as tx:
        found = await find_tariffs(tx, tenant, [NORTE_ID], cep=0, weights_g=(1, 1))
    assert [(one.seller_id, one.reference, len(one.brackets)) for one in found] == [
        (EVERY_SELLER, "SEDEX", 1),
        (NORTE_ID, "EMPTY", 0),
        (NORTE_ID, "SEDEX", 1),
    ]
