"""What is too much, and what is no request at all, on every write of orders."""

from typing import Any

import pytest

from balcao.base.settings import Settings
from balcao.tenants.rules import Role
from tests.doors.shop import EXTERNAL, ORDERS, Api, lines, path_of, sent
from tests.verbs.shop import dump

MIB = 1024 * 1024
ACTIONS = ("payment", "invoicedetails", "trackingdetails", "trackings", "status", "cancel")


async def writes(api: Api) -> list[tuple[str, str]]:
    """Method and address of every write, on an order that is there."""
    order_id = await api.invoiced()
    external = (await api.order(order_id))["externalId"]
    changes = [("POST" if action == "cancel" else "PUT", action) for action in ACTIONS]
    return [
        ("POST", EXTERNAL),
        ("POST", ORDERS),
        *((method, path_of(order_id, action)) for method, action in changes),
        *((method, path_of("external", external, action)) for method, action in changes),
    ]


async def test_bodies_beyond_the_limit(api: Api, settings: Settings) -> None:
    all_writes = await writes(api)
    before = await dump(api.db)
    for method, path in all_writes:
        # Invoices and labels carry files and may be larger.
        limit = 8 * MIB if path.endswith(("/invoicedetails", "/trackings")) else settings.body_limit_bytes
        answer = await api.send(method, path, b'{"x": "' + b"x" * limit + b'"}')
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large"), path
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert await dump(api.db) == before


async def test_bodies_that_are_none(api: Api) -> None:
    all_writes = await writes(api)
    before = await dump(api.db)
    deep = b'{"x": ' * 5000 + b"1" + b"}" * 5000
    for method, path in all_writes:
        for body in (b"", b" ", b"{", b"nonsense", b"[1]", b"null", b'"text"', b"\xff", b'{"a": 1} {"b": 2}', deep):
            answer = await api.send(method, path, body)
            assert (answer.status_code, list(answer.json()["errors"])) == (400, ["body"]), (
                path,
                body[:20],
                answer.text,
            )
    assert await dump(api.db) == before


async def test_methods_that_are_not_taken(api: Api) -> None:
    for method, path in await writes(api):
        for wrong in {"PATCH", "DELETE", "PUT", "POST"} - {method}:
            answer = await api.send(wrong, path, b"{}")
            assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/problem+json"), (
                wrong,
                path,
            )
            assert method in answer.headers["Allow"].split(", ")


@pytest.mark.parametrize(
    ("over", "field", "message"),
    [
        ({"Items": lines(s1=1) * 501}, "Items", "must have at most 500 items"),
        (
            {"PaymentList": [{"Amount": 1, "PaymentMethod": {"Type": 7}}] * 51},
            "PaymentList",
            "must have at most 50 items",
        ),
        ({"CustomData": [{"Key": "k"}] * 201}, "CustomData", "must have at most 200 items"),
        ({"ExternalId": "x" * 501}, "ExternalId", "must have at most 500 characters"),
        ({"OrderNote": "x" * 5001}, "OrderNote", "must have at most 5000 characters"),
        ({"Items": lines(s1=10**9 + 1)}, "Items[0].Quantity", "must be at most 1000000000"),
        ({"Items": lines(s1=10**30)}, "Items[0].Quantity", "must be at most 1000000000"),
        ({"FeeAmount": 10**13}, "FeeAmount", "must be at most 999999999999.9999"),
        ({"FeeAmount": 1.00001}, "FeeAmount", "must have at most 12 digits before the point and 4 after it"),
        ({"FeeAmount": 1e300}, "FeeAmount", "must be at most 999999999999.9999"),
        ({"OrderNote": "a\0b"}, "OrderNote", "must not contain the NUL character"),
        ({"ExternalId": "\0"}, "ExternalId", "must not contain the NUL character"),
    ],
)
async def test_limits_of_an_order(api: Api, over: dict[str, Any], field: str, message: str) -> None:
    answer = await api.place(sent(**over))
    assert (answer.status_code, answer.json()["errors"].get(field)) == (400, [message]), answer.text
    assert await api.value("SELECT count(*) FROM orders") == 0


async def test_the_largest_order_that_is_taken(api: Api) -> None:
    items = lines(s1=1) * 500
    payments = [{"Amount": 100.02, "PaymentMethod": {"Type": 7}}] * 50
    body = sent(ExternalId="é" * 500, Items=items, PaymentList=payments, OrderNote="é" * 5000)
    await api.shop.count("1", 500)
    answer = await api.place(body)
    assert answer.status_code == 201, answer.text
    order = await api.order(answer.json()["id"])
    assert (len(order["items"]), order["subTotalAmount"], len(order["paymentList"])) == (500, 5000, 50)
    assert await api.shop.level() == (500, 500)
    await api.done("POST", path_of(answer.json()["id"], "cancel"), {}, role=Role.ERP)
    assert await api.shop.level() == (500, 0)
