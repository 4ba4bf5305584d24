"""`Idempotency-Key` on the writes of orders: one request, one effect, one answer."""

import asyncio
from typing import Any

import pytest

from balcao.tenants.rules import Role
from tests.doors.shop import EXAMPLE, EXTERNAL, ORDERS, Api, b64, lines, nfe, path_of, sent
from tests.doors.test_orders_forms import OLDER
from tests.verbs.shop import dump

KEY = {"Idempotency-Key": "k-1"}
REPLAYED = "Idempotent-Replayed"


@pytest.mark.parametrize(("path", "body"), [(EXTERNAL, EXAMPLE), (ORDERS, OLDER)])
async def test_an_order_sent_twice_under_one_key(api: Api, path: str, body: Any) -> None:
    first, again = [await api.post(path, body, role=Role.CHANNEL, headers=KEY) for _ in range(2)]
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert (REPLAYED in first.headers, again.headers[REPLAYED]) == (False, "true")
    assert again.headers["Location"] == first.headers["Location"]
    assert await api.value("SELECT count(*) FROM orders") == 1


async def test_the_external_id_counts_without_any_key_too(api: Api) -> None:
    first = await api.place(EXAMPLE, headers=KEY)
    again = await api.place(EXAMPLE)
    third = await api.place(EXAMPLE, headers={"Idempotency-Key": "k-2"})
    assert again.content == third.content == first.content
    assert (again.headers[REPLAYED], third.headers[REPLAYED]) == ("true", "true")


async def test_another_order_under_the_same_key(api: Api) -> None:
    await api.place(EXAMPLE, headers=KEY)
    answer = await api.place(sent(), headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert await api.value("SELECT count(*) FROM orders") == 1


async def test_a_key_belongs_to_its_credential(api: Api) -> None:
    await api.place(EXAMPLE, headers=KEY)
    other = await api.place(sent(), role=Role.ADMIN, headers=KEY)
    assert (other.status_code, REPLAYED in other.headers) == (201, False)


async def test_a_refused_order_leaves_the_key_free(api: Api) -> None:
    body = sent(Items=lines(s1=101))
    assert (await api.place(body, headers=KEY)).status_code == 409
    await api.shop.count("1", 200)
    answer = await api.place(body, headers=KEY)
    assert (answer.status_code, REPLAYED in answer.headers) == (201, False)


async def test_forty_orders_at_once_under_one_key(api: Api) -> None:
    answers = await asyncio.gather(*(api.place(EXAMPLE, headers=KEY) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum(REPLAYED in answer.headers for answer in answers) == 39
    assert (await api.value("SELECT count(*) FROM orders"), await api.shop.level()) == (1, (100, 1))


CHANGES: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    # what: (the order before, method, action, body)
    "pay": ("placed", "PUT", "payment", {"nsu": "1"}),
    "invoice": ("paid", "PUT", "invoicedetails", {"xmlString": b64(nfe(number=999_999))}),
    "track": ("invoiced", "PUT", "trackingdetails", {"trackingCode": "BR1"}),
    "label": ("invoiced", "PUT", "trackings", {"label": {"content": b64(b"%PDF-1.7")}}),
    "move": ("paid", "PUT", "status", {"status": 4}),
    "cancel": ("paid", "POST", "cancel", {"reason": "no"}),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_sent_twice_under_one_key(api: Api, what: str) -> None:
    state, method, action, body = CHANGES[what]
    order_id = await getattr(api, state)()
    first = await api.send(method, path_of(order_id, action), body, headers=KEY)
    assert (first.status_code, first.content, REPLAYED in first.headers) == (204, b"", False), first.text
    after = await dump(api.db)
    again = await api.send(method, path_of(order_id, action), body, headers=KEY)
    assert (again.status_code, again.content, again.headers.get(REPLAYED)) == (204, b"", "true"), again.text
    assert await dump(api.db) == after


async def test_a_payment_that_comes_twice_is_told_apart_by_its_key(api: Api) -> None:
    """The same news is no repeat after the order moved on: with its key it is."""
    order_id = await api.placed()
    await api.done("PUT", path_of(order_id, "payment"), {"nsu": "1"}, headers=KEY)
    await api.done("POST", path_of(order_id, "cancel"), {"reason": "no"})
    answer = await api.put(path_of(order_id, "payment"), {"nsu": "2"})
    assert answer.status_code == 409
    answer = await api.put(path_of(order_id, "payment"), {"nsu": "1"}, headers=KEY)
    assert (answer.status_code, answer.headers[REPLAYED]) == (204, "true")


async def test_one_key_for_two_orders(api: Api) -> None:
    ids = [await api.placed(), await api.placed()]
    await api.done("PUT", path_of(ids[0], "payment"), {"nsu": "1"}, headers=KEY)
    answer = await api.put(path_of(ids[1], "payment"), {"nsu": "1"}, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert (await api.order(ids[1]))["status"] == 1


async def test_a_label_as_multipart_under_a_key(api: Api) -> None:
    order_id = await api.invoiced()
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="l.pdf"\r\n\r\n%PDF-1.7 1\r\n--b--\r\n'
    first, again = [await api.put(path_of(order_id, "trackings"), body, headers=KEY | kind) for _ in range(2)]
    assert (first.status_code, again.status_code, again.headers.get(REPLAYED)) == (204, 204, "true"), first.text
    other = await api.put(path_of(order_id, "trackings"), body.replace(b"1.7", b"1.6"), headers=KEY | kind)
    assert other.status_code == 409


@pytest.mark.parametrize("key", ["", "x" * 256, "é"])
async def test_keys_that_are_none(api: Api, key: str) -> None:
    for path, body in ((EXTERNAL, EXAMPLE), (path_of(await api.placed(), "payment"), {})):
        method = "POST" if path == EXTERNAL else "PUT"
        answer = await api.send(method, path, body, headers={"Idempotency-Key": key.encode("latin-1")})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"]), answer.text
    assert await api.value("SELECT count(*) FROM orders") == 1
