"""Batches that are waited for while no worker is there."""

from uuid import UUID

import httpx
import pytest

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.base.settings import Settings, read_settings
from balcao.base.values import Micros, Tenant, new_id
from balcao.imports import process
from balcao.imports.keep import purge_batches
from balcao.imports.rules.model import Lane
from balcao.tenants.rules import Role
from tests.doors.conftest import MakeToken
from tests.doors.test_batch_reports import CATALOG, CENTRO, SELLERS, put
from tests.verbs.batches import apply_all, begin


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Waits a second at most."""
    given = {"BALCAO_HOME": str(settings.home), "BALCAO_SECRET_KEY": "k" * 43, "BALCAO_BATCH_WAIT_S": "1"}
    return read_settings({**given, "DATABASE_URL": settings.database_url or ""})


async def test_without_a_worker_a_batch_waits(client: httpx.AsyncClient, token: MakeToken) -> None:
    erp = await token(Role.ERP)
    answer = await put(client, erp, SELLERS, [{"cnpj": CENTRO, "name": "Centro"}])
    assert (answer.status_code, answer.json()["state"], answer.json()["done"]) == (202, "received", 0)
    assert answer.headers["location"].endswith(f"{CATALOG}/batches/{answer.json()['id']}")
    report = (await client.get(answer.headers["location"], headers=erp)).json()
    assert report == answer.json()
    assert (report["startedAt"], report["finishedAt"]) == (None, None)
    assert (await client.get(f"{SELLERS}/{CENTRO}", headers=erp)).status_code == 404


async def test_a_report_tells_how_far_a_batch_is_and_the_ledger_outlives_it(
    client: httpx.AsyncClient, token: MakeToken, db: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PART", dict.fromkeys(process.PART, 2))
    erp = await token(Role.ERP)
    stores = [{"cnpj": CENTRO, "name": "Centro"}]
    skus = [{"code": str(n)} for n in range(5)]
    counts = [{"SkuCode": str(n), "SellerCode": CENTRO, "Quantity": n + 1} for n in range(6)]
    for lane, path, rows in (
        (Lane.STORES, SELLERS, stores),
        (Lane.CATALOGUE, f"{CATALOG}/products", [{"code": "P", "name": "P", "skus": skus}]),
    ):
        assert (await client.put(path, json=rows, headers=erp)).status_code == 204
        assert await apply_all(db, lane, tenant=tenant) == 1
    location = (await client.put(f"{CATALOG}/stocks", json=counts, headers=erp)).headers["location"]
    seen = []
    processing = await begin(db, Lane.STOCKS, tenant=tenant)
    for _ in range(4):
        told = (await client.get(location, headers=erp)).json()
        seen.append([told[name] for name in ("state", "rows", "done", "inserted", "failed")])
        listed = (await client.get(f"{CATALOG}/batches?kind=stocks&state={told['state']}", headers=erp)).json()
        assert [(batch["id"], batch["done"]) for batch in listed["batches"]] == [(told["id"], told["done"])]
        if told["state"] != "finished":
            assert processing is not None
            await processing.turn(db, now_us)
    assert seen == [
        ["received", 6, 0, 0, 0],
        ["processing", 6, 2, 2, 0],
        ["processing", 6, 4, 4, 0],
        ["finished", 6, 6, 5, 1],
    ]
    await _outlives(client, erp, db, tenant, told["id"])


async def _outlives(
    client: httpx.AsyncClient, erp: dict[str, str], db: Database, tenant: Tenant, batch_id: str
) -> None:
    """A report is kept for 30 days, the lines of its ledger for 90: this one is from 31 days ago."""
    ledger = f"{CATALOG}/stocks/ledger?batchId="
    whole = (await client.get(ledger + batch_id, headers=erp)).json()["lines"]
    assert [(line["onHandBefore"], line["onHandAfter"]) for line in whole] == [(0, n) for n in range(1, 6)]
    month_us = 31 * 24 * 3600 * 1_000_000
    earlier = UUID(int=UUID(batch_id).int - ((month_us // 1_000) << 80))
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE stock_counts SET at_us = at_us - $2, batch_id = $3 WHERE tenant = $1", tenant, month_us, earlier
        )
    assert await db.run(lambda tx: purge_batches(tx, tenant, now=Micros(now_us() + month_us))) == 3
    assert (await client.get(f"{CATALOG}/batches/{batch_id}", headers=erp)).status_code == 404
    lines = (await client.get(f"{ledger}{earlier}&limit=2", headers=erp)).json()
    assert [line["batchId"] for line in lines["lines"]] == [str(earlier)] * 2
    rest = (await client.get(f"{ledger}{earlier}&after={lines['next']}", headers=erp)).json()
    assert [line["onHandAfter"] for line in rest["lines"]] == [3, 4, 5]
    for unknown in (batch_id, str(new_id())):
        assert (await client.get(ledger + unknown, headers=erp)).status_code == 404
