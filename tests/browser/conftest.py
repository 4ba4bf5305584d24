"""A real browser on a real server.

`desk` is somebody at a browser: `await desk(email)` opens one, of the size and language that the test runs in, logs in,
and gives its page. Whatever a page says on its console as an error and whatever it asks of another host fails the test.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

from tests.doors.conftest import (  # noqa: F401 - fixtures
    _servers,
    api,
    client,
    credential,
    home,
    server_url,
    settings,
    tenant,
    token,
    worker,
)
from tests.house.source import ROOT
from tests.staff import PASSWORD

AXE = ROOT / ".venv" / "console" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class View(NamedTuple):
    """How somebody looks at the console."""

    name: str
    width: int
    height: int
    locale: str


PHONE = View("phone-pt", 360, 740, "pt-BR")
DESKTOP = View("desktop-en", 1366, 850, "en-US")
VIEWS = [PHONE, DESKTOP]
Desk = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium: the system's, or Playwright's own. Without one the tests are passed over, but never where CI runs."""
    async with async_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        if program is None and not os.path.exists(playwright.chromium.executable_path):  # noqa: ASYNC240, PTH110
            if os.environ.get("CI"):
                pytest.fail("there is no browser")
            pytest.skip("there is no browser: install chromium")
        launched = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield launched
        await launched.close()


@pytest.fixture(params=VIEWS, ids=lambda view: view.name)
def view(request: pytest.FixtureRequest) -> View:
    """On a phone in Portuguese, and at a desk in English."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
async def desk(browser: Browser, server_url: str, view: View) -> AsyncIterator[Desk]:  # noqa: F811
    """Opens a browser of its own for a user and logs in."""
    complaints: list[str] = []
    opened: list[Any] = []

    async def sit(email: str = "ana@loja.example", **options: Any) -> Page:
        context = await browser.new_context(
            **(
                {
                    "base_url": server_url,
                    "viewport": {"width": view.width, "height": view.height},
                    "locale": view.locale,
                    "timezone_id": "America/Sao_Paulo",
                }
                | options
            )
        )
        opened.append(context)
        page = await context.new_page()
        watch(page, server_url, complaints)
        await page.goto("/console/login")
        await page.fill("[name=email]", email)
        await page.fill("[name=password]", PASSWORD)
        await page.click("main button")
        await page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield sit
    for context in opened:
        await context.close()
    assert complaints == []


def watch(page: Page, url: str, complaints: list[str]) -> None:
    """Note what goes wrong on the page and what it asks of other hosts."""

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{page.url}: {message.text}")

    def see(request: Request) -> None:
        if not request.url.startswith((url, "data:", "blob:")):
            complaints.append(f"{page.url} asks {request.url}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("request", see)


async def check_accessible(page: Page) -> None:
    """Fail on any violation of WCAG 2.2 A and AA that axe-core finds, and on a page wider than its window."""
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels too wide"
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = await page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags)
    wrong = [
        f"{each['id']} ({each['impact']}): {node['html'][:160]} — {node['failureSummary'][:300]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
    assert wrong == [], page.url
