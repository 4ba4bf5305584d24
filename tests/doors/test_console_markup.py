"""Nothing that a client sends is markup: every field that the API takes, on every page of the console.

Pages are read as a browser reads them; what must not be there is an element or attribute that somebody sent.
"""

import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from lxml import html

from balcao.base.now import now_us
from balcao.base.settings import Settings, read_settings, settings_env
from balcao.doors.console import routes
from balcao.tenants.rules import Role
from tests.doors.catalog_shop import Erp
from tests.doors.conftest import Sit
from tests.doors.shop import ADDRESS, Api, key_of, lines, nfe, path_of
from tests.staff import SCRIPT, Staff
from tests.verbs.freight_shop import load, rate
from tests.verbs.shop import STORE

LINK = "javascript:alert(1)//<b>"
ALL = "/console/integrations"
WHERE = dict.fromkeys(ADDRESS, SCRIPT[:60]) | {
    "ZipCode": "04321130", "Complement": SCRIPT, "Reference": SCRIPT, "Label": SCRIPT, "Recipient": SCRIPT,
}  # fmt: skip
PAID: Mapping[str, Any] = {
    "Amount": 31.1,
    "PaymentMethod": {"Type": 1, "Brand": SCRIPT, "Info": SCRIPT, "CardHolderName": SCRIPT, "CardLastDigits": "<b>"},
    "PaymentStatus": 1,
    "QuantityInstallments": 3,
    "AcquirerMessage": SCRIPT,
    "AcquirerApprovalCode": SCRIPT,
    "Nsu": SCRIPT,
    "AuthorizationCode": SCRIPT,
    "Tid": SCRIPT,
    "ExternalOrderId": SCRIPT,
}
NOT_PAGES = {"/static/{digest:str}/{name:path}", "/language/{lang:str}", "/theme/{theme:str}", "/live", "/orders.csv",
             "/pictures/{thing_id:uuid}", "/orders/{order_id:uuid}/files/{name:str}", "/{rest:path}"}  # fmt: skip


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Webhooks may go to this machine."""
    return read_settings(settings_env(settings) | {"BALCAO_WEBHOOK_ALLOW_PRIVATE": "true"})


@pytest.fixture
async def sku(api: Api, client: httpx.AsyncClient, worker: None) -> str:
    """A product with such names, codes, bar codes, attributes and pictures, in a store of such a name; its SKU."""
    erp = Erp(client, await api.token(Role.ERP))
    own = {
        "code": SCRIPT[:50],
        "name": SCRIPT,
        "barcode": SCRIPT[:40],
        "auxCode": SCRIPT[:50],
        "Attributes": [{"type": "Text", "title": SCRIPT, "value": SCRIPT, "label": SCRIPT, "order": 1}],
        "images": [{"order": 1, "imageUrl": LINK}],
    }
    await erp.batch("/cp/management/commerce/sellers", {"cnpj": STORE, "name": SCRIPT, "pointSaleId": SCRIPT[:50]})
    await erp.batch("categories", {"code": SCRIPT[:50], "name": SCRIPT})
    product = {
        "code": SCRIPT[:50],
        "name": SCRIPT,
        "auxCode": SCRIPT[:50],
        "referenceCode": SCRIPT[:50],
        "brand": SCRIPT,
        "description": SCRIPT,
        "categories": [{"code": SCRIPT[:50]}],
        "skus": [own],
    }
    await erp.batch("products", product)
    await erp.batch("prices", {"Price": 10, "ProductCode": SCRIPT[:50]})
    await erp.batch("stocks", {"SkuCode": SCRIPT[:50], "SellerCode": STORE, "Quantity": 9})
    await erp.send("PUT", "prices", [{"Price": 1, "ProductCode": SCRIPT}], wait="true")
    return SCRIPT[:50]


async def placed(api: Api, sku: str, mark: str = "") -> str:
    """An order with such texts in every field that takes any."""
    async with api.db.transaction() as tx:
        await load(tx, api.shop.tenant, "NORMAL", rate((0, 99_999_999), (0, 5000), "15", 4))
    return await api.paid(
        ExternalId=mark + SCRIPT[:40],
        Items=[lines(x=1)[0] | {"SkuCode": sku, "ProductCode": sku}, *lines(s1=2)],
        OrderNote=SCRIPT,
        DealerCode=SCRIPT[:50],
        OrderPackageId=SCRIPT[:50],
        Voucher={"code": SCRIPT[:50]},
        CustomData=[{"key": SCRIPT, "value": SCRIPT}, {"key": "x", "value": [SCRIPT, {SCRIPT: SCRIPT}]}],
        Buyer__FullName=SCRIPT,
        Buyer__Email=SCRIPT,
        Buyer__PhoneNumber=SCRIPT[:30],
        Buyer__CompanyName=SCRIPT,
        Buyer__StateInscription=SCRIPT,
        Buyer__DateOfBirth=SCRIPT,
        Buyer__ImageUrl=LINK,
        Buyer__Address=WHERE,
        DeliveryAddress=WHERE,
        Freight__Description=SCRIPT,
        Freight__Reference=SCRIPT[:50],
        PaymentList=[PAID],
    )


async def fill(api: Api, staff: Staff, sku: str) -> dict[str, str]:
    """Such texts by every other way in; what stands in pages' addresses for their parameters."""
    order_id, sold = await placed(api, sku), await placed(api, sku, "2")
    note = {"status": "ApprovedExternal", "message": SCRIPT, "sellerOrderId": SCRIPT[:50]}
    await api.done("PUT", path_of(sold, "status"), note)
    facts = {"key": key_of(nfe()), "number": 1, "serieNumber": 1, "totalAmount": 31.1, "xmlUrl": LINK, "fileUrl": LINK}
    await api.put(path_of(sold, "invoicedetails"), facts)
    page = f"/console/orders/{sold}"
    await staff.post(f"{page}/label", on=page, label=(f"{SCRIPT}.pdf".replace("/", "|"), b"%PDF-1.4"), code=SCRIPT)
    told = {"trackingCode": SCRIPT, "trackingLink": LINK, "carrierName": SCRIPT, "deliveryDate": "2026-12-24"}
    await api.put(path_of(sold, "trackingdetails"), told)
    for each in (order_id, sold):
        await staff.post(f"/console/orders/{each}/reveal", on=f"/console/orders/{each}")
    await staff.post(f"/console/picking/{order_id}/scan", on=f"/console/picking/{order_id}", code=SCRIPT)
    reject = {"line": "2", "reason": "on_display", "quantity": "1"}
    await staff.post(f"/console/picking/{order_id}/reject", on=f"/console/picking/{order_id}", **reject)
    gone = await placed(api, sku, "3")
    await api.post(path_of(gone, "cancel"), {"reason": SCRIPT})
    hook = f"{ALL}/webhooks"
    await staff.post(hook, on=hook, url="http://127.0.0.1:9/" + "x", description=SCRIPT, types="order.*")
    chat = {"name": SCRIPT, "channel": "ecommerce", "checkout": "omni", "api_secret": "their-secret", "seller": STORE}
    await staff.post(f"{ALL}/omnichat", on=f"{ALL}/omnichat", **chat)
    async with api.db.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO webhook_delivery (tenant, webhook_id, seq, type, subject, body, attempts, due_us, lease_us,
                                          status, error, died_us)
            SELECT tenant, webhook_id, $2, $3, $3, '{}', 10, 0, 0, 500, $3, $2 FROM webhook WHERE tenant = $1
            """,
            *(api.shop.tenant, now_us(), SCRIPT),
        )
    known = {
        "order_id:uuid": sold,
        "product_id:uuid": str(await api.value("SELECT product_id FROM product WHERE code = $1", sku)),
        "sku_id:uuid": str(await api.value("SELECT sku_id FROM sku WHERE code = $1", sku)),
        "seller_id:uuid": str(await api.value("SELECT seller_id FROM seller WHERE cnpj = $1", STORE)),
        "webhook_id:uuid": str(await api.value("SELECT webhook_id FROM webhook WHERE way = 'standard'")),
        "integration_id:str": str(await api.value("SELECT integration_id FROM omnichat_integration")),
        "batch_id:uuid": str(await api.value("SELECT batch_id FROM import_batch WHERE failed > 0")),
        "table_id:uuid": str(await api.value("SELECT table_id FROM freight_table LIMIT 1")),
        "picked": order_id,
    }
    assert "None" not in known.values(), known
    return known


def addresses(known: Mapping[str, str]) -> list[str]:
    """An address of every page there is, made of the routes themselves: a page that is added is looked at, too."""
    found = []
    for path in sorted(path for handler in routes if "GET" in handler.http_methods for path in handler.paths):
        if path in NOT_PAGES:
            continue
        own = path.replace("{order_id:uuid}", known["picked"]) if path.startswith("/picking") else path
        for name, value in known.items():
            own = own.replace(f"{{{name}}}", value)
        assert "{" not in own, f"say what stands for the parameters of {path}"
        found.append(f"/console{own}")
    return found


def strange(page: str) -> list[str]:
    """Elements and attributes that none of our templates has."""
    wrong = []
    for element in html.parse(io.StringIO(page)).iter():
        if not isinstance(element.tag, str):
            continue
        wrong += [f"<{element.tag} {name}>" for name in element.attrib if name.startswith("on") or name == "style"]
        if element.tag in ("b", "iframe", "object", "embed", "style", "base"):
            wrong.append(f"<{element.tag}>")
        if element.tag == "script" and (not element.get("src", "").startswith("/console/static/") or element.text):
            wrong.append(f"<script>{element.text}")
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post", "{http://www.w3.org/1999/xlink}href"):
            if urlsplit(element.get(name, "")).scheme not in ("", "http", "https"):
                wrong.append(f"<{element.tag} {name}={element.get(name)}>")
        if element.tag == "img" and not element.get("src", "").startswith("/console/"):
            wrong.append(f"<img src={element.get('src')}>")
    return wrong


async def test_strange_things_are_found() -> None:
    for bad in (
        SCRIPT,
        "<b>",
        f'<a href="{LINK}">',
        "<p onclick=x>",
        "<p style=x>",
        "<img src=//x/y>",
        "<script>1</script>",
    ):
        assert strange(f"<html><body><p>x</p>{bad}</body></html>"), bad
    assert strange('<html><body><a href="/console">x</a><img src="/console/x"></body></html>') == []


async def test_nothing_that_a_client_sends_is_markup(api: Api, sit: Sit, sku: str) -> None:
    staff = await sit(api.shop.tenant)
    known = await fill(api, staff, sku)
    paths = addresses(known)
    paths += [f"/console/orders/{known['picked']}", f"/console/orders/{known['picked']}/slip"]
    paths += [f"/console/freight?cep=04321130&sku={sku}&quantity=1", f"{ALL}/tables?carrier={SCRIPT}"]
    asked = "&".join(f"{name}={SCRIPT}" for name in ("q", "channel", "freight", "kind", "range"))
    with_filters = ("/console", "/console/orders", "/console/catalogue", f"{ALL}/batches", "/console/dashboard")
    paths += [f"{path}?{asked}&seller={STORE}" for path in with_filters]
    assert len(paths) > 30
    shown = 0
    for path in paths:
        answer = await staff.get(path)
        assert answer.status_code == 200 or "?" in path, (path, answer.status_code)
        assert strange(answer.text) == [], path
        shown += "&lt;script&gt;" in answer.text
    assert shown > 20, "the texts are on most of these pages"
    for path in (f"/console/orders/{known['order_id:uuid']}/slip", "/console/picking/print", "/console/picking"):
        assert "&lt;script&gt;" in (await staff.get(path)).text, path
