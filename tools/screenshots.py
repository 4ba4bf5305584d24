"""Pictures of every page of the console, at a desk and on a phone: `make screenshots`.

Plays the demo, adds a morning's orders, and takes each page in Chromium. They go to `var/screenshots`; the best ones
are the README's, in `docs/pictures`.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "screenshots"
README = ROOT / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
ORDERS = 18
PAST = 90
"""Orders of the week before, all of them delivered or cancelled: what the dashboard shows."""
COLOURS = 96
"""Of the README's pictures: a third of the bytes."""
FREIGHT = ("Amount", "DeliveryTime", "Reference", "Description")
KEPT = {
    "desk-board": "console-board",
    "desk-order": "console-order",
    "phone-box": "console-picking",
    "desk-dashboard": "console-dashboard",
}
"""Which pictures the README shows."""


class Served(NamedTuple):
    """A demo that is up: its address, and a way in."""

    url: str
    email: str
    password: str
    token: str


class View(NamedTuple):
    """A way to look."""

    name: str
    width: int
    height: int
    locale: str
    theme: str = "light"


VIEWS = (
    View("desk", 1366, 900, "pt-BR"),
    View("desk-en-dark", 1366, 900, "en-US", "dark"),
    View("phone", 390, 844, "pt-BR"),
)


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        command = [str(Path(sys.executable).with_name("balcao")), "demo", "--port", "0", "--data", home]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"COLUMNS": "200"}) as demo:
            try:
                served = read_way_in(demo)
                asyncio.run(picture(served))
            finally:
                demo.terminate()
    README.mkdir(exist_ok=True)
    for name, kept in KEPT.items():
        few = Image.open(FOLDER / f"{name}.png").convert("RGB").quantize(COLOURS)
        few.save(README / f"{kept}.png", optimize=True)


async def picture(served: Served) -> None:
    """Fill the shop and look at it."""
    await take(served, await fill(served))


def read_way_in(demo: "subprocess.Popen[str]") -> Served:
    """What the demo prints once it is done."""
    text = ""
    for line in demo.stdout or ():
        text += line
        if "Ctrl-C" in line and "No ar até" in line:
            break
    found = {name: match[1] for name in ("Console", "E-mail", "Senha", "clientId", "clientSecret")
             if (match := re.search(rf"{name}\s+(\S+)", text))}  # fmt: skip
    url = found["Console"].removesuffix("/console")
    asked = {"clientId": found["clientId"], "clientSecret": found["clientSecret"], "scope": "lori"}
    answer = httpx.post(f"{url}/auth/token/anonymous", json=asked)
    return Served(url, found["E-mail"], found["Senha"], answer.json()["access_token"])


async def fill(served: Served) -> str:
    """More orders like the demo's own, some of them further along; the id of one to look at."""
    headers = {"Authorization": f"Bearer {served.token}"}
    async with httpx.AsyncClient(base_url=served.url, headers=headers, timeout=30) as api:
        listed = await api.get("/management/commerce/orders/", params={"perPage": 50})
        bodies = [
            (await api.get(f"/management/commerce/orders/{each['id']}")).json() for each in listed.json()["orders"]
        ]
        model = next(body for body in bodies if body["isDelivery"] and len(body["items"]) > 1)
        counts = [
            {"SkuCode": item["sku"]["code"], "SellerCode": model["seller"]["cnpj"], "Quantity": 400}
            for item in model["items"]
        ]
        (await api.put("/management/catalog/stocks", json=counts, params={"wait": "true"})).raise_for_status()
        for number in range(PAST):
            await finish(api, await place(api, model, 1000 + number, hours=7 + number * 1.8), number)
        made = [await place(api, model, number, hours=6 - number / 3) for number in range(ORDERS)]
    return made[ORDERS // 2]


async def finish(api: httpx.AsyncClient, order_id: str, number: int) -> None:
    """An order of the past: cancelled, or handed over."""
    path = f"/management/commerce/orders/{order_id}"
    if number % 7 == 2:
        reason = ("Cliente desistiu", "Prazo longo demais", "Endereço errado")[number % 3]
        await api.post(f"{path}/cancel", json={"by": "buyer", "reason": reason})
        return
    await api.put(f"{path}/payment", json={"nsu": str(800000 + number)})
    for status in ("Separate", "ReadyForPickup", "Finalized"):
        await api.put(f"{path}/status", json={"status": status})


async def place(api: httpx.AsyncClient, model: dict[str, Any], number: int, hours: float) -> str:
    """One order after the model, so many hours old; paid, confirmed or waiting where it is one of the day."""
    buyer, freight, address = model["buyer"], model["freight"], model["deliveryAddress"]
    items = [
        {"SkuCode": item["sku"]["code"], "ProductCode": item["sku"]["product"]["code"], "Quantity": 1 + number % 2,
         "UnitPrice": item["unitPrice"], "DiscountPrice": 0}
        for item in model["items"][: 1 + number % 3]
    ]  # fmt: skip
    total = sum(item["UnitPrice"] * item["Quantity"] for item in items) + freight["amount"]
    where = {"ZipCode": address["cep"], "Street": address["street"], "Number": address["number"],
             "Neighborhood": address["neighborhood"], "City": address["city"], "State": address["state"]}  # fmt: skip
    body = {
        "ClientId": model["clientId"],
        "Channel": model["channel"],
        "ExternalId": f"{model['channel'][:3].upper()}-{48200 + number}",
        "Seller": {"Cnpj": model["seller"]["cnpj"]},
        "CreateDate": (datetime.now(UTC) - timedelta(hours=hours)).isoformat(),
        "IsDelivery": number < ORDERS,
        "DeliveryAddress": where,
        "Items": items,
        "Buyer": {
            "Cpf": buyer["cpf"],
            "Email": buyer["email"],
            "FullName": buyer["fullName"],
            "PhoneNumber": buyer["phoneNumber"],
            "Address": where,
        },
        "Freight": {name: freight[name[0].lower() + name[1:]] for name in FREIGHT},
        "PaymentList": [{"Amount": round(total, 2), "PaymentMethod": {"Type": 7}}],
    }
    answer = await api.post("/management/commerce/orders/external", json=body)
    answer.raise_for_status()
    order_id = str(answer.json()["id"])
    path = f"/management/commerce/orders/{order_id}"
    if number >= ORDERS:
        return order_id
    if number % 4:
        await api.put(f"{path}/payment", json={"nsu": str(700000 + number)})
    if number % 4 > 1:
        await api.put(f"{path}/status", json={"status": "ApprovedExternal"})
    if number % 12 == 3:
        await api.put(f"{path}/status", json={"status": "Separate"})
    return order_id


async def take(served: Served, order_id: str) -> None:
    """Every page in every view."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for view in VIEWS:
            await look(browser, served, view, order_id)
        await browser.close()


async def look(browser: Browser, served: Served, view: View, order_id: str) -> None:
    """Every page in one view."""
    context = await browser.new_context(
        base_url=served.url,
        viewport={"width": view.width, "height": view.height},
        locale=view.locale,
        color_scheme="dark" if view.theme == "dark" else "light",
        timezone_id="America/Sao_Paulo",
    )
    page = await context.new_page()
    await page.goto("/console/login")
    await shoot(page, view, "login")
    await page.fill("[name=email]", served.email)
    await page.fill("[name=password]", served.password)
    await page.click("main button")
    await page.wait_for_url(lambda url: "/login" not in url)
    if view is VIEWS[0]:
        await subscribe(page)
        await connect(page)
    await page.goto("/console/catalogue")
    product = await page.locator("main a[href^='/console/catalogue/']").first.get_attribute("href")
    for name, path in pages_of(order_id, product or "/console/catalogue").items():
        await page.goto(path)
        await shoot(page, view, name)
    for name, path, link in (
        ("ledger", product or "/console/catalogue", "a[href*='/stock/']"),
        ("batch", "/console/integrations/batches", "a[href*='/batches/']"),
        ("table", "/console/integrations/tables", "td a[href*='/tables/']"),
        ("webhook", "/console/integrations/webhooks", "td a[href*='/webhooks/']"),
        ("account", "/console/integrations/omnichat", "td a[href*='/omnichat/']"),
    ):
        await page.goto(path)
        await page.locator(f"main {link}").first.click()
        await shoot(page, view, name)
    await context.close()


async def subscribe(page: Page) -> None:
    """A webhook, and a message to it that nobody answers."""
    await page.goto("/console/integrations/webhooks")
    await page.click("[data-opens=new]")
    await page.fill("[name=url]", "https://erp.example.com/balcao")
    await page.fill("[name=types]", "order.*")
    await page.click("#new .btn-primary")
    await page.click("main a.btn-primary")
    await page.click("form[action$='/test'] button")
    await page.wait_for_load_state("load")


async def connect(page: Page) -> None:
    """An OmniChat account: the demo's own are gone when it is done."""
    await page.goto("/console/integrations/omnichat")
    await page.click("[data-opens=new]")
    await page.fill("[name=name]", "WhatsApp")
    await page.fill("[name=api_secret]", "their-secret")
    await page.click("#new .btn-primary")
    await page.wait_for_selector("main a.btn-primary")


def pages_of(order_id: str, product: str) -> dict[str, str]:
    """The pages that an address alone leads to, by the names of their pictures."""
    return {
        "board": "/console",
        "orders": "/console/orders",
        "order": f"/console/orders/{order_id}",
        "slip": f"/console/orders/{order_id}/slip",
        "picking": "/console/picking",
        "box": f"/console/picking/{order_id}",
        "picklist": "/console/picking/print",
        "attention": "/console/attention",
        "catalogue": "/console/catalogue",
        "product": product,
        "freight": "/console/freight?cep=01310-100&sku=64030-01&quantity=2",
        "dashboard": "/console/dashboard?range=7d",
        "integrations": "/console/integrations",
        "credentials": "/console/integrations/credentials",
        "channels": "/console/integrations/channels",
        "channel": "/console/integrations/channels?name=whatsapp",
        "webhooks": "/console/integrations/webhooks",
        "omnichat": "/console/integrations/omnichat",
        "batches": "/console/integrations/batches",
        "tables": "/console/integrations/tables",
    }


async def shoot(page: Page, view: View, name: str) -> None:
    """One picture."""
    await page.wait_for_load_state("load")
    await asyncio.sleep(0.4)  # the bell asks after the page is there
    await page.screenshot(path=FOLDER / f"{view.name}-{name}.png")


if __name__ == "__main__":
    main()
