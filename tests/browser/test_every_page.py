"""Every page: what it weighs, and whether everybody can use it at night, on a phone and at a desk."""

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from tests.browser.conftest import DESKTOP, PHONE, Desk, View, check_accessible
from tests.browser.full_shop import fill
from tests.doors.shop import Api
from tests.staff import add_user

FIRST_MAX = 250_000
AFTER_MAX = 30_000
AT_NIGHT = [
    pytest.param(PHONE._replace(name="phone-en", locale="en-US"), id="phone-en"),
    pytest.param(DESKTOP._replace(name="desk-pt", locale="pt-BR"), id="desk-pt"),
]
"""The other language than that in which the other tests walk through the pages by day."""
FIRST = ("/console", "/console/dashboard?range=30d", "/console/login")
MISSING = "/console/nowhere"
"""Its answer is a 404, which a browser's console calls an error."""


@pytest.mark.parametrize("view", AT_NIGHT)
async def test_everybody_can_use_every_page_at_night(desk: Desk, api: Api) -> None:
    await add_user(api.db, api.shop.tenant)
    shop = await fill(api)
    page = await desk(color_scheme="dark")
    for path in (path for path in shop.paths if path != MISSING):
        await page.goto(path)
        await expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        await check_accessible(page)


@pytest.mark.parametrize("view", [PHONE], ids=["phone-pt"])
async def test_pages_are_light(desk: Desk, browser: Browser, server_url: str, api: Api, view: View) -> None:
    await add_user(api.db, api.shop.tenant)
    shop = await fill(api)
    kept = await (await desk()).context.storage_state()
    orders = tuple(f"/console/orders/{each}" for each in shop.orders.values())
    for path in (*FIRST, orders[1]):
        context = await browser.new_context(base_url=server_url, storage_state=kept, locale=view.locale)
        assert 50_000 < await weigh(context, path) <= FIRST_MAX, path
        await context.close()
    context = await browser.new_context(base_url=server_url, storage_state=kept, locale=view.locale)
    await weigh(context, "/console")
    weights = {path: await weigh(context, path) for path in shop.paths}
    await context.close()
    assert [path for path, weight in weights.items() if not 1_000 < weight <= AFTER_MAX] == [], weights


async def weigh(context: BrowserContext, path: str) -> int:
    """The bytes that come over the line for a page and all that it shows, in a tab of its own."""
    page = await context.new_page()
    line = await context.new_cdp_session(page)
    await line.send("Network.enable")
    sizes: dict[str, int] = {}
    line.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
    await page.goto(path, wait_until="load")
    await page.close()
    return int(sum(sizes.values()))


async def test_nobody_needs_a_mouse(desk: Desk, api: Api, view: View) -> None:
    """By the keyboard alone: past the menu, to an order, its dialog, and out of it again."""
    await add_user(api.db, api.shop.tenant)
    order_id = await api.placed()
    page = await desk()
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.locator(f"#card-{order_id} a").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#order")).to_be_visible()
    await page.locator("[data-opens=d-pay]").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#d-pay [name=nsu]")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#d-pay")).to_be_hidden()
    await page.keyboard.press("/")
    await expect(page.locator("header input[type=search]")).to_be_focused()
