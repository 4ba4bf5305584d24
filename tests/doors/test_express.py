"""The express lane answers as the route beside it: each request is sent both ways, the second with a query."""

from typing import Any

import msgspec
import pytest

from balcao.base.settings import Settings
from balcao.doors.neomode import lanes
from balcao.doors.neomode.orders.change import ROOT
from balcao.doors.neomode.orders.lists import POLL, ListAsked, PollAsked
from balcao.server import DOORS
from balcao.tenants.rules import Role
from tests.doors.shop import EXAMPLE, EXTERNAL, Api, path_of, sent

BESIDE = f"{EXTERNAL}?by=litestar"
"""A request with a query is none for the lane."""
OWN = {"x-request-id", "traceparent", "date", "location"}


async def both(api: Api, body: Any, **more: Any) -> tuple[Any, Any]:
    """What the lane answers and what the route answers, without what is each answer's own."""
    first = await api.post(EXTERNAL, body, **more)
    second = await api.post(BESIDE, body, **more)
    told = [
        (
            answer.status_code,
            {name: value for name, value in answer.headers.items() if name not in OWN},
            {name: value for name, value in answer.json().items() if name != "traceId"},
        )
        for answer in (first, second)
    ]
    return told[0], told[1]


def test_every_lane_has_its_route() -> None:
    routes: dict[tuple[str, str], Any] = {
        (str(method), path): handler.opt.get("roles")
        for handler in DOORS
        for path in handler.paths
        for method in handler.http_methods
    }
    assert lanes
    for place, lane in lanes.items():
        assert routes[place] == lane.roles
        assert lane.template == place[1].replace(":str", "")


async def test_a_replay_is_the_same_either_way(api: Api) -> None:
    assert (await api.place(EXAMPLE)).status_code == 201
    one, other = await both(api, EXAMPLE)
    assert one == other
    assert one[1]["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (sent(Items=[EXAMPLE["Items"][0] | {"SkuCode": "nobody's"}]), 400),
        (sent(Items=[]), 400),
        (sent(ClientId="another"), 403),
        (sent(Items=[EXAMPLE["Items"][0] | {"Quantity": 1_000}]), 409),
        (sent(OrderNote="4111 1111 1111 1111"), 400),
        ([], 400),
        ({}, 400),
    ],
)
async def test_a_refusal_is_the_same_either_way(api: Api, body: Any, status: int) -> None:
    one, other = await both(api, body)
    assert one == other
    assert one[0] == status
    assert await api.value("SELECT count(*) FROM orders") == 0


async def test_who_may_not_hears_the_same_either_way(api: Api) -> None:
    one, other = await both(api, EXAMPLE, role=Role.CARRIER, bound={"carrier": "SEDEX"})
    assert one == other
    assert one[0] == 403
    strangers = [await api.client.post(path, json=EXAMPLE) for path in (EXTERNAL, BESIDE)]
    assert [answer.status_code for answer in strangers] == [401, 401]
    assert [answer.headers["www-authenticate"] for answer in strangers] == ['Bearer realm="balcao"'] * 2


async def test_what_is_not_plain_goes_the_other_way(api: Api, settings: Settings) -> None:
    headers = await api.token(Role.CHANNEL)
    odd = await api.client.post(EXTERNAL, content=b"<order/>", headers=headers | {"Content-Type": "text/xml"})
    assert odd.status_code in {400, 415}
    large = await api.client.post(EXTERNAL, content=b" " * (settings.body_limit_bytes + 1), headers=headers)
    assert large.status_code == 413
    key = headers | {"Idempotency-Key": "k"}
    answers = [await api.client.post(EXTERNAL, json=EXAMPLE, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["idempotent-replayed"] == "true"


async def read_both(api: Api, path: str, **more: Any) -> tuple[Any, Any]:
    """What the lane answers to a GET and what the route answers."""
    told = []
    for each in (path, f"{path}?by=litestar"):
        answer = await api.get(each, **more)
        headers = {name: value for name, value in answer.headers.items() if name not in OWN}
        told.append((answer.status_code, headers, {k: v for k, v in answer.json().items() if k != "traceId"}))
    return told[0], told[1]


async def test_an_order_reads_the_same_either_way(api: Api) -> None:
    order_id = await api.invoiced()
    for role, bound in (
        (Role.ADMIN, None), (Role.CHANNEL, {"channel": "ecommerce"}), (Role.CARRIER, {"carrier": "SEDEX"}),
        (Role.CARRIER, {"carrier": "PAC"}), (Role.ERP, {"seller_cnpj": "11222333000181"}),
    ):  # fmt: skip
        one, other = await read_both(api, path_of(order_id), role=role, bound=bound)
        assert one == other
        assert one[0] == (404 if bound in ({"carrier": "PAC"}, {"seller_cnpj": "11222333000181"}) else 200)
    for strange in (order_id.upper(), "0" * 8 + order_id[8:], "NEOMODE-1", f"{order_id} ", "external", "%"):
        one, other = await read_both(api, path_of(strange))
        assert one == other, strange
    strangers = [await api.client.get(path_of(order_id) + query) for query in ("", "?by=litestar")]
    assert [answer.status_code for answer in strangers] == [401, 401]


LISTS = [
    "",
    "?perPage=1",
    "?perPage=1&page=2",
    "?PERPAGE=2&sortfield=LastUpdate&sortAscending=TRUE",
    "?status=Pending,4&channel=ecommerce&freightReference=SEDEX&useCanonicalStatus=true",
    "?status=2&useCanonicalStatus=1",
    "?paymentType=pix,CreditCard&freightDescription=Sedex",
    "?lastUpdateSince=2020-01-01T00:00:00-03:00&lastUpdateUntil=2090-01-01",
    "?lastUpdateSince=2020-01-01T00:00:00+03:00&since=2020-01-01&until=2090-01-01T00:00:00.123456Z",
    "?query=NEOMODE-1",
    "?query=maria%20da+silva&channel=",
    "?channel=%25",
    "?page=0",
    "?perPage=x",
    "?page=1e3",
    "?page=99999999999999999999999",
    "?page=1&page=2",
    "?status=nothing",
    "?paymentType=gold",
    "?since=yesterday",
    "?useCanonicalStatus=perhaps",
    "?sortField=total",
    "?cursor=bm90aGluZw",
    "?query=%00",
    "?query=%ff",
    "?query=" + 201 * "x",
    "?nothing=1",
]
POLLS = [
    "",
    "?lastUpdateSince=2020-01-01",
    "?lastUpdateSince=2090-01-01",
    "?status=2&date=2020-01-01",
    "?date=x",
    "?page=1",
]


async def list_both(api: Api, path: str, **more: Any) -> tuple[Any, Any]:
    told = []
    for each in (path, f"{path}{'&' if '?' in path else '?'}by=litestar"):
        answer = await api.get(each, **more)
        headers = {name: value for name, value in answer.headers.items() if name not in OWN}
        body = answer.json()
        if isinstance(body, dict):
            body.pop("traceId", None)
        told.append((answer.status_code, {k: v for k, v in headers.items() if k != "content-length"}, body))
    return told[0], told[1]


async def test_lists_read_the_same_either_way(api: Api) -> None:
    await api.place(EXAMPLE)
    await api.invoiced()
    poll = POLL.replace("{cnpj:str}", EXAMPLE["Seller"]["Cnpj"])
    listed = {200: 0, 400: 0}
    for path in [f"{ROOT}{query}" for query in LISTS] + [f"{poll}{query}" for query in POLLS]:
        one, other = await list_both(api, path)
        assert one == other, path
        listed[one[0]] += 1
    assert min(listed.values()) >= 10
    for role, bound in (
        (Role.CHANNEL, {"channel": "ecommerce"}), (Role.CARRIER, {"carrier": "SEDEX"}),
        (Role.ERP, {"seller_cnpj": "11222333000181"}),
    ):  # fmt: skip
        for path in (ROOT, poll, f"{ROOT}?query=NEOMODE-1"):
            one, other = await list_both(api, path, role=role, bound=bound)
            assert one == other
            assert one[0] == 200
    first = (await api.get(f"{ROOT}?perPage=1")).json()
    one, other = await list_both(api, f"{ROOT}?perPage=1&cursor={first['next']}")
    assert one == other
    assert one[2]["page"] == 2
    assert one[2]["orders"][0]["id"] != first["orders"][0]["id"]


async def test_lanes_of_lists_know_every_parameter(api: Api) -> None:
    paths = (await api.client.get("/schema/openapi.json")).json()["paths"]
    for path, kind in ((ROOT, ListAsked), (POLL.replace(":str", ""), PollAsked)):
        parameters = paths[path]["get"]["parameters"]
        named = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
        assert {field.encode_name for field in msgspec.structs.fields(kind)} == named
