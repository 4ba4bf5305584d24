"""The dashboard with a shop's week in it: every chart has what the orders come to."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Desk, View, check_accessible
from tests.browser.full_shop import fill
from tests.doors.shop import Api
from tests.staff import add_user

PAGE = "/console/dashboard"


async def heights(page: Page, chart: int) -> list[int]:
    """Of the columns of a chart over time, in pixels of the screen, as they are drawn."""
    found = (
        await page.locator("svg.chart")
        .nth(chart)
        .locator("rect")
        .evaluate_all("all => all.map(each => Math.round(each.getBoundingClientRect().height))")
    )
    return [int(each) for each in found]


@pytest.fixture
async def page(desk: Desk, api: Api) -> Page:
    await add_user(api.db, api.shop.tenant)
    await fill(api)
    async with api.db.transaction() as tx:
        await tx.execute("UPDATE stock SET on_hand = reserved WHERE tenant = $1", api.shop.tenant)
    return await desk()


async def test_columns_stand_where_the_orders_came_in(page: Page) -> None:
    """Of seven orders, 0, 1, 3, 26, 50, 75 and 170 hours old, three are of the last day and all but one of the week."""
    for name, columns, orders in (("24h", 25, 3), ("7d", 29, 6), ("30d", 31, 7)):
        await page.goto(f"{PAGE}?range={name}")
        found = await heights(page, 0)
        assert columns - 1 <= len(found) <= columns
        assert 0 < sum(height > 0 for height in found) <= orders
        tallest = max(found)
        assert tallest > 100, "the highest column fills its chart"
        assert len({height for height in await heights(page, 1) if height}) > 0
        told = await page.locator("svg.chart").first.locator("rect title").all_text_contents()
        assert sum(int(text.rpartition(": ")[2]) for text in told) == orders
        await check_accessible(page)


async def test_every_chart_is_there(page: Page, view: View) -> None:
    await page.goto(f"{PAGE}?range=30d")

    def says(pt: str, en: str) -> str:
        return pt if view.locale == "pt-BR" else en

    for heading, text in (
        ("channel-h", "ecommerce"),
        ("store-h", "04109169000135"),
        ("status-h", says("Em transporte", "In transit")),
        ("time-h", says("Faturar", "Invoice")),
        ("flow-h", "→"),
        ("reason-h", "o cliente desistiu"),
        ("reject-h", says("Não encontrado", "Not found")),
        ("out-h", says("vendidos", "sold")),
        ("api-h", "/management/commerce/orders/external"),
    ):
        section = page.locator(f"section[aria-labelledby={heading}]")
        await expect(section).to_contain_text(text)
    bars = await page.locator("svg.chart-row rect").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().width)"
    )
    assert min(bars) > 0
    await page.locator("summary").filter(has_text=says("Em números", "In numbers")).first.click()
    await expect(page.locator("details[open] table tbody tr").first).to_be_visible()
