"""Batches that are waited for while no worker is there."""

import httpx
import pytest

from balcao.base.settings import Settings, read_settings
from balcao.tenants.rules import Role
from tests.doors.conftest import MakeToken
from tests.doors.test_batch_reports import CATALOG, CENTRO, SELLERS, put


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
