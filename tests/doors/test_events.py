"""The feed over HTTP: forms, filters, who sees what, refusals."""

from typing import Any

import pytest

from balcao.base.values import Micros
from balcao.events.rules import Event
from balcao.tenants.rules import Role
from tests.doors.shop import Api
from tests.verbs.log_book import LogBook, event
from tests.verbs.shop import OTHER_STORE, STORE

FEED = "/cp/v1/events"
AT = Micros(2_000_000_000_000_000)
"""2033-05-18T03:33:20Z, later than everything in the shop."""
BATCH = "application/cloudevents-batch+json"


@pytest.fixture
def book(api: Api) -> LogBook:
    return LogBook(api.db, api.shop.tenant)


@pytest.fixture
async def start(api: Api, book: LogBook) -> int:
    """The last number before the test."""
    await api.token(Role.ADMIN)
    return (await book.read()).newest


async def told(book: LogBook, api: Api) -> list[int]:
    """Events of two channels and two stores, and of none."""
    here, there = api.shop.stores[STORE], api.shop.stores[OTHER_STORE]
    return await book.write(
        [
            event("order.placed", subject="o-1", channel="ecommerce", seller_id=here, actor="qaapp.shop"),
            event("order.paid", subject="o-1", channel="ecommerce", seller_id=there),
            event("order.placed", subject="o-2", channel="app", seller_id=here),
            event("stocks.counted", subject="b-1", seller_id=there),
            event("products.changed", subject="b-2"),
            Event(type="channel.changed", subject="app", actor="test", data={}, channel="app"),
        ],
        now=AT,
    )


async def numbers(api: Api, after: int, role: Role = Role.ADMIN, *, bound: Any = None, **params: Any) -> list[int]:
    answer = await api.get(FEED, role=role, bound=bound, params={"after": after, "limit": 1000} | params)
    assert answer.status_code == 200, answer.text
    return [int(shown["id"]) for shown in answer.json()["events"]]


async def test_an_envelope(api: Api, book: LogBook, start: int) -> None:
    await told(book, api)
    answer = await api.get(FEED, params={"after": start, "limit": 1})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "events": [
            {
                "specversion": "1.0",
                "id": str(start + 1),
                "source": "/tenants/qaapp",
                "type": "order.placed",
                "subject": "o-1",
                "time": "2033-05-18T03:33:19.999995Z",
                "datacontenttype": "application/json",
                "sequence": f"{start + 1:019d}",
                "tenant": "qaapp",
                "actor": "qaapp.shop",
                "channel": "ecommerce",
                "sellercnpj": STORE,
                "data": {"n": 0},
            }
        ],
        "next": start + 1,
        "newest": start + 6,
        "more": True,
    }


async def test_pages_end(api: Api, book: LogBook, start: int) -> None:
    await told(book, api)
    answer = await api.get(FEED, params={"after": start + 5})
    body = answer.json()
    assert [shown["type"] for shown in body["events"]] == ["channel.changed"]
    assert "sellercnpj" not in body["events"][0]
    assert (body["next"], body["newest"], body["more"]) == (start + 6, start + 6, False)
    answer = await api.get(FEED, params={"after": start + 6})
    assert answer.json() == {"events": [], "next": start + 6, "newest": start + 6, "more": False}


async def test_it_begins_at_the_beginning_with_a_hundred(api: Api, book: LogBook) -> None:
    await book.write([event(n=n) for n in range(200)])
    body = (await api.get(FEED)).json()
    assert [int(shown["id"]) for shown in body["events"]] == list(range(1, 101))
    assert body["events"][0]["type"] == "tenant.created"
    assert (body["next"], body["more"]) == (100, True)


async def test_a_batch_is_an_array_that_links_to_the_next_one(api: Api, book: LogBook, start: int) -> None:
    await told(book, api)
    params = {"after": start, "limit": 2, "types": "order.*"}
    answer = await api.get(FEED, params=params, headers={"Accept": f"{BATCH}, application/json;q=0.5"})
    assert answer.headers["content-type"] == BATCH
    assert [shown["id"] for shown in answer.json()] == [str(start + 1), str(start + 2)]
    assert answer.json()[0]["specversion"] == "1.0"
    link = answer.headers["link"]
    assert link == f'<{FEED}?after={start + 2}&limit=2&types=order.%2A>; rel="next"'
    answer = await api.get(link[1:].partition(">")[0], headers={"Accept": BATCH})
    assert [shown["id"] for shown in answer.json()] == [str(start + 3)]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"types": "order.placed"}, [1, 3]),
        ({"types": "order.*"}, [1, 2, 3]),
        ({"types": "order.paid,stocks.*"}, [2, 4]),
        ({"types": ["order.paid", "stocks.counted"]}, [2, 4]),
        ({"types": "*"}, [1, 2, 3, 4, 5, 6]),
        ({"types": "nothing.such"}, []),
        ({"channel": "app"}, [3, 6]),
        ({"channel": "nowhere"}, []),
        ({"seller": STORE}, [1, 3]),
        ({"seller": "11.222.333/0001-81"}, [2, 4]),
        ({"seller": "99999999000191"}, []),
        ({"channel": "ecommerce", "seller": STORE}, [1]),
        ({"limit": 2}, [1, 2]),
        ({"TYPES": "order.paid"}, [2]),
    ],
)
async def test_filters(api: Api, book: LogBook, start: int, params: dict[str, Any], found: list[int]) -> None:
    await told(book, api)
    assert await numbers(api, start, **params) == [start + n for n in found]


@pytest.mark.parametrize(
    ("role", "bound", "found"),
    [
        (Role.ADMIN, {}, [1, 2, 3, 4, 5, 6]),
        (Role.ERP, {}, [1, 2, 3, 4, 5]),
        (Role.OPERATOR, {}, [1, 2, 3, 4, 5]),
        (Role.CHANNEL, {}, [1, 2, 3, 4, 5]),
        (Role.CHANNEL, {"channel": "app"}, [3]),
        (Role.ADMIN, {"channel": "app"}, [3, 6]),
        (Role.ERP, {"seller_cnpj": STORE}, [1, 3]),
        (Role.ERP, {"seller_cnpj": "99999999000191"}, []),
        (Role.CHANNEL, {"channel": "ecommerce", "seller_cnpj": OTHER_STORE}, [2]),
    ],
)
async def test_who_sees_what(api: Api, book: LogBook, role: Role, bound: dict[str, str], found: list[int]) -> None:
    await api.token()
    await api.shop.channel("app")
    await api.token(role, **bound)  # its creation is an event itself
    start = (await book.read()).newest
    await told(book, api)
    assert await numbers(api, start, role, bound=bound) == [start + n for n in found]


async def test_whoever_may_not_hear_of_access_does_not_by_asking(api: Api, book: LogBook) -> None:
    await told(book, api)
    assert await numbers(api, 0, Role.ERP, types="credential.*,channel.*,tenant.*") == []
    assert len(await numbers(api, 0, Role.ADMIN, types="credential.*,channel.*,tenant.*")) > 3


async def test_the_bound_may_only_narrow(api: Api) -> None:
    bound = {"channel": "ecommerce", "seller_cnpj": STORE}
    await api.token(Role.CHANNEL, **bound)
    assert await numbers(api, 0, Role.CHANNEL, bound=bound, channel="ecommerce", seller=STORE) == []
    for params, code in (({"channel": "app"}, "wrong_channel"), ({"seller": OTHER_STORE}, "wrong_seller")):
        answer = await api.get(FEED, role=Role.CHANNEL, bound=bound, params=params)
        assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_not_for_carriers_nor_for_nobody(api: Api) -> None:
    answer = await api.get(FEED, role=Role.CARRIER, bound={"carrier": "SEDEX"})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_role")
    answer = await api.client.get(FEED)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
    headers = await api.new_token(Role.ERP, scope="write")
    answer = await api.client.get(FEED, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    ("params", "errors"),
    [
        ({"types": "Order!"}, {"types": ["'Order!' is no type: send such as order.placed or order.*"]}),
        ({"seller": "123"}, {"seller": ["must be a CNPJ, such as 04.109.169/0001-35"]}),
        ({"after": 1, "consumer": "sap"}, {"consumer": ["send either after or consumer"]}),
        ({"after": -1}, {"after": ["must be at least 0"]}),
        ({"after": "x"}, {"after": ["must be an integer"]}),
        ({"after": 2**63}, {"after": ["is too large"]}),
        ({"limit": 0}, {"limit": ["must be at least 1"]}),
        ({"limit": 1001}, {"limit": ["must be at most 1000"]}),
        ({"wait": 31}, {"wait": ["must be at most 30"]}),
    ],
)
async def test_what_cannot_be(api: Api, params: dict[str, Any], errors: dict[str, list[str]]) -> None:
    answer = await api.get(FEED, params=params)
    assert answer.status_code == 400
    assert answer.json()["errors"] == errors


async def test_cursors_that_cannot_be(api: Api, book: LogBook, start: int) -> None:
    await told(book, api)
    answer = await api.get(FEED, params={"after": start + 7})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["newest"]) == (409, "cursor_ahead", start + 6)
    async with api.db.transaction() as tx:
        await tx.execute("DELETE FROM event WHERE seq <= $1", start + 3)
    for accept in ("application/json", BATCH, "application/x-ndjson"):
        answer = await api.get(FEED, params={"after": start + 1}, headers={"Accept": accept})
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, problem["code"]) == (409, "cursor_expired")
        assert (problem["oldest"], problem["newest"]) == (start + 4, start + 6)
        assert f"after={start + 3}" in problem["detail"]
    assert await numbers(api, start + 3) == [start + 4, start + 5, start + 6]


async def test_an_order_tells_its_story(api: Api, start: int) -> None:
    order_id = await api.shipped()
    answer = await api.get(FEED, role=Role.ERP, params={"after": start, "types": "order.*"})
    mine = [shown for shown in answer.json()["events"] if shown["subject"] == order_id]
    assert [(shown["type"], shown["data"]["statusBefore"], shown["data"]["status"]) for shown in mine] == [
        ("order.placed", None, "Pending"),
        ("order.paid", "Pending", "PendingCreate"),
        ("order.invoiced", "PendingCreate", "InvoiceCreated"),
        ("order.tracked", "InvoiceCreated", "InDelivery"),
    ]
    assert {(shown["channel"], shown["sellercnpj"], shown["tenant"]) for shown in mine} == {
        ("ecommerce", STORE, "qaapp")
    }
    assert mine[0]["data"]["totalAmount"] == 11
    assert mine[3]["data"]["trackingCode"] == "BR1"
    order = await api.order(order_id)
    assert order["lastUpdate"] == mine[-1]["time"]
