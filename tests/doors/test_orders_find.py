"""Find orders by any of their numbers, whatever characters those hold."""

from urllib.parse import quote
from uuid import uuid4

import pytest

from balcao.tenants.rules import Role
from tests.doors.shop import COMMERCE, ORDERS, Api, path_of, sent

STRANGE = [
    "a/b", "a//b", "/a/", "..", ".", "a#b", "50%", "%2F", "%25", "a b", " a", "ção", "日本", "a?b=c", "a&b;c", "a+b",
    "a\\b", "<a>", '"', "'", "a:b@c", "~!$()*,=", "a\tb", "external", "x" * 500, "payment", "😀", "[1]", "{a}", "İ",
]  # fmt: skip


async def test_external_ids_of_all_kinds(api: Api) -> None:
    for external_id in STRANGE:
        answer = await api.place(sent(ExternalId=external_id))
        assert answer.status_code == 201, (external_id, answer.text)
        order_id = answer.json()["id"]
        encoded = quote(external_id, safe="").replace(".", "%2E")
        paths = [
            f"{ORDERS}/external/{encoded}",
            f"{COMMERCE}/externalId/orders/{encoded}",
            f"{ORDERS}/orderNumber/{encoded}/",
            f"{ORDERS}/{encoded}",
        ]
        for path in paths[:3] if external_id == "external" else paths:  # where orders are created
            found = await api.get(path)
            assert (found.status_code, found.json().get("id")) == (200, order_id), (external_id, path, found.text)


async def test_changes_by_external_ids_of_all_kinds(api: Api) -> None:
    for external_id in ("a/b #1?é%20&x=1", "payment", "a/payment", "a%2Fpayment"):
        order_id = (await api.place(sent(ExternalId=external_id))).json()["id"]
        for segments in (("external", external_id), (external_id,)):
            await api.done("PUT", path_of(*segments, "payment"), {"nsu": "1"}, role=Role.CHANNEL)
        await api.done("PUT", path_of("external", external_id, "status"), {"status": 4}, role=Role.ERP)
        await api.done("POST", path_of(external_id, "cancel"), {"reason": "x"}, role=Role.ERP)
        assert (await api.order(order_id))["status"] == 10


async def test_a_sellers_number_of_any_kind(api: Api) -> None:
    for number in ("ERP/1#2 é%", "00042"):
        order_id = await api.paid()
        await api.done("PUT", path_of(order_id, "status"), {"status": 4, "sellerOrderId": number})
        found = await api.get(path_of("sellerOrderId", number))
        assert (found.status_code, found.json()["id"]) == (200, order_id)


async def test_a_guid_is_an_order_and_everything_else_an_external_id(api: Api) -> None:
    order_id = await api.placed()
    compact = order_id.replace("-", "")
    shaped = str(uuid4())
    other = (await api.place(sent(ExternalId=compact))).json()["id"]
    third = (await api.place(sent(ExternalId=shaped))).json()["id"]
    assert (await api.get(path_of(order_id))).json()["id"] == order_id
    assert (await api.get(path_of(order_id.upper()))).json()["id"] == order_id
    assert (await api.get(path_of(compact))).json()["id"] == other
    assert (await api.get(path_of(f"{{{order_id}}}"))).status_code == 404
    assert (await api.get(path_of(shaped))).status_code == 404
    assert (await api.get(path_of("external", shaped))).json()["id"] == third


@pytest.mark.parametrize("path", ["{}", "external/{}", "../externalId/orders/{}", "orderNumber/{}"])
async def test_an_external_id_of_two_channels(api: Api, path: str) -> None:
    await api.shop.channel("canal é/1")
    ids = [
        (await api.place(sent(ExternalId="SAME", Channel=channel))).json()["id"]
        for channel in ("ecommerce", "canal é/1")
    ]
    address = f"{ORDERS}/{path.format('SAME')}".replace("orders/../", "")
    answer = await api.get(address)
    assert (answer.status_code, answer.json()["code"]) == (409, "ambiguous_order")
    assert answer.json()["channels"] == ["canal é/1", "ecommerce"]
    assert "?channel=" in answer.json()["detail"]
    for channel, order_id in zip(("ecommerce", "canal é/1"), ids, strict=True):
        found = await api.get(address, params={"channel": channel})
        assert found.json()["id"] == order_id
        assert (await api.get(address, params={"Channel": channel})).json()["id"] == order_id
        own = await api.get(address, role=Role.CHANNEL, bound={"channel": channel})
        assert own.json()["id"] == order_id
    assert (await api.get(address, params={"channel": "nowhere"})).status_code == 404
    assert (await api.get(address, params={"channel": "ecommerce"}, role=Role.CHANNEL,
                          bound={"channel": "canal é/1"})).status_code == 404  # fmt: skip


async def test_changing_an_order_whose_external_id_is_in_two_channels(api: Api) -> None:
    await api.shop.channel("other")
    ids = [(await api.place(sent(ExternalId="SAME", Channel=name))).json()["id"] for name in ("ecommerce", "other")]
    for path in (path_of("SAME", "payment"), path_of("external", "SAME", "payment")):
        answer = await api.put(path, {}, role=Role.CHANNEL)
        assert (answer.status_code, answer.json()["code"]) == (409, "ambiguous_order")
    assert [(await api.order(order_id))["status"] for order_id in ids] == [1, 1]
    await api.done("PUT", path_of("SAME", "payment") + "?channel=other", {}, role=Role.CHANNEL)
    assert [(await api.order(order_id))["status"] for order_id in ids] == [1, 2]


async def test_a_sellers_number_that_two_stores_gave(api: Api) -> None:
    ids = [await api.paid(Seller={"PointSaleId": point}) for point in ("PDV-1", "PDV-2")]
    for order_id in ids:
        await api.done("PUT", path_of(order_id, "status"), {"status": 4, "sellerOrderId": "7"})
    answer = await api.get(path_of("sellerOrderId", "7"))
    assert (answer.status_code, answer.json()["code"]) == (409, "ambiguous_order")
    bound = {"seller_cnpj": "11222333000181"}
    assert (await api.get(path_of("sellerOrderId", "7"), role=Role.ERP, bound=bound)).json()["id"] == ids[1]


async def test_what_is_not_there(api: Api) -> None:
    await api.placed()
    for path in (
        path_of(str(uuid4())), path_of("NOPE"), path_of("external", "NOPE"), f"{COMMERCE}/externalId/orders/NOPE",
        path_of("orderNumber", "NOPE"), path_of("sellerOrderId", "NOPE"), path_of("NOPE", "invoicedetails"),
    ):  # fmt: skip
        answer = await api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found"), path
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["%zz", "%", "a%00b", "%ff%fe", "\\x"])
async def test_addresses_that_are_broken(api: Api, path: str) -> None:
    answer = await api.get(f"{ORDERS}/{path}")
    assert answer.status_code in {400, 404}
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_head_is_answered_as_a_get(api: Api) -> None:
    order_id = await api.placed()
    answer = await api.send("HEAD", path_of(order_id))
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, b"", "application/json")
