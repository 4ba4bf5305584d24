"""The catalogue and the freight simulator, as people see them."""

import httpx
import pytest
from playwright.async_api import expect

from balcao.base.db import Database
from balcao.base.values import Tenant
from balcao.tenants.rules import Role
from tests.browser.conftest import Desk, check_accessible
from tests.doors.catalog_shop import Erp
from tests.doors.conftest import MakeToken
from tests.staff import add_user
from tests.verbs.freight_shop import load, rate


@pytest.fixture
async def erp(client: httpx.AsyncClient, token: MakeToken, worker: None, db: Database, tenant: Tenant) -> Erp:
    made = Erp(client, await token(Role.ERP))
    await made.fill()
    async with db.transaction() as tx:
        await load(tx, tenant, "NORMAL", rate((0, 99_999_999), (0, 5000), "15", 4))
        await load(tx, tenant, "SEDEX", rate((1_000_000, 5_999_999), (0, 1000), "10.50", 1))
    await add_user(db, tenant)
    return made


async def test_find_a_product_and_its_ledger(desk: Desk, erp: Erp) -> None:
    page = await desk()
    await page.goto("/console/catalogue")
    await check_accessible(page)
    await page.fill("main [name=q]", "camisa")
    await page.press("main [name=q]", "Enter")
    await page.click("text=Camisa Açaí")
    await expect(page.locator("h1")).to_have_text("Camisa Açaí")
    await check_accessible(page)
    await page.click("section[aria-labelledby=stock-h] a >> nth=0")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await check_accessible(page)


async def test_simulate(desk: Desk, erp: Erp) -> None:
    page = await desk()
    await page.goto("/console/freight")
    await check_accessible(page)
    await page.fill("[name=cep]", "90010-000")
    await page.fill("[name=sku] >> nth=0", "SHIRT-P")
    await page.press("[name=sku] >> nth=0", "Enter")
    await expect(page.locator("section[aria-labelledby=why-h] details")).to_have_count(2)
    await expect(page.locator("section[aria-labelledby=ways-h] tbody")).to_contain_text("NORMAL")
    await check_accessible(page)
