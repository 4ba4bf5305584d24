"""Logging in, as people see it."""

from playwright.async_api import Page, expect

from balcao.base.db import Database
from balcao.base.values import Tenant
from tests.browser.conftest import Desk, View, check_accessible
from tests.staff import add_user


async def test_login_and_board(desk: Desk, db: Database, tenant: Tenant, view: View) -> None:
    await add_user(db, tenant)
    page: Page = await desk()
    await expect(page.locator("h1")).to_have_text("Painel" if view.locale == "pt-BR" else "Board")
    await check_accessible(page)
    await page.click("summary")
    await page.click("text=Escuro" if view.locale == "pt-BR" else "text=Dark")
    await expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    await check_accessible(page)
    await page.click("summary")
    await page.click("[lang=en]" if view.locale == "pt-BR" else "[lang=pt]")
    await expect(page.locator("h1")).to_have_text("Board" if view.locale == "pt-BR" else "Painel")
    await page.click("summary")
    await page.click("form[action='/console/logout'] button")
    await expect(page.locator("[name=password]")).to_be_visible()
    await check_accessible(page)
