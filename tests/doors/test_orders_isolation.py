"""Nobody reads or moves what is not theirs: tenants, channels, stores, carriers."""

from typing import Any, NamedTuple

import pytest

from balcao.tenants.rules import Role
from tests.doors.shop import COMMERCE, ORDERS, Api, b64, nfe, path_of, sent
from tests.doors.test_orders_track import PDF
from tests.verbs.shop import OTHER_STORE, STORE, dump, open_shop


class Stranger(NamedTuple):
    """A credential that has nothing to do with the order; of another tenant where told."""

    role: Role
    bound: dict[str, Any]
    elsewhere: bool = False


STRANGERS = {
    "another tenant's administrator": Stranger(Role.ADMIN, {}, elsewhere=True),
    "another tenant's channel": Stranger(Role.CHANNEL, {}, elsewhere=True),
    "another tenant's ERP of the same store": Stranger(Role.ERP, {"seller_cnpj": STORE}, elsewhere=True),
    "another tenant's carrier of the same name": Stranger(Role.CARRIER, {"carrier": "SEDEX"}, elsewhere=True),
    "another channel": Stranger(Role.CHANNEL, {"channel": "other"}),
    "another store's ERP": Stranger(Role.ERP, {"seller_cnpj": OTHER_STORE}),
    "another store's operator": Stranger(Role.OPERATOR, {"seller_cnpj": OTHER_STORE}),
    "another carrier": Stranger(Role.CARRIER, {"carrier": "JADLOG"}),
    "the carrier bound to another store": Stranger(Role.CARRIER, {"carrier": "SEDEX", "seller_cnpj": OTHER_STORE}),
}
MAY = {
    "payment": {Role.CHANNEL, Role.OPERATOR, Role.ADMIN},
    "invoicedetails": {Role.ERP, Role.OPERATOR, Role.ADMIN},
    "trackingdetails": {Role.ERP, Role.OPERATOR, Role.ADMIN},
    "trackings": {Role.CARRIER, Role.ERP, Role.OPERATOR, Role.ADMIN},
    "status": {Role.CARRIER, Role.ERP, Role.OPERATOR, Role.ADMIN},
    "cancel": {Role.CHANNEL, Role.ERP, Role.OPERATOR, Role.ADMIN},
}
BODIES: dict[str, Any] = {
    "payment": {"nsu": "STOLEN"},
    "invoicedetails": {"key": "5" * 44, "number": 1, "serieNumber": 1},
    "trackingdetails": {"trackingCode": "STOLEN"},
    "trackings": {"trackingCode": "STOLEN", "label": {"content": b64(PDF)}},
    "status": {"status": 9},
    "cancel": {"reason": "STOLEN"},
}


@pytest.fixture
async def other(api: Api) -> Api:
    """The same shop once more, as another tenant."""
    other = Api(api.client, await open_shop(api.db, name="other"))
    for each in (api, other):
        await each.shop.channel("other")
    return other


@pytest.mark.parametrize("name", STRANGERS)
async def test_a_stranger(api: Api, other: Api, name: str) -> None:
    stranger = STRANGERS[name]
    order_id = await api.paid(ExternalId="MINE/1")
    await api.done("PUT", path_of(order_id, "invoicedetails"), {"xmlString": b64(nfe())}, role=Role.ERP)
    await api.done("PUT", path_of(order_id, "trackings"), {"label": {"content": b64(PDF)}}, role=Role.ERP)
    await api.done("PUT", path_of(order_id, "trackingdetails"), {}, role=Role.ERP)
    await api.done("PUT", path_of(order_id, "status"), {"status": 7, "sellerOrderId": "ERP-1"}, role=Role.ERP)
    order = await api.order(order_id)
    files = [order["invoice"]["xmlUrl"], order["invoice"]["fileUrl"], order["labels"][0]["url"]]
    house = other if stranger.elsewhere else api
    who: dict[str, Any] = {"role": stranger.role, "bound": stranger.bound}
    await house.token(stranger.role, **stranger.bound)
    before = await dump(api.db)

    for path in (
        path_of(order_id), path_of("MINE/1"), path_of("external", "MINE/1"), path_of("orderNumber", "MINE/1"),
        path_of("orderNumber", order["friendlyCode"]), path_of("sellerOrderId", "ERP-1"),
        path_of(order_id, "invoicedetails"), path_of("external", "MINE/1", "invoicedetails"),
        f"{COMMERCE}/externalId/orders/MINE%2F1", *(url.partition("?")[0] for url in files),
    ):  # fmt: skip
        for query in ("", "?channel=ecommerce"):
            answer = await house.get(path + query, **who)
            assert answer.status_code == 404, (path, answer.text)
            assert order["friendlyCode"] not in answer.text or order["friendlyCode"] in path
    for action, body in BODIES.items():
        for segments in ((order_id,), ("external", "MINE/1")):
            method = "POST" if action == "cancel" else "PUT"
            answer = await house.send(method, path_of(*segments, action), body, **who)
            assert answer.status_code == (404 if stranger.role in MAY[action] else 403), (action, answer.text)

    page = (await house.get(ORDERS, **who)).json()
    assert (page["orders"], page["maxCount"]) == ([], 0)
    for params in ({"lastUpdateSince": "2020-01-01"}, {"channel": "%"}, {"status": "7"}, {"sortField": "lastUpdate"}):
        assert (await house.get(ORDERS, params=params, **who)).json()["orders"] == []
    for cnpj in (STORE, OTHER_STORE):
        assert (await house.get(f"{COMMERCE}/sellers/{cnpj}/orders", **who)).json() == []
    assert await dump(api.db) == before


async def test_two_tenants_with_the_same_external_id(api: Api, other: Api) -> None:
    body = sent(ExternalId="SAME")
    mine = (await api.place(body)).json()["id"]
    theirs = (await other.place({**body, "ClientId": "other"})).json()["id"]
    assert mine != theirs
    for house, order_id in ((api, mine), (other, theirs)):
        assert (await house.get(path_of("external", "SAME"))).json()["id"] == order_id
        await house.done("PUT", path_of("external", "SAME", "payment"), {})
        assert [order["id"] for order in (await house.get(ORDERS)).json()["orders"]] == [order_id]
        assert (await house.order(order_id))["clientId"] == house.shop.tenant
    assert (await api.shop.level(), await other.shop.level()) == ((100, 1), (100, 1))


async def test_a_tenants_external_ids_are_free_in_another(api: Api, other: Api) -> None:
    """Nothing tells that a number is taken elsewhere: an id, an invoice's key, a seller's number."""
    ids = [await api.paid(ExternalId="A"), await other.paid(ExternalId="A", ClientId="other")]
    note = {"xmlString": b64(nfe()), "sellerOrderId": "7"}
    for house, order_id in zip((api, other), ids, strict=True):
        await house.done("PUT", path_of(order_id, "invoicedetails"), note, role=Role.ERP)
        assert (await house.get(path_of("sellerOrderId", "7"))).json()["id"] == order_id


async def test_each_channel_store_and_carrier_sees_its_own(api: Api, other: Api) -> None:
    jadlog = {"Freight__Reference": "JADLOG"}
    there = {"Seller": {"Cnpj": OTHER_STORE}}
    assert other.shop.tenant == "other"
    orders = {
        "A": await api.invoiced(ExternalId="A"),
        "B": await api.invoiced(ExternalId="B", Channel="other", **jadlog),
        "C": await api.shipped(ExternalId="C", **there),
        "D": await api.paid(ExternalId="D", **there, **jadlog),
        "E": await api.invoiced(ExternalId="E", IsDelivery=False),
    }
    sees: list[tuple[Role, dict[str, Any], str]] = [
        (Role.ADMIN, {}, "ABCDE"), (Role.ERP, {}, "ABCDE"), (Role.CHANNEL, {}, "ABCDE"),
        (Role.CHANNEL, {"channel": "ecommerce"}, "ACDE"), (Role.CHANNEL, {"channel": "other"}, "B"),
        (Role.ERP, {"seller_cnpj": STORE}, "ABE"), (Role.ERP, {"seller_cnpj": OTHER_STORE}, "CD"),
        (Role.OPERATOR, {"seller_cnpj": STORE, "channel": "other"}, "B"),
        (Role.CARRIER, {"carrier": "SEDEX"}, "AC"),  # neither what is collected nor what is not invoiced
        (Role.CARRIER, {"carrier": "JADLOG"}, "B"),
        (Role.CARRIER, {"carrier": "SEDEX", "seller_cnpj": OTHER_STORE}, "C"),
    ]  # fmt: skip
    for role, bound, expected in sees:
        page = (await api.get(ORDERS, role=role, bound=bound, params={"sortAscending": "true"})).json()
        assert ("".join(order["externalId"] for order in page["orders"]), page["maxCount"]) == (expected, len(expected))
        alone = [
            name for name, one in orders.items() if (await api.get(path_of(one), role=role, bound=bound)).is_success
        ]
        assert "".join(alone) == expected, (role, bound)
        polled = [
            order["externalId"]
            for cnpj in (STORE, OTHER_STORE)
            for order in (await api.get(f"{COMMERCE}/sellers/{cnpj}/orders", role=role, bound=bound)).json()
        ]
        assert sorted(polled) == list(expected), (role, bound)


async def test_a_carrier_loses_sight_of_a_cancelled_order(api: Api) -> None:
    order_id, carrier = await api.invoiced(), {"carrier": "SEDEX"}
    assert (await api.get(path_of(order_id), role=Role.CARRIER, bound=carrier)).status_code == 200
    await api.done("POST", path_of(order_id, "cancel"), {"reason": "x"}, role=Role.ERP)
    assert (await api.get(path_of(order_id), role=Role.CARRIER, bound=carrier)).status_code == 404


async def test_access_of_another_tenant(api: Api, other: Api) -> None:
    credential = (await other.get("/v1/credentials")).json()["credentials"][0]["clientId"]
    answer = await api.send("DELETE", f"/v1/credentials/{credential}")
    assert (answer.status_code, answer.json()["code"]) == (404, "credential_not_found")
    mine = {one["clientId"] for one in (await api.get("/v1/credentials")).json()["credentials"]}
    assert credential not in mine
    assert (await other.get("/v1/credentials")).status_code == 200
    body = {"role": "channel", "channel": "other"}
    assert (await api.post("/v1/credentials", body)).json()["clientId"].startswith("qaapp.")
