"""Invoices over HTTP (contract, section 3.7): facts alone, and NF-e with their XML."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from balcao.base.errors import Invalid
from balcao.fiscal.nfe import XML_BYTES_MAX, read_nfe
from balcao.tenants.rules import Role
from tests.doors.shop import Api, b64, key_of, lines, nfe, path_of, sent
from tests.rules.nfe_samples import change, make_nfe, sample_paths
from tests.verbs.shop import OTHER_STORE, STORE

KEY = "35260804109169000135550010000001231000001233"
FACTS: dict[str, Any] = {
    "key": KEY,
    "number": "123",
    "serieNumber": "1",
    "totalAmount": 11.0,
    "xmlUrl": "https://erp.example/nfe/123.xml",
    "fileUrl": "https://erp.example/nfe/123.pdf",
    "issuanceDate": "2026-08-09T12:00:00-03:00",
}


def address(order_id: str) -> str:
    return path_of(order_id, "invoicedetails")


async def invoice(api: Api, order_id: str, body: Any) -> None:
    await api.done("PUT", address(order_id), body, role=Role.ERP)


async def refused(api: Api, order_id: str, body: Any) -> tuple[int, Any]:
    """Status and code, or the fields blamed, of a refusal that left everything but the log as it was."""
    before = await api.order(order_id)
    answer = await api.put(address(order_id), body, role=Role.ERP)
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    after = await api.order(order_id)
    assert after | {"actionLogs": 0} == before | {"actionLogs": 0}
    problem = answer.json()
    return answer.status_code, list(problem["errors"]) if "errors" in problem else problem["code"]


@pytest.mark.parametrize(
    "body", [FACTS, {"invoice": FACTS}, {"Invoice": {**FACTS, "Number": 123, "SerieNumber": 1}, "SellerOrderId": 42}]
)
async def test_facts_alone(api: Api, body: dict[str, Any]) -> None:
    order_id = await api.paid()
    await invoice(api, order_id, body)
    order = await api.order(order_id)
    assert (order["status"], order["sellerOrderId"]) == (20, "42" if "SellerOrderId" in body else None)
    assert order["invoice"] == {
        "key": KEY, "number": "123", "serieNumber": 1, "totalAmount": 11, "xmlUrl": FACTS["xmlUrl"],
        "fileUrl": FACTS["fileUrl"], "issuanceDate": "2026-08-09T15:00:00.000000Z", "items": [],
    }  # fmt: skip
    assert await api.shop.level() == (99, 0)
    read = await api.get(address(order_id), role=Role.ERP)
    assert read.json() == {"orderId": order_id, "externalId": order["externalId"], "invoices": [order["invoice"]]}


async def test_until_there_is_one(api: Api) -> None:
    order_id = await api.paid()
    external = (await api.order(order_id))["externalId"]
    for path in (address(order_id), path_of("external", external, "invoicedetails")):
        answer = await api.get(path, role=Role.ERP)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_invoice")
        assert answer.json()["detail"] == f"Order {external!r} has no invoice yet."


@pytest.mark.parametrize("raw", [False, True])
async def test_with_its_xml(api: Api, raw: bool) -> None:
    order_id, xml = await api.paid(), nfe("11.00", number=77)
    body = {"invoice": {"xmlString": xml.decode() if raw else b64(xml)}, "sellerOrderId": "ERP-1"}
    await invoice(api, order_id, body)
    shown = (await api.order(order_id))["invoice"]
    assert (shown["key"], shown["number"], shown["serieNumber"], shown["totalAmount"]) == (key_of(xml), "77", 1, 11)
    assert shown["issuanceDate"] == "2026-08-09T12:30:15.000000Z"
    stored = await api.client.get(shown["xmlUrl"])
    assert (stored.status_code, stored.headers["Content-Type"]) == (200, "application/xml")
    assert read_nfe(stored.content) == read_nfe(xml)
    danfe = await api.client.get(shown["fileUrl"])
    assert (danfe.status_code, danfe.headers["Content-Type"], danfe.content[:5]) == (200, "application/pdf", b"%PDF-")


async def test_the_store_as_erps_send_it_along(api: Api) -> None:
    order_id = await api.paid()
    for seller in ("04.109.169/0001-35", "PDV-1", {"pointSaleId": "PDV-1"}, {"cnpj": STORE}, "", None):
        await invoice(api, order_id, {"invoice": FACTS, "seller": seller})
    xml = b64(nfe())
    assert await refused(api, order_id, {"invoice": {"xmlString": xml}, "seller": OTHER_STORE}) == (400, ["seller"])


async def test_with_its_xml_and_all_that_it_says_beside(api: Api) -> None:
    order_id, xml = await api.paid(), nfe("11.00", number=78)
    key = key_of(xml)
    facts = {"key": " ".join(key[n : n + 4] for n in range(0, 44, 4)), "number": "000078", "serieNumber": "001",
             "totalAmount": 11, "issuanceDate": "2026-08-09T12:30:15Z", "xmlUrl": "https://erp.example/78"}  # fmt: skip
    await invoice(api, order_id, {"invoice": facts | {"xmlString": b64(xml)}, "seller": {"cnpj": STORE}})
    assert (await api.order(order_id))["invoice"]["key"] == key


NOTES = {name: path.read_bytes() for name, path in sample_paths().items()}


def readable(xml: bytes) -> bool:
    try:
        read_nfe(xml)
    except Invalid:
        return False
    return True


async def test_every_real_note_that_nfelib_ships(api: Api) -> None:
    good = {name: xml for name, xml in NOTES.items() if readable(xml)}
    assert (len(NOTES), len(good)) == (20, 17)
    await api.shop.channel(stock_policy="off")
    tried: set[str] = set()
    for name, xml in good.items():
        note = read_nfe(xml)
        if note.access_key in tried:  # one note is there twice, with and without line breaks
            continue
        tried.add(note.access_key)
        cnpj = note.issuer_document
        async with api.db.transaction() as tx:
            await tx.execute("UPDATE seller SET cnpj = $1 WHERE seller_id = $2", cnpj, api.shop.stores[STORE])
        item = {"SkuCode": "1", "ProductCode": "1", "Quantity": 1, "UnitPrice": float(note.total), "DiscountPrice": 0}
        order_id = await api.paid(Seller={"Cnpj": cnpj}, Items=[item], Freight__Amount=0)
        await invoice(api, order_id, {"xmlString": b64(xml)})
        order = await api.order(order_id)
        assert (order["status"], order["invoice"]["key"]) == (20, note.access_key), name
        assert Decimal(str(order["invoice"]["totalAmount"])) == note.total
        danfe = await api.client.get(order["invoice"]["fileUrl"])
        assert (danfe.status_code, danfe.content[:5]) == (200, b"%PDF-"), name
    assert len(tried) == 16


async def test_what_nfelib_ships_and_is_no_note(api: Api) -> None:
    order_id = await api.paid()
    for name, xml in NOTES.items():
        if not readable(xml):
            assert await refused(api, order_id, {"xmlString": b64(xml)}) == (400, ["xmlString"]), name


def bomb(xml: bytes) -> bytes:
    """A billion laughs before the note."""
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f"<!DOCTYPE n [{entities}]>".encode() + change(xml, r"<xProd>[^<]*", "<xProd>&a9;").partition(b"?>\n")[2]


def external(xml: bytes) -> bytes:
    entity = b'<!DOCTYPE n [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    return entity + change(xml, r"<xProd>[^<]*", "<xProd>&x;").partition(b"?>\n")[2]


def wrong_digit(xml: bytes) -> bytes:
    key = key_of(xml)
    return xml.replace(key.encode(), (key[:-1] + str((int(key[-1]) + 1) % 10)).encode())


UNSOUND: dict[str, Callable[[bytes], bytes]] = {
    "wrong check digit": wrong_digit,
    "another issuer's key": lambda xml: xml.replace(key_of(xml).encode(), key_of(nfe(issuer=OTHER_STORE)).encode()),
    "another note's key": lambda xml: xml.replace(key_of(xml).encode(), key_of(nfe(number=999)).encode()),
    "another note's protocol": lambda xml: change(xml, r"<chNFe>[^<]*", "<chNFe>" + key_of(nfe(number=998))),
    "denied": lambda xml: change(xml, r"<cStat>100", "<cStat>110"),
    "entity bomb": bomb,
    "external entity": external,
    "a receipt": lambda xml: change(xml, r"<mod>55", "<mod>65"),
    "another layout": lambda xml: change(xml, r'infNFe versao="4.00"', 'infNFe versao="3.10"'),
    "two notes": lambda xml: b"<enviNFe xmlns='http://www.portalfiscal.inf.br/nfe'>" + xml.partition(b"?>")[2] * 2
    + b"</enviNFe>",
    "half of it": lambda xml: xml[: len(xml) // 2],
    "a page": lambda _: b"<html><script>alert(1)</script></html>",
    "nothing": lambda _: b" ",
    "a picture": lambda _: b"\x89PNG\r\n\x1a\n\x00",
}  # fmt: skip


async def test_unsound_xml(api: Api) -> None:
    order_id = await api.paid()
    for name, make in UNSOUND.items():
        assert await refused(api, order_id, {"xmlString": b64(make(nfe()))}) == (400, ["xmlString"]), name
        body = {"invoice": {"xmlString": b64(make(nfe()))}}
        assert await refused(api, order_id, body) == (400, ["invoice.xmlString"]), name
    assert await api.value("SELECT count(*) FROM invoice_key") == 0


async def test_too_much_xml(api: Api) -> None:
    order_id = await api.paid()
    for megabytes in (3, 7):
        filler = b"<!--" + b"x" * (megabytes << 20) + b"-->"
        assert await refused(api, order_id, {"xmlString": (nfe() + filler).decode()}) == (413, "too_large")
        assert await refused(api, order_id, {"xmlString": b64(nfe() + filler)}) == (413, "too_large")
    assert await refused(api, order_id, {"xmlString": "x" * (10 << 20)}) == (413, "too_large")
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    assert len(deep) < XML_BYTES_MAX
    assert await refused(api, order_id, {"xmlString": b64(deep)}) == (400, ["xmlString"])


async def test_xml_that_disagrees_with_what_was_sent(api: Api) -> None:
    order_id, xml = await api.paid(), nfe("11.00", number=79)
    for wrong in (
        {"key": key_of(nfe())},
        {"number": "80"},
        {"serieNumber": 2},
        {"totalAmount": 11.01},
        {"issuanceDate": "2026-08-08T12:30:15Z"},
    ):
        body: dict[str, Any] = {"xmlString": b64(xml), **wrong}
        assert await refused(api, order_id, body) == (400, list(wrong))
        assert await refused(api, order_id, {"invoice": body}) == (400, [f"invoice.{name}" for name in wrong])
    other = {"xmlString": b64(xml), "seller": {"cnpj": OTHER_STORE}}
    assert await refused(api, order_id, other) == (400, ["seller"])
    await invoice(api, order_id, {"xmlString": b64(xml)})


async def test_more_than_the_order_comes_to(api: Api) -> None:
    order_id = await api.paid()
    assert await refused(api, order_id, {"xmlString": b64(nfe("11.01"))}) == (409, "invoice_exceeds_order")
    assert await refused(api, order_id, FACTS | {"totalAmount": 11.01}) == (409, "invoice_exceeds_order")
    assert [log["type"] for log in (await api.order(order_id))["actionLogs"]].count("Refused") == 2


async def test_another_stores_note_is_taken_with_a_warning(api: Api) -> None:
    order_id = await api.paid()
    await invoice(api, order_id, {"xmlString": b64(nfe("11.00", issuer=OTHER_STORE))})
    doubts = [log["internalMessage"] for log in (await api.order(order_id))["actionLogs"] if log["type"] == "Warning"]
    assert f"issued by {OTHER_STORE}, the order's store is {STORE}" in doubts


async def test_the_same_key_again_and_on_another_order(api: Api) -> None:
    order_id, other = await api.paid(), await api.paid()
    xml = b64(nfe("11.00"))
    await invoice(api, order_id, {"xmlString": xml})
    before = await api.order(order_id)
    await invoice(api, order_id, {"xmlString": xml})
    assert await api.order(order_id) == before
    assert await refused(api, other, {"xmlString": xml}) == (409, "invoice_key_taken")
    answers = await asyncio.gather(
        *(api.put(address(one), FACTS, role=Role.ERP) for one in [await api.paid() for _ in range(6)])
    )
    assert sorted(answer.status_code for answer in answers) == [204, *[409] * 5]


async def test_several_invoices(api: Api) -> None:
    order_id = await api.paid(Items=lines(s1=2, s2=3))
    first, second = nfe("20.00"), nfe("31.00")
    await invoice(api, order_id, {"xmlString": b64(first), "items": [{"skuCode": "1", "quantity": 2}]})
    assert (await api.shop.level("1"), await api.shop.level("2")) == ((98, 0), (100, 3))
    over = {"xmlString": b64(second), "items": [{"skuCode": "2", "quantity": 4}]}
    assert await refused(api, order_id, over) == (400, ["items"])
    await invoice(api, order_id, over | {"items": [{"SkuCode": "2", "Quantity": 3}]})
    assert await api.shop.level("2") == (97, 0)
    order = await api.order(order_id)
    assert [one["key"] for one in order["invoices"]] == [key_of(first), key_of(second)]
    assert (order["invoice"]["key"], order["status"]) == (key_of(second), 20)
    assert order["invoices"][0]["items"] == [{"skuCode": "1", "quantity": 2}]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["key", "number", "serieNumber"]),
        ({"invoice": {"key": KEY}}, ["invoice.number", "invoice.serieNumber"]),
        (FACTS | {"key": KEY[:-1]}, ["key"]),
        (FACTS | {"key": "é" * 44}, ["key"]),
        (FACTS | {"totalAmount": -1}, ["totalAmount"]),
        (FACTS | {"issuanceDate": "yesterday"}, ["issuanceDate"]),
        (FACTS | {"items": [{"skuCode": "1", "quantity": 0}]}, ["items[0].quantity"]),
        (FACTS | {"items": [{"skuCode": "99", "quantity": 1}]}, ["items"]),
        (b"[]", ["body"]),
    ],
)
async def test_what_is_no_invoice(api: Api, body: Any, fields: list[str]) -> None:
    assert await refused(api, await api.paid(), body) == (400, fields)


async def test_where_no_invoice_is_taken(api: Api) -> None:
    body = sent()
    order_id = (await api.place(body)).json()["id"]
    assert await refused(api, order_id, FACTS) == (409, "refused_transition")
    await api.done("POST", path_of("external", body["ExternalId"], "cancel"), {"reason": "no"})
    assert await refused(api, order_id, {"xmlString": b64(make_nfe(total=Decimal(11), issuer_cnpj=STORE))}) == (
        409, "refused_transition",
    )  # fmt: skip
