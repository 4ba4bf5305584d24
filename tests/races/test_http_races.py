"""Two server processes, many requests at once: nothing is sold twice, nothing is lost, nobody sees a deadlock."""

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from balcao.tenants.rules import Role
from tests.doors.shop import EXAMPLE, EXTERNAL, key_of, lines, nfe, path_of, sent
from tests.races.crowd import Crowd, Server
from tests.verbs.shop import OTHER_STORE, STORE

WRITERS, UNITS = 64, 10


def counted(answers: list[httpx.Response]) -> dict[int, int]:
    return dict(Counter(answer.status_code for answer in answers))


@pytest.mark.parametrize("keyed", [0, 1, 3])
async def test_many_writers_for_few_units(crowd: Crowd, keyed: int) -> None:
    await crowd.shop.count("1", UNITS)
    bodies = [sent(Items=lines(s1=1)) for _ in range(WRITERS)]
    answers = await crowd.send("POST", EXTERNAL, *bodies, role=Role.CHANNEL, keyed=keyed)
    assert counted(answers) == {201: UNITS, 409: WRITERS - UNITS}
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {problem["code"] for problem in refused} == {"out_of_stock"}
    assert all(problem["items"][0]["available"] == 0 for problem in refused)
    assert await crowd.shop.level() == (UNITS, UNITS)  # all that is there is reserved
    assert len(await crowd.shop.events("order.placed")) == UNITS


@pytest.mark.parametrize("keyed", [0, 1, 3])
async def test_lines_in_opposite_order(crowd: Crowd, keyed: int) -> None:
    for sku in "1234":
        await crowd.shop.count(sku, UNITS)
    orders = [lines(s1=1, s2=1, s3=1, s4=1), lines(s4=1, s3=1, s2=1, s1=1), lines(s2=1, s4=1, s1=1, s3=1)]
    bodies = [sent(Items=orders[n % 3]) for n in range(WRITERS)]
    answers = await crowd.send("POST", EXTERNAL, *bodies, role=Role.CHANNEL, keyed=keyed)
    assert counted(answers) == {201: UNITS, 409: WRITERS - UNITS}
    assert [await crowd.shop.level(sku) for sku in "1234"] == [(UNITS, UNITS)] * 4


async def test_two_stores_in_opposite_order(crowd: Crowd) -> None:
    sellers = [{"PointSaleId": "PDV-1"}, {"PointSaleId": "PDV-2"}]
    bodies = [
        sent(Seller=sellers[n // 2 % 2], Items=lines(s1=1, s2=1) if n % 4 < 2 else lines(s2=1, s1=1)) for n in range(64)
    ]
    answers = await crowd.send("POST", EXTERNAL, *bodies, role=Role.CHANNEL)
    assert counted(answers) == {201: 64}
    assert [await crowd.shop.level(sku, store) for sku in "12" for store in (STORE, OTHER_STORE)] == [(100, 32)] * 4


async def test_one_order_sent_fifty_times(crowd: Crowd) -> None:
    answers = await crowd.send("POST", EXTERNAL, *[dict(EXAMPLE)] * 50, role=Role.CHANNEL)
    assert counted(answers) == {201: 50}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 49
    assert (await crowd.apis[0].value("SELECT count(*) FROM orders"), await crowd.shop.level()) == (1, (100, 1))


@pytest.mark.parametrize("keyed", [False, True])
async def test_cancel_against_invoice_against_payment(crowd: Crowd, keyed: bool) -> None:
    api, other = crowd.apis
    key = iter(range(1000))

    def headers() -> dict[str, str]:
        return {"Idempotency-Key": f"r{next(key)}"} if keyed else {}

    for _ in range(5):
        order_id = await api.placed()
        await asyncio.gather(
            other.put(path_of(order_id, "payment"), {"nsu": "1"}, role=Role.CHANNEL, headers=headers()),
            api.post(path_of(order_id, "cancel"), {"reason": "x"}, role=Role.CHANNEL, headers=headers()),
        )
        assert (await api.order(order_id))["status"] == 11
        order_id = await api.paid()
        facts = {"key": key_of(nfe()), "number": 1, "serieNumber": 1, "totalAmount": 11}
        answers = await asyncio.gather(
            api.post(path_of(order_id, "cancel"), {"reason": "x"}, role=Role.CHANNEL, headers=headers()),
            other.put(path_of(order_id, "invoicedetails"), facts, role=Role.ERP, headers=headers()),
            other.put(path_of(order_id, "status"), {"status": 6}, role=Role.ERP, headers=headers()),
        )
        order = await api.order(order_id)
        assert (answers[0].status_code, order["status"]) == (204, 11)
        assert len(order["invoices"]) == (1 if answers[1].is_success else 0)
        assert {answer.status_code for answer in answers} <= {204, 409}
        order_id = await api.invoiced()
        both = await asyncio.gather(
            api.post(path_of(order_id, "cancel"), {"reason": "x"}, role=Role.CHANNEL, headers=headers()),
            other.put(path_of(order_id, "trackingdetails"), {"trackingCode": "1"}, role=Role.ERP, headers=headers()),
        )
        assert sorted(answer.status_code for answer in both) == [204, 409]


async def test_one_invoice_for_many_orders(crowd: Crowd) -> None:
    api = crowd.apis[0]
    ids = [await api.paid() for _ in range(8)]
    body = {"key": key_of(nfe()), "number": 1, "serieNumber": 1}
    answers = await asyncio.gather(
        *(crowd.apis[n % 2].put(path_of(one, "invoicedetails"), body, role=Role.ERP) for n, one in enumerate(ids))
    )
    assert counted(answers) == {204: 1, 409: 7}
    assert sorted([(await api.order(one))["status"] for one in ids]) == [2] * 7 + [20]


async def test_everything_at_once(crowd: Crowd) -> None:
    """A flash sale with payments, cancellations and shipments; the invariants are checked at its end."""
    chance = random.Random(20260809)  # noqa: S311 - reproducible, not secret
    await crowd.shop.count("1", 30)

    async def customer(n: int) -> set[int]:
        api = crowd.apis[n % 2]
        codes = []
        answer = await api.place(sent(Items=lines(s1=chance.randint(1, 3), **({"s2": 1} if n % 3 else {}))))
        codes.append(answer.status_code)
        if answer.status_code != 201:
            return set(codes)
        order_id = answer.json()["id"]
        steps = [
            ("PUT", "payment", {"nsu": f"{n}", "amount": 100}),
            ("PUT", "status", {"status": chance.choice([3, 4, 6])}),
            ("PUT", "invoicedetails", {"key": key_of(nfe()), "number": n, "serieNumber": 1}),
            ("POST", "cancel", {"reason": "x", "by": "buyer"}),
            ("PUT", "trackingdetails", {"trackingCode": f"BR{n}"}),
        ]
        if n % 2:
            chance.shuffle(steps)
        for method, action, body in steps:
            codes.append(
                (await crowd.apis[chance.randint(0, 1)].send(method, path_of(order_id, action), body)).status_code
            )
        return set(codes)

    assert set.union(*await asyncio.gather(*(customer(n) for n in range(40)))) == {201, 204, 409}


async def test_a_server_that_is_killed_has_lost_nothing_that_it_answered(
    crowd: Crowd, database_url: str, tmp_path: Path
) -> None:
    doomed = Server(database_url, tmp_path).wait_ready()
    bodies = [sent() for _ in range(60)]
    headers = await crowd.apis[0].token(Role.CHANNEL)
    answered: dict[str, str] = {}

    async with httpx.AsyncClient(base_url=doomed.url, timeout=30) as client:

        async def place(body: Any) -> None:
            try:
                answer = await client.post(EXTERNAL, json=body, headers=headers)
            except httpx.TransportError:
                return
            answered[body["ExternalId"]] = answer.json()["id"]
            if len(answered) == 20:
                doomed.end(signal.SIGKILL)

        await asyncio.gather(*(place(body) for body in bodies))
    assert 20 <= len(answered) <= 60
    again = await crowd.send("POST", EXTERNAL, *bodies, role=Role.CHANNEL)
    assert counted(again) == {201: 60}
    ids = {answer.json()["externalId"]: answer.json()["id"] for answer in again}
    assert {key: ids[key] for key in answered} == answered
    assert await crowd.apis[0].value("SELECT count(*) FROM orders") == 60
