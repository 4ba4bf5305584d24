"""An order's files: with a token for who may see the order, by a signed link for everybody else."""

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import httpx
import pytest

from balcao.base.now import now_us
from balcao.base.settings import Settings
from balcao.base.values import Micros
from balcao.doors.neomode.orders.links import DAY_US, sign, signing_key
from balcao.tenants.rules import Role
from tests.doors.shop import EXAMPLE, Api, b64, key_of, nfe, path_of
from tests.doors.test_orders_track import PDF
from tests.verbs.shop import OTHER_STORE, STORE, open_shop


class Filed:
    """An order with all three kinds of file, and their addresses."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.id, invoice = order["id"], order["invoice"]
        self.links = [invoice["xmlUrl"], invoice["fileUrl"], order["labels"][0]["url"]]
        self.paths = [urlsplit(link).path for link in self.links]


@pytest.fixture
async def filed(api: Api) -> Filed:
    order_id = await api.paid()
    await api.done("PUT", path_of(order_id, "invoicedetails"), {"xmlString": b64(nfe())}, role=Role.ERP)
    await api.done("PUT", path_of(order_id, "trackings"), {"label": {"content": b64(PDF)}}, role=Role.ERP)
    return Filed(await api.order(order_id))


async def codes(api: Api, paths: list[str], **more: Any) -> list[int]:
    return [(await api.get(path, **more)).status_code for path in paths]


async def without_token(client: httpx.AsyncClient, url: str) -> tuple[int, str | None]:
    """Status, and the code of a refusal."""
    answer = await client.get(url)
    problem = answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"] if problem else None


async def test_the_documented_addresses(api: Api, filed: Filed) -> None:
    key = (await api.order(filed.id))["invoice"]["key"]
    root = f"/order-files/qaapp/{filed.id}"
    assert filed.paths == [f"{root}/xml_{key}.xml", f"{root}/file_{key}.pdf", f"{root}/label_1"]
    for path, start, kind in zip(
        filed.paths,
        (b"<?xml", b"%PDF-", b"%PDF-"),
        ("application/xml", "application/pdf", "application/pdf"),
        strict=True,
    ):
        for variant in (path, f"/cp{path}", f"{path}/"):
            answer = await api.get(variant)
            assert (answer.status_code, answer.content[:5], answer.headers["Content-Type"]) == (200, start, kind)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
            assert answer.headers["Cache-Control"].startswith("private")


async def test_who_may_see_the_order_may_have_its_files(api: Api, filed: Filed) -> None:
    await api.shop.channel("other")
    for role, bound, expected in (
        (Role.ADMIN, {}, 200), (Role.OPERATOR, {}, 200), (Role.CHANNEL, {}, 200), (Role.ERP, {}, 200),
        (Role.CHANNEL, {"channel": "ecommerce"}, 200), (Role.CHANNEL, {"channel": "other"}, 404),
        (Role.ERP, {"seller_cnpj": STORE}, 200), (Role.ERP, {"seller_cnpj": OTHER_STORE}, 404),
        (Role.CARRIER, {"carrier": "SEDEX"}, 200), (Role.CARRIER, {"carrier": "JADLOG"}, 404),
    ):  # fmt: skip
        assert await codes(api, filed.paths, role=role, bound=bound) == [expected] * 3, (role, bound)


async def test_without_any_token(api: Api, filed: Filed) -> None:
    for path in filed.paths:
        answer = await api.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        answer = await api.client.get(path, headers={"Authorization": "Bearer nonsense"})
        assert answer.status_code == 401
        writer = await api.new_token(Role.ADMIN, scope="write")
        assert (await api.client.get(path, headers=writer)).json()["code"] == "insufficient_scope"
        reader = await api.new_token(Role.ADMIN, scope="read")
        assert (await api.client.get(path, headers=reader)).status_code == 200


async def test_another_tenants_token(api: Api, filed: Filed) -> None:
    other = Api(api.client, await open_shop(api.db, name="other"))
    assert await codes(other, filed.paths) == [404] * 3
    assert await codes(other, [path.replace("/qaapp/", "/other/") for path in filed.paths]) == [404] * 3
    assert await codes(api, [path.replace("/qaapp/", "/other/") for path in filed.paths]) == [404] * 3


async def test_a_signed_link_needs_no_token(api: Api, filed: Filed) -> None:
    for link in filed.links:
        assert await without_token(api.client, link) == (200, None)
        query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        assert list(query) == ["expires", "signature"]
        days = (int(query["expires"]) - now_us()) / DAY_US
        assert 7 <= days <= 8
    again = await api.order(filed.id)
    assert [again["invoice"]["xmlUrl"], again["invoice"]["fileUrl"], again["labels"][0]["url"]] == filed.links


async def test_a_link_that_is_not_ours(api: Api, filed: Filed) -> None:
    xml, danfe, label = filed.links
    good = parse_qs(urlsplit(xml).query)["signature"][0]
    wrong = [
        xml[:-1] + ("0" if xml[-1] != "0" else "1"),
        xml.replace(good, "0" * 64),
        xml.replace(good, "é"),
        re.sub(r"expires=\d+", lambda match: f"expires={int(match[0][8:]) + 1}", xml),
        re.sub(r"expires=\d+&", "", xml),
        danfe.partition("?")[0] + "?" + xml.partition("?")[2],
        label.partition("?")[0] + "?" + danfe.partition("?")[2],
        xml.replace("/qaapp/", "/other/"),
        xml.replace(filed.id, str(uuid4())),
    ]
    for link in wrong:
        assert await without_token(api.client, link) == (403, "bad_signature"), link
    assert (await without_token(api.client, re.sub(r"expires=\d+", "expires=soon", xml)))[0] == 400
    assert await without_token(api.client, re.sub(r"signature=\w+", "signature=", xml)) == (401, "token_missing")


async def test_a_link_of_another_order(api: Api, filed: Filed) -> None:
    order_id = await api.paid()
    note = nfe()
    await api.done("PUT", path_of(order_id, "invoicedetails"), {"xmlString": b64(note)}, role=Role.ERP)
    stranger = (await api.order(order_id))["invoice"]["xmlUrl"]
    path = f"/order-files/qaapp/{filed.id}/xml_{key_of(note)}.xml"
    assert await without_token(api.client, f"{path}?{urlsplit(stranger).query}") == (403, "bad_signature")
    assert (await api.get(path)).status_code == 404


async def test_a_link_past_its_time(api: Api, filed: Filed, settings: Settings) -> None:
    for at, expected in ((Micros(now_us() - 1), (403, "link_expired")), (Micros(now_us() + DAY_US), (200, None))):
        query = {"expires": at, "signature": sign(signing_key(settings), filed.paths[0], at)}
        assert await without_token(api.client, f"{filed.paths[0]}?{urlencode(query)}") == expected


async def test_files_that_are_not_there(api: Api, filed: Filed) -> None:
    root = f"/order-files/qaapp/{filed.id}"
    key = (await api.order(filed.id))["invoice"]["key"]
    for name in (
        "label_2", "label_0", "label_01", f"xml_{key}.pdf", f"file_{key}.xml", f"xml_{key}", "xml_.xml", "x", "..",
        "..%2F..%2Fsecret_key", "%2e%2e%2fx", f"xml_{key}.xml%00", f"../{filed.id}/x", "%00",
    ):  # fmt: skip
        answer = await api.get(f"{root}/{name}")
        assert answer.status_code in {400, 404}, (name, answer.status_code)
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert (await api.get(f"/order-files/qaapp/{uuid4()}/label_1")).status_code == 404
    assert (await api.get("/order-files/qaapp/no-guid/label_1")).status_code == 404


async def test_an_order_that_is_only_placed_has_none(api: Api) -> None:
    order_id = (await api.place(EXAMPLE)).json()["id"]
    order = await api.order(order_id)
    assert (order["labels"], order["invoices"], order["invoiceUrl"]) == ([], [], None)
    assert (await api.get(f"/order-files/qaapp/{order_id}/label_1")).json()["code"] == "file_not_found"
