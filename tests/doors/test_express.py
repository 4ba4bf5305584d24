"""The express lane answers as the route beside it: each request is sent both ways, the second with a query."""

from typing import Any

import pytest

from balcao.base.settings import Settings
from balcao.doors.neomode import lanes
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
