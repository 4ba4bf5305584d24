"""Batches are applied once, part by part, in the order received, and report what became of every row."""

import asyncio
from typing import Any

import asyncpg
import pytest

from balcao.base.batch import BatchResult, Sent
from balcao.base.db import Database, Tx
from balcao.base.errors import Invalid, NotFound
from balcao.base.values import Micros, Tenant, new_id
from balcao.doors.neomode.rows import read_rows
from balcao.imports import process
from balcao.imports.apply import apply_rows
from balcao.imports.keep import purge_batches
from balcao.imports.process import Turn
from balcao.imports.report import get_batch
from balcao.imports.rules.model import KEPT_DAYS, Batch, How, Kind, Lane
from balcao.imports.work import apply_batches
from balcao.sellers.rules.match import SellerMatch
from balcao.stock.rules.model import StockCount
from tests.verbs.batches import apply_all, begin, count, counts, receive, report, turn
from tests.verbs.catalogue_shop import CENTRO, LOJA, NORTE, NOW, OUTRA, clock, fetch, open_shop, open_tenant

SKUS = ("CUP", "SHIRT-P", "SHIRT-M")


@pytest.fixture
async def shop(db: Database) -> Database:
    await open_shop(db)
    return db


@pytest.fixture
def in_twos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two records a transaction."""
    monkeypatch.setattr(process, "PART", dict.fromkeys(process.PART, 2))


async def on_hand(db: Database) -> dict[str, int]:
    rows = await fetch(db, "SELECT s.code, k.on_hand FROM stock k JOIN sku s USING (tenant, sku_id)")
    return {str(code): int(quantity) for code, quantity in rows}


def said(issues: Any) -> list[tuple[int, str | None, str, str]]:
    return [(issue.row, issue.code, issue.field, issue.message) for issue in issues.issues]


async def test_received_then_applied(shop: Database) -> None:
    batch_id = await receive(shop, Kind.STOCKS, [count("CUP", 5), count("NONE", 6)])
    told = await report(shop, batch_id)
    assert counts(told) == ("received", 2, 0, 0, 0, 0, 0)
    assert (told.batch.started_us, told.batch.finished_us, told.batch.received_us) == (None, None, NOW)
    assert await on_hand(shop) == {}
    assert await apply_all(shop, Lane.STOCKS) == 1
    told = await report(shop, batch_id)
    assert counts(told) == ("finished", 2, 2, 1, 0, 0, 1)
    assert said(told.errors) == [(2, "NONE", "SkuCode", "names no SKU")]
    assert await on_hand(shop) == {"CUP": 5}
    assert await fetch(shop, "SELECT 1 FROM import_body") == []


async def test_a_lane_keeps_the_order_received(shop: Database) -> None:
    for quantity in range(1, 6):
        await receive(shop, Kind.STOCKS, [count("CUP", quantity)])
    assert [row[0] for row in await fetch(shop, "SELECT number FROM import_batch ORDER BY number")] == [1, 2, 3, 4, 5]
    first = await begin(shop, Lane.STOCKS)
    assert first is not None
    assert first.batch.number == 1
    assert await apply_all(shop, Lane.STOCKS) == 5
    assert await on_hand(shop) == {"CUP": 5}


async def test_prices_and_stocks_wait_for_earlier_products_and_stores_only(shop: Database) -> None:
    await receive(shop, Kind.PRODUCTS, [{"code": "NEW", "name": "Novo", "skus": [{"code": "NEW"}]}])
    await receive(shop, Kind.STOCKS, [count("NEW", 5)])
    await receive(shop, Kind.PRICES, [{"ProductCode": "NEW", "Price": 5}])
    await receive(shop, Kind.SELLERS, [{"cnpj": NORTE, "name": "Norte"}])
    assert await begin(shop, Lane.STOCKS) is None
    assert await begin(shop, Lane.PRICES) is None
    assert await apply_all(shop, Lane.CATALOGUE) == 1
    assert await apply_all(shop, Lane.STOCKS) == 1  # the stores came later: nothing to wait for
    assert await apply_all(shop, Lane.PRICES) == 1
    assert await on_hand(shop) == {"NEW": 5}
    await receive(shop, Kind.STOCKS, [count("NEW", 6)])
    assert await begin(shop, Lane.STOCKS) is None
    assert await apply_all(shop, Lane.STORES) == 1
    assert await apply_all(shop, Lane.STOCKS) == 1


@pytest.mark.usefixtures("in_twos")
async def test_parts_go_on_where_a_dead_process_left_them(shop: Database) -> None:
    rows = [count(sku, n, seller) for n, (sku, seller) in enumerate(((s, c) for c in (CENTRO, NORTE) for s in SKUS), 1)]
    batch_id = await receive(shop, Kind.STOCKS, rows)
    assert await turn(shop, await begin(shop, Lane.STOCKS)) is Turn.MORE
    assert counts(await report(shop, batch_id)) == ("processing", 6, 2, 2, 0, 0, 0)
    seq, _ = await clock(shop)
    heir = await begin(shop, Lane.STOCKS)  # whoever had it is gone
    assert await turn(shop, heir) is Turn.MORE
    assert await turn(shop, heir) is Turn.FINISHED
    assert counts(await report(shop, batch_id)) == ("finished", 6, 6, 6, 0, 0, 0)
    assert sorted(row[0] for row in await fetch(shop, "SELECT on_hand FROM stock")) == [1, 2, 3, 4, 5, 6]
    assert (await clock(shop))[0] == seq + 2  # one event a part


@pytest.mark.usefixtures("in_twos")
async def test_a_process_that_fell_behind_changes_nothing(shop: Database) -> None:
    batch_id = await receive(shop, Kind.STOCKS, [count(sku, 5) for sku in SKUS])
    slow, quick = await begin(shop, Lane.STOCKS), await begin(shop, Lane.STOCKS)
    assert [await turn(shop, quick), await turn(shop, quick)] == [Turn.MORE, Turn.FINISHED]
    await receive(shop, Kind.STOCKS, [count("CUP", 7)])
    await apply_all(shop, Lane.STOCKS)
    before = await clock(shop)
    assert await turn(shop, slow) is Turn.TAKEN
    assert await clock(shop) == before
    assert counts(await report(shop, batch_id)) == ("finished", 3, 3, 3, 0, 0, 0)
    assert (await on_hand(shop))["CUP"] == 7


async def test_a_batch_that_another_process_is_at_is_left_to_it(shop: Database) -> None:
    await receive(shop, Kind.STOCKS, [count("CUP", 5)])
    other = await begin(shop, Lane.STOCKS)
    async with shop.transaction() as tx:
        await tx.execute("SELECT 1 FROM import_batch FOR UPDATE")
        assert await turn(shop, other) is Turn.TAKEN
    assert await apply_all(shop, Lane.STOCKS) == 1


@pytest.mark.usefixtures("in_twos")
async def test_rows_for_one_record_in_different_parts(shop: Database) -> None:
    rows = [count("CUP", 1), count("SHIRT-P", 2), count("SHIRT-M", "x"), count("CUP", 4, "04.109.169/0001-35"),
            count("SHIRT-P", 5), None, count("CUP", 7)]  # fmt: skip
    batch_id = await receive(shop, Kind.STOCKS, rows)
    await apply_all(shop, Lane.STOCKS)
    told = await report(shop, batch_id)
    assert counts(told) == ("finished", 7, 7, 2, 0, 3, 2)
    assert said(told.warnings) == [
        (1, "CUP", "SkuCode", "replaced by row 7"),
        (2, "SHIRT-P", "SkuCode", "replaced by row 5"),
        (4, "CUP", "SkuCode", "replaced by row 7"),
    ]
    assert [row for row, *_ in said(told.errors)] == [3, 6]
    assert await on_hand(shop) == {"CUP": 7, "SHIRT-P": 5}


async def test_a_bad_row_replaces_no_good_one(shop: Database) -> None:
    rows = [{"ProductCode": "CUP", "Price": 5}, {"ProductCode": "CUP", "Price": 6, "OldPrice": 1}]
    batch_id = await receive(shop, Kind.PRICES, rows)
    await apply_all(shop, Lane.PRICES)
    told = await report(shop, batch_id)
    assert counts(told) == ("finished", 2, 2, 1, 0, 0, 1)
    assert said(told.errors) == [(2, "CUP", "OldPrice", "must not be below Price")]
    assert said(told.warnings) == []
    assert [row[0] for row in await fetch(shop, "SELECT price FROM price")] == [5]


@pytest.mark.usefixtures("in_twos")
async def test_a_sku_that_several_products_of_a_batch_name(shop: Database) -> None:
    rows = [{"code": f"P{n}", "name": "P", "skus": [{"code": "SAME"}, {"code": f"S{n}"}]} for n in range(1, 6)]
    batch_id = await receive(shop, Kind.PRODUCTS, rows)
    await apply_all(shop, Lane.CATALOGUE)
    told = await report(shop, batch_id)
    assert counts(told) == ("finished", 5, 5, 5, 0, 0, 0)
    assert said(told.warnings) == [(n, "SAME", "skus[0].code", "replaced by row 5") for n in range(1, 5)]
    owners = await fetch(shop, "SELECT p.code FROM sku s JOIN product p USING (tenant, product_id) WHERE s.code='SAME'")
    assert owners == [("P5",)]


async def test_match_codes_travel_with_the_batch(shop: Database) -> None:
    await receive(shop, Kind.STOCKS, [count("CUP", 5, "CX2")], how=How(sellers_by=SellerMatch.POINT_SALE_ID))
    assert await apply_all(shop, Lane.STOCKS) == 1
    assert await on_hand(shop) == {"CUP": 5}


@pytest.mark.parametrize("failure", [RuntimeError("boom"), asyncpg.DataError("boom")])
async def test_a_row_that_breaks_its_part_fails_alone(
    shop: Database, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    real = apply_rows

    async def breaking(
        tx: Tx, tenant: Tenant, batch: Batch, rows: list[Sent[StockCount]], now: Micros, **how: Any
    ) -> BatchResult:
        result = await real(tx, tenant, batch, rows, now, **how)
        if any(row.value.quantity == 13 for row in rows):
            raise failure
        return result

    monkeypatch.setattr(process, "apply_rows", breaking)
    skus = [f"S{n:02}" for n in range(20)]
    await receive(shop, Kind.PRODUCTS, [{"code": "MANY", "name": "M", "skus": [{"code": sku} for sku in skus]}])
    monkeypatch.setattr(process, "apply_rows", real)
    await apply_all(shop, Lane.CATALOGUE)
    monkeypatch.setattr(process, "apply_rows", breaking)
    batch_id = await receive(shop, Kind.STOCKS, [count(sku, n) for n, sku in enumerate(skus)])
    await apply_all(shop, Lane.STOCKS)
    told = await report(shop, batch_id)
    assert counts(told) == ("finished", 20, 20, 19, 0, 0, 1)
    assert [row for row, *_ in said(told.errors)] == [14]
    assert await on_hand(shop) == {sku: n for n, sku in enumerate(skus) if n != 13}


async def test_a_body_that_cannot_be_read_does_not_hold_the_lane_up(shop: Database) -> None:
    broken = await receive(shop, Kind.STOCKS, b'{"not": "an array"}')
    await receive(shop, Kind.STOCKS, [count("CUP", 5)])
    assert await apply_all(shop, Lane.STOCKS) == 2
    told = await report(shop, broken)
    assert counts(told) == ("finished", 1, 1, 0, 0, 0, 1)
    assert await on_hand(shop) == {"CUP": 5}


async def test_unchanged_batches_write_nothing(shop: Database) -> None:
    await receive(shop, Kind.STOCKS, [count("CUP", 5)])
    await apply_all(shop, Lane.STOCKS)
    before = await clock(shop)
    batch_id = await receive(shop, Kind.STOCKS, [count("CUP", 5)])
    await apply_all(shop, Lane.STOCKS)
    assert counts(await report(shop, batch_id)) == ("finished", 1, 1, 0, 0, 1, 0)
    assert await clock(shop) == before


async def test_only_finished_batches_are_forgotten_after_30_days(shop: Database) -> None:
    later = Micros(NOW + KEPT_DAYS * 24 * 3600 * 1_000_000)
    old = await receive(shop, Kind.STOCKS, [count("NONE", 5)])
    await apply_all(shop, Lane.STOCKS)
    waiting = await receive(shop, Kind.STOCKS, [count("CUP", 5)])
    assert await shop.run(lambda tx: purge_batches(tx, LOJA, now=later)) == 0
    assert await shop.run(lambda tx: purge_batches(tx, LOJA, now=Micros(later + 1))) == 1
    assert [row[0] for row in await fetch(shop, "SELECT batch_id FROM import_batch")] == [waiting]
    assert await fetch(shop, "SELECT 1 FROM import_issue") == []
    with pytest.raises(NotFound):
        await report(shop, old)


async def test_whose_batch_it_is(shop: Database) -> None:
    await open_tenant(shop, OUTRA)
    batch_id = await receive(shop, Kind.STOCKS, [])
    async with shop.read() as tx:
        for tenant, asked, cnpj in ((OUTRA, batch_id, None), (LOJA, new_id(), None), (LOJA, batch_id, CENTRO)):
            with pytest.raises(NotFound):
                await get_batch(tx, tenant, asked, seller_cnpj=cnpj)


async def test_nobody_waits_for_somebody_elses_large_batches(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One tenant sends a hundred parts' worth; another's small batch is applied long before all of them are."""
    monkeypatch.setattr(process, "PART", dict.fromkeys(process.PART, 1))
    await open_tenant(shop, OUTRA)
    skus = [{"code": f"S{n:03}"} for n in range(100)]
    await receive(shop, Kind.PRODUCTS, [{"code": "MANY", "name": "M", "skus": skus}])
    for n in range(3):
        await receive(shop, Kind.STOCKS, [count(sku["code"], n + 1) for sku in skus])
    small = await receive(shop, Kind.CATEGORIES, [{"code": "C", "name": "C"}], tenant=OUTRA)
    stop = asyncio.Event()
    working = asyncio.create_task(apply_batches(shop, read_rows, lambda: NOW, stop=stop))
    async with asyncio.timeout(20):
        while (await report(shop, small, tenant=OUTRA)).batch.finished_us is None:  # noqa: ASYNC110
            await asyncio.sleep(0)
    [(left,)] = await fetch(shop, "SELECT count(*) FROM import_batch WHERE tenant = 'loja' AND finished_us IS NULL")
    assert left > 0
    stop.set()
    await working


@pytest.mark.parametrize(
    ("changed", "parts"),
    [((), [1]), (("S5",), [1]), (("S1",), [1, 2]), (("S5", "S6"), [1, 1, 2, 4, 4, 5, 6])],
)
async def test_parts_are_wider_while_nothing_changes(
    shop: Database, monkeypatch: pytest.MonkeyPatch, changed: tuple[str, ...], parts: list[int]
) -> None:
    monkeypatch.setattr(process, "PART", dict.fromkeys(process.PART, 1))
    codes = [f"S{n}" for n in range(1, 8)]
    await receive(shop, Kind.PRODUCTS, [{"code": "MANY", "name": "M", "skus": [{"code": code} for code in codes]}])
    await receive(shop, Kind.STOCKS, [count(code, 1) for code in codes])
    await apply_all(shop, Lane.CATALOGUE)
    await apply_all(shop, Lane.STOCKS)
    again = await receive(shop, Kind.STOCKS, [count(code, 2 if code in changed else 1) for code in codes])
    processing, done = await begin(shop, Lane.STOCKS), []
    while await turn(shop, processing) is Turn.MORE:
        done.append((await report(shop, again)).batch.done)
    assert done == parts
    assert counts(await report(shop, again)) == ("finished", 7, 7, 0, len(changed), 7 - len(changed), 0)
    assert await on_hand(shop) == {code: 2 if code in changed else 1 for code in codes}


async def test_two_workers_apply_each_batch_once(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PART", dict.fromkeys(process.PART, 1))
    sent = [await receive(shop, Kind.STOCKS, [count(sku, n) for sku in SKUS]) for n in range(1, 21)]
    stop = asyncio.Event()
    workers = [asyncio.create_task(apply_batches(shop, read_rows, lambda: NOW, stop=stop)) for _ in range(2)]
    async with asyncio.timeout(30):
        while await fetch(shop, "SELECT 1 FROM import_batch WHERE finished_us IS NULL"):  # noqa: ASYNC110
            await asyncio.sleep(0)
    stop.set()
    await asyncio.gather(*workers)
    told = [counts(await report(shop, batch_id)) for batch_id in sent]
    assert told == [("finished", 3, 3, 3, 0, 0, 0)] + [("finished", 3, 3, 0, 3, 0, 0)] * 19
    assert set((await on_hand(shop)).values()) == {20}
    [(events,)] = await fetch(shop, "SELECT count(*) FROM event WHERE type = 'stocks.counted'")
    assert events == 60


def test_what_is_no_array_is_not_read() -> None:
    batch: Any = type("_", (), {"kind": Kind.STOCKS, "how": How()})
    with pytest.raises(Invalid):
        read_rows(batch, b"{}")
