"""Named consumers over HTTP."""

from typing import Any

import pytest

from balcao.tenants.rules import Role
from tests.doors.shop import Api
from tests.verbs.log_book import LogBook, paid

CONSUMERS = "/cp/v1/events/consumers"
FEED = "/cp/v1/events"
BOUND = {"channel": "ecommerce"}


@pytest.fixture
def book(api: Api) -> LogBook:
    return LogBook(api.db, api.shop.tenant)


@pytest.fixture
async def start(api: Api, book: LogBook) -> int:
    """The last number before the test."""
    await api.token(Role.ADMIN)
    await api.token(Role.ERP)
    await api.token(Role.CHANNEL, **BOUND)
    return (await book.read()).newest


async def test_read_and_acknowledge(api: Api, book: LogBook, start: int) -> None:
    await book.write(paid(5))
    answer = await api.put(f"{CONSUMERS}/sap", {"cursor": start}, role=Role.ERP)
    assert answer.status_code == 200
    made = answer.json()
    assert made == {
        "name": "sap",
        "cursor": start,
        "channel": None,
        "sellerCnpj": None,
        "createDate": made["createDate"],
        "lastUpdate": made["createDate"],
    }
    params = {"consumer": "sap", "limit": 3}
    first = (await api.get(FEED, role=Role.ERP, params=params)).json()
    assert [int(shown["id"]) for shown in first["events"]] == [start + 1, start + 2, start + 3]
    again = (await api.get(FEED, role=Role.ERP, params=params)).json()
    assert again == first  # until it is acknowledged
    answer = await api.put(f"{CONSUMERS}/sap", {"cursor": first["next"]}, role=Role.ERP)
    assert (answer.json()["cursor"], answer.json()["lastUpdate"] > made["lastUpdate"]) == (start + 3, True)
    rest = (await api.get(FEED, role=Role.ERP, params=params)).json()
    assert [int(shown["id"]) for shown in rest["events"]] == [start + 4, start + 5]
    assert (await api.get(f"{CONSUMERS}/sap", role=Role.ERP)).json()["cursor"] == start + 3


async def test_a_consumer_without_a_cursor_begins_at_the_beginning(api: Api) -> None:
    answer = await api.put(f"{CONSUMERS}/new%2Fone%20%237", {})
    assert (answer.status_code, answer.json()["name"], answer.json()["cursor"]) == (200, "new/one #7", 0)
    page = (await api.get(FEED, params={"consumer": "new/one #7", "limit": 1})).json()
    assert page["next"] == 1


async def test_back_only_when_told_to(api: Api, start: int) -> None:
    await api.put(f"{CONSUMERS}/sap", {"cursor": start})
    answer = await api.put(f"{CONSUMERS}/sap", {"cursor": start - 1})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["cursor"]) == (409, "cursor_behind", start)
    assert (await api.get(f"{CONSUMERS}/sap")).json()["cursor"] == start
    answer = await api.put(f"{CONSUMERS}/sap", {"cursor": start - 1, "reset": True})
    assert (answer.status_code, answer.json()["cursor"]) == (200, start - 1)


async def test_what_cannot_be(api: Api, start: int) -> None:
    answer = await api.put(f"{CONSUMERS}/sap", {"cursor": start + 1})
    assert (answer.status_code, answer.json()["code"], answer.json()["newest"]) == (409, "cursor_ahead", start)
    answer = await api.put(f"{CONSUMERS}/sap", {"cursor": -1})
    assert (answer.status_code, answer.json()["errors"]) == (400, {"cursor": ["must be at least 0"]})
    answer = await api.put(f"{CONSUMERS}/{'x' * 101}", {})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["name"])
    assert (await api.get(CONSUMERS)).json() == {"consumers": []}


async def test_there_is_none_of_that_name(api: Api) -> None:
    for answer in (
        await api.get(f"{CONSUMERS}/nix"),
        await api.send("DELETE", f"{CONSUMERS}/nix"),
        await api.get(FEED, params={"consumer": "nix"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "consumer_not_found")


async def test_listed_and_forgotten(api: Api) -> None:
    for name in ("b", "a"):
        await api.put(f"{CONSUMERS}/{name}", {}, role=Role.ERP)
    listed = (await api.get(CONSUMERS, role=Role.OPERATOR)).json()["consumers"]
    assert [shown["name"] for shown in listed] == ["a", "b"]
    await api.done("DELETE", f"{CONSUMERS}/a", role=Role.ERP)
    listed = (await api.get(CONSUMERS)).json()["consumers"]
    assert [shown["name"] for shown in listed] == ["b"]


async def test_the_bound_keep_their_own(api: Api, start: int) -> None:
    bound: dict[str, Any] = {"role": Role.CHANNEL, "bound": BOUND}
    await api.put(f"{CONSUMERS}/all", {}, role=Role.ERP)
    answer = await api.put(f"{CONSUMERS}/site", {"cursor": start}, **bound)
    assert (answer.json()["channel"], answer.json()["cursor"]) == ("ecommerce", start)
    listed = (await api.get(CONSUMERS, **bound)).json()["consumers"]
    assert [shown["name"] for shown in listed] == ["site"]
    assert (await api.get(f"{CONSUMERS}/all", **bound)).status_code == 404
    assert (await api.send("DELETE", f"{CONSUMERS}/all", None, **bound)).status_code == 404
    assert (await api.get(FEED, params={"consumer": "all"}, **bound)).status_code == 404
    answer = await api.put(f"{CONSUMERS}/all", {"cursor": start}, **bound)
    assert (answer.status_code, answer.json()["code"]) == (409, "consumer_taken")
    assert (await api.get(f"{CONSUMERS}/all")).json()["cursor"] == 0
    listed = (await api.get(CONSUMERS)).json()["consumers"]
    assert [shown["name"] for shown in listed] == ["all", "site"]


async def test_not_for_carriers_and_readers_only_read(api: Api) -> None:
    carrier: dict[str, Any] = {"role": Role.CARRIER, "bound": {"carrier": "SEDEX"}}
    for answer in (
        await api.get(CONSUMERS, **carrier),
        await api.get(f"{CONSUMERS}/sap", **carrier),
        await api.put(f"{CONSUMERS}/sap", {}, **carrier),
        await api.send("DELETE", f"{CONSUMERS}/sap", None, **carrier),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_role")
    headers = await api.new_token(Role.ERP, scope="read")
    answer = await api.client.put(f"{CONSUMERS}/sap", json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


async def test_a_cursor_that_is_no_longer_kept(api: Api, book: LogBook, start: int) -> None:
    await api.put(f"{CONSUMERS}/sap", {"cursor": 1})
    async with api.db.transaction() as tx:
        await tx.execute("DELETE FROM event WHERE seq <= $1", start - 1)
    answer = await api.get(FEED, params={"consumer": "sap"})
    assert (answer.status_code, answer.json()["code"], answer.json()["oldest"]) == (409, "cursor_expired", start)
    answer = await api.put(f"{CONSUMERS}/sap", {"cursor": 0, "reset": True})
    assert answer.status_code == 200
    page = (await api.get(FEED, params={"consumer": "sap"})).json()
    assert [int(shown["id"]) for shown in page["events"]] == [start]


async def test_an_acknowledgement_may_be_repeated(api: Api, start: int) -> None:
    headers = {"Idempotency-Key": "ack-1"}
    first = await api.put(f"{CONSUMERS}/sap", {"cursor": start - 1}, headers=headers)
    await api.put(f"{CONSUMERS}/sap", {"cursor": start})
    again = await api.put(f"{CONSUMERS}/sap", {"cursor": start - 1}, headers=headers)
    assert (again.status_code, again.content, again.headers["idempotent-replayed"]) == (200, first.content, "true")
    assert (await api.get(f"{CONSUMERS}/sap")).json()["cursor"] == start
