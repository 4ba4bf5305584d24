"""Store staff's day in a real browser: every page on a phone and at a desk, in both languages, and live."""

import re
import sys
import time

from playwright.async_api import Page, expect

from balcao.base.db import Database
from balcao.users.rules import UserRole
from tests.browser.conftest import Desk, View, check_accessible
from tests.doors.shop import Api, lines, nfe
from tests.staff import add_user
from tests.verbs.shop import STORE


def says(view: View, pt: str, en: str) -> str:
    """The text in the language that the view reads."""
    return pt if view.locale == "pt-BR" else en


async def press(page: Page, name: str) -> None:
    """Press the button of this name, as people find it."""
    await page.get_by_role("button", name=re.compile(re.escape(name))).first.click()


async def test_a_new_order_appears_on_an_open_board(desk: Desk, api: Api, view: View) -> None:
    await add_user(api.db, api.shop.tenant)
    page = await desk()
    await expect(page.locator("html")).to_have_attribute("data-line", "open")
    await api.token()
    order_id = await api.placed(ExternalId="AO-VIVO-1")
    await expect(page.locator(f"#card-{order_id}")).to_be_visible()
    await api.done("PUT", f"/cp/management/commerce/orders/{order_id}/payment", {"nsu": "1"})
    lane = page.locator("section", has=page.locator("#lane-AwaitingCreation"))
    await expect(lane.locator(f"#card-{order_id}")).to_be_visible()
    await check_accessible(page)
    await page.locator(f"#card-{order_id} a").click()
    await expect(page.locator("h1")).to_contain_text("AO-VIVO-1")
    assert view.width >= 360


SEEN = """
window.seen = {};
new MutationObserver(() => {
  for (const card of document.querySelectorAll("[id^=card-]")) window.seen[card.id] ??= Date.now();
}).observe(document.body, { childList: true, subtree: true });
"""


async def test_new_orders_are_soon_on_an_open_board(desk: Desk, api: Api) -> None:
    """Without a reload; how soon is printed, and far more than the second it takes is granted to a busy machine."""
    await add_user(api.db, api.shop.tenant)
    page = await desk()
    await expect(page.locator("html")).to_have_attribute("data-line", "open")
    await page.evaluate("window.stays = true")
    await page.evaluate(SEEN)
    answered = {}
    for _ in range(7):
        order_id = await api.placed()
        answered[f"card-{order_id}"] = time.time() * 1000
        await expect(page.locator(f"#card-{order_id}")).to_be_visible()
    seen = await page.evaluate("window.seen")
    waits = sorted(seen[card] - at for card, at in answered.items())
    sys.stdout.write(f"an order is on an open board within {waits[3]:.0f} ms (median of 7; {waits[-1]:.0f} at most)\n")
    assert await page.evaluate("window.stays"), "the page was not loaded again"
    assert waits[3] < 5_000


async def test_delivery_from_payment_to_the_door(desk: Desk, api: Api, view: View) -> None:
    await add_user(api.db, api.shop.tenant)
    order_id = await api.placed(Items=lines(s1=2), PaymentList=[{"Amount": 21.1, "PaymentMethod": {"Type": 7}}])
    total = str((await api.order(order_id))["totalAmount"])
    page = await desk()
    await page.goto(f"/console/orders/{order_id}")
    await check_accessible(page)
    await press(page, says(view, "Aprovar pagamento", "Approve payment"))
    await page.fill("#d-pay [name=nsu]", "123456")
    await check_accessible(page)
    await page.click("#d-pay button.btn-primary")
    await expect(page.locator(".notice-success")).to_contain_text(says(view, "Pagamento aprovado", "Payment approved"))

    await page.get_by_role("link", name=says(view, "Separar", "Pick"), exact=True).click()
    await page.fill("[data-scan]", "wrong-code")
    await page.keyboard.press("Enter")
    await expect(page.locator(".notice-danger")).to_contain_text(says(view, "não é deste pedido", "not in this order"))
    await check_accessible(page)
    await expect(page.locator("[data-scan]")).to_be_focused()
    for count in ("1/2", "2/2"):
        await page.fill("[data-scan]", "1")
        await page.keyboard.press("Enter")
        await expect(page.locator("#count-1")).to_have_text(count)
    await check_accessible(page)
    await press(page, says(view, "Concluir separação", "Finish picking"))
    await expect(page.locator("#order")).to_contain_text(says(view, "Separado", "Separated"))

    await press(page, says(view, "Anexar NF-e", "Attach NF-e"))
    note = {"name": "nota.xml", "mimeType": "application/xml", "buffer": nfe(total)}
    await page.set_input_files("#d-invoice [name=xml]", note)  # type: ignore[arg-type]
    await page.click("#d-invoice button.btn-primary")
    await expect(page.get_by_role("link", name="DANFE")).to_be_visible()

    await press(page, says(view, "Anexar etiqueta", "Attach label"))
    label = {"name": "etiqueta.zpl", "mimeType": "text/plain", "buffer": b"^XA^FDBR1^FS^XZ"}
    await page.set_input_files("#d-label [name=label]", label)  # type: ignore[arg-type]
    await page.click("#d-label button.btn-primary")
    await expect(page.get_by_role("link", name=says(view, "Etiqueta 1", "Label 1"))).to_be_visible()

    await press(page, says(view, "Despachar", "Dispatch"))
    await page.fill("#d-ship [name=code]", "BR123456789BR")
    await page.click("#d-ship button.btn-primary")
    await expect(page.locator("#order")).to_contain_text("BR123456789BR")
    await press(page, says(view, "Finalizar", "Finalise"))
    await expect(page.locator("#actions")).to_contain_text(says(view, "Nada mais a fazer", "Nothing more to do"))
    await check_accessible(page)
    assert (await api.order(order_id))["status"] == 9


async def test_pickup_over_the_counter(desk: Desk, api: Api, view: View) -> None:
    await add_user(api.db, api.shop.tenant, "rui@loja.example", UserRole.OPERATOR, [STORE])
    order_id = await api.paid(IsDelivery=False)
    await api.done("PUT", f"/cp/management/commerce/orders/{order_id}/status", {"status": "ReadyForPickup"})
    code = (await api.order(order_id))["friendlyCode"]
    page = await desk("rui@loja.example")
    await page.fill("header input[type=search]", code)
    await page.keyboard.press("Enter")
    await press(page, says(view, "Entregar ao cliente", "Hand over"))
    await page.fill("#d-hand [name=code]", "ERRADO")
    await page.fill("#d-hand [name=document]", "55570403906")
    await check_accessible(page)
    await page.click("#d-hand button.btn-primary")
    await expect(page.locator("#d-hand .notice-danger")).to_be_visible()
    await expect(page.locator("#d-hand [name=document]")).to_have_value("55570403906")
    await expect(page.locator("#d-hand [name=code]")).to_be_focused()
    await check_accessible(page)
    await page.fill("#d-hand [name=code]", code)
    await page.click("#d-hand button.btn-primary")
    await expect(page.locator(".notice-success")).to_be_visible()
    assert (await api.order(order_id))["status"] == 9


async def test_of_two_operators_one_is_told_why_not(desk: Desk, api: Api, view: View) -> None:
    await add_user(api.db, api.shop.tenant)
    await add_user(api.db, api.shop.tenant, "rui@loja.example", UserRole.OPERATOR, [STORE])
    order_id = await api.invoiced()
    one, other = await desk(), await desk("rui@loja.example")
    for page in (one, other):
        await page.goto(f"/console/orders/{order_id}")
    await press(one, says(view, "Despachar", "Dispatch"))
    await press(other, says(view, "Cancelar", "Cancel"))
    await other.fill("#d-cancel [name=reason]", "o cliente desistiu")
    await one.fill("#d-ship [name=code]", "BR1")
    await one.click("#d-ship button.btn-primary")
    await expect(one.locator(".notice-success")).to_be_visible()
    await other.click("#d-cancel button.btn-danger")
    why = says(view, "e não pode passar para «Cancelado", "and cannot move to “Cancelled")
    await expect(other.locator(".notice-danger")).to_contain_text(why)
    await expect(other.locator("#order")).to_contain_text(says(view, "Em transporte", "In transit"))
    assert (await api.order(order_id))["status"] == 7


async def test_an_open_order_follows_what_others_do(desk: Desk, api: Api, view: View) -> None:
    await add_user(api.db, api.shop.tenant)
    order_id = await api.paid()
    page = await desk()
    await page.goto(f"/console/orders/{order_id}")
    await expect(page.locator("html")).to_have_attribute("data-line", "open")
    await api.done("PUT", f"/cp/management/commerce/orders/{order_id}/status", {"status": "ApprovedExternal"})
    await expect(page.locator("#order")).to_contain_text(says(view, "Confirmado pela loja", "Confirmed by the store"))


async def test_what_needs_a_person_rings(desk: Desk, api: Api, db: Database, view: View) -> None:
    await add_user(db, api.shop.tenant)
    order_id = await api.paid(Items=lines(s1=2))
    page = await desk()
    await page.goto(f"/console/picking/{order_id}")
    await page.click(".reject summary")
    await check_accessible(page)
    await press(page, says(view, "Recusar item", "Reject the item"))
    await expect(page.locator(".notice-warning")).to_contain_text(says(view, "precisa de alguém", "needs somebody"))
    await expect(page.locator("#bell .badge-count")).to_have_text("1")
    await page.click("#bell")
    await check_accessible(page)
    await press(page, says(view, "Atendido", "Attended to"))
    await expect(page.locator("#bell .badge-count")).to_have_count(0)


async def test_every_page_is_accessible_and_light(desk: Desk, api: Api, view: View) -> None:
    await add_user(api.db, api.shop.tenant)
    order_id = await api.invoiced()
    waiting = await api.paid(Items=lines(s1=2, s2=1))
    page = await desk()
    bytes_of: dict[str, int] = {}

    async def weigh(path: str) -> int:
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        loaded: list[float] = []
        session.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
        await page.goto(path, wait_until="load")
        await expect(page.locator("html")).to_have_attribute("data-line", "open")
        await session.detach()
        return round(sum(loaded))

    for path in (
        "/console",
        "/console/orders",
        "/console/orders?status=Pending",
        f"/console/orders/{order_id}",
        f"/console/orders/{order_id}/slip",
        "/console/picking",
        f"/console/picking/{waiting}",
        "/console/picking/print",
        "/console/attention",
        "/console/nowhere",
    ):
        if path != "/console/nowhere":
            bytes_of[path] = await weigh(path)
            await check_accessible(page)
    assert max(bytes_of.values()) <= 30_000, bytes_of

    fresh = await page.context.browser.new_context(base_url=page.url.split("/console")[0])  # type: ignore[union-attr]
    await fresh.add_cookies(await page.context.cookies())  # type: ignore[arg-type]
    page = await fresh.new_page()
    first = await weigh(f"/console/orders/{order_id}")
    await fresh.close()
    assert 30_000 < first <= 250_000, first
