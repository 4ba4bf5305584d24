"""The integrations, as people see them."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import expect

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.base.settings import Settings, read_settings, settings_env
from balcao.base.values import Tenant
from balcao.doors.neomode.rows import read_rows
from balcao.imports.work import apply_batches
from balcao.tenants.rules import Role
from tests.browser.conftest import Desk, check_accessible
from tests.doors.catalog_shop import Erp
from tests.doors.conftest import MakeToken
from tests.receiver import Receiver, receiving
from tests.staff import add_user
from tests.verbs.freight_shop import load, rate

ALL = "/console/integrations"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Webhooks may go to this machine."""
    return read_settings(settings_env(settings) | {"BALCAO_WEBHOOK_ALLOW_PRIVATE": "true"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def erp(client: httpx.AsyncClient, token: MakeToken, db: Database, tenant: Tenant) -> Erp:
    async with db.transaction() as tx:
        await load(tx, tenant, "NORMAL", rate((0, 99_999_999), (0, 5000), "15", 4))
    await add_user(db, tenant)
    return Erp(client, await token(Role.ERP))


async def test_credentials_channels_and_tables(desk: Desk, erp: Erp) -> None:
    page = await desk()
    await page.goto(ALL)
    await check_accessible(page)
    await page.click("a[href$=credentials]")
    await page.click("[data-opens=new]")
    await check_accessible(page)
    await page.select_option("[name=role]", "erp")
    await page.click("#new .btn-primary")
    assert len(await page.inner_text("[data-fact=clientSecret]")) == 43
    await check_accessible(page)
    await page.click("main a.btn-primary")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await check_accessible(page)
    await page.goto(f"{ALL}/channels?name=ecommerce")
    await check_accessible(page)
    await page.goto(f"{ALL}/tables")
    await check_accessible(page)
    await page.click("tbody tr td:last-child a")
    await check_accessible(page)


async def test_a_webhook_is_tested(desk: Desk, erp: Erp, receiver: Receiver) -> None:
    page = await desk()
    await page.goto(f"{ALL}/webhooks")
    await page.click("[data-opens=new]")
    await page.fill("[name=url]", receiver.url)
    await page.click("#new .btn-primary")
    await page.click("main a.btn-primary")
    await page.click("form[action$=test] button")
    await expect(page.locator(".notice-success")).to_be_visible()
    await expect(page.locator("section[aria-labelledby=log-h] tbody tr")).to_have_count(1)
    await check_accessible(page)
    await page.goto(f"{ALL}/omnichat")
    await page.click("[data-opens=new]")
    await check_accessible(page)
    await page.fill("[name=name]", "WhatsApp")
    await page.fill("[name=api_secret]", "their-secret")
    await page.click("#new .btn-primary")
    await page.click("main a.btn-primary")
    await check_accessible(page)


async def test_a_batch_is_watched(desk: Desk, erp: Erp, db: Database) -> None:
    rows = [{"code": f"P{n}", "name": f"Thing {n}"} for n in range(3)] + [{"code": "", "name": "x"}]
    kept = await erp.send("PUT", "products", rows)
    page = await desk()
    await page.goto(f"{ALL}/batches/{kept.headers['batch-id']}")
    await expect(page.locator("#batch")).to_contain_text("0 / 4")
    await check_accessible(page)
    stop = asyncio.Event()
    applying = asyncio.create_task(apply_batches(db, read_rows, now_us, stop=stop))
    await expect(page.locator("#batch")).to_contain_text("4 / 4", timeout=10_000)
    stop.set()
    await applying
    await expect(page.locator("#late-h")).to_be_visible()
    await check_accessible(page)
    await page.goto(f"{ALL}/batches")
    await check_accessible(page)
