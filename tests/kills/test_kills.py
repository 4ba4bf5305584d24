"""kill -9 of a server, the worker and the database, each alone, at random points under load.

A few points each in the suite; `BALCAO_TEST_KILLS=100` makes it a hundred. What a dead worker had claimed is free as if
its minute were over; `BALCAO_TEST_LEASES=1` lets it run out by itself, a minute for each death.
"""

import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook as Signer

from balcao.webhooks.turn import LEASE_S
from tests.doors.shop import Api
from tests.kills.customers import Customers
from tests.kills.house import House, open_house
from tests.kills.laws import check_changes, check_feed, check_hook, check_orders, read_log
from tests.kills.listeners import Follower, Hook
from tests.receiver import receiving
from tests.verbs.shop import open_shop

SHORT = 2
POINTS = int(os.environ.get("BALCAO_TEST_KILLS", SHORT))
WAITS = bool(os.environ.get("BALCAO_TEST_LEASES"))
PLENTY = 1_000_000_000
LIFE_MAX_S = 1.0
"""Between being back at work and the next death: anything up to this."""


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("kills")) as house:
        yield house


Kill = Callable[[House, str, random.Random], Awaitable[None]]


async def _server(house: House, tenant: str, chance: random.Random) -> None:
    await house.kill_server(chance)


async def _worker(house: House, tenant: str, chance: random.Random) -> None:
    await house.kill_worker(tenant, waits=WAITS)


async def _database(house: House, tenant: str, chance: random.Random) -> None:
    await house.kill_database(chance)


@pytest.mark.parametrize("kill", [_server, _worker, _database], ids=["server", "worker", "database"])
async def test_nothing_answered_is_lost(house: House, kill: Kill, request: pytest.FixtureRequest) -> None:
    victim = request.node.callspec.id
    shop = await open_shop(house.db, name=f"kills-{victim}")
    for sku in "123":
        await shop.count(sku, PLENTY)
    async with AsyncExitStack() as stack:
        hook = Hook()
        await stack.enter_async_context(receiving(hook))
        headers = await _subscribe(house, shop, hook)
        followers = [
            await stack.enter_async_context(Follower(house, headers, by_stream=by_stream))
            for by_stream in (False, True)
        ]
        async with Customers(house, headers, shop.tenant) as customers:
            back_s = await _die_often(house, kill, shop.tenant, customers, hook)
        log = await read_log(shop)
        for follower in followers:
            await follower.until(log[-1].seq)
        if not WAITS:
            await house.kill_worker(shop.tenant, waits=False)
        orders = {event.seq for event in log if event.type.startswith("order.")}
        await hook.until_all(orders, LEASE_S + 60)
    await check_orders(shop, customers)
    check_changes(log, customers.done)
    for follower in followers:
        assert follower.surprises == []
        check_feed(follower.heard, log)
    check_hook(hook.heard, log)
    assert house.complaints() == []
    _report(victim, back_s, customers, len(log), len(hook.heard) - len(orders))


async def _subscribe(house: House, shop: Any, hook: Hook) -> dict[str, str]:
    """An administrator's headers, once there is a webhook for all that happens to orders."""
    async with httpx.AsyncClient(base_url=house.servers[0].url) as client:
        api = Api(client, shop)
        answer = await api.post("/v1/webhooks", {"url": hook.url, "types": ["order.*"]})
        assert answer.status_code == 201, answer.text
        hook.signer = Signer(answer.json()["secret"])
        return await api.token()


async def _die_often(house: House, kill: Kill, tenant: str, customers: Customers, hook: Hook) -> list[float]:
    """How many seconds it took each time until orders were answered, and messages came, again."""
    chance = random.Random()  # noqa: S311 - no secret
    back_s = []
    await customers.until_more(20)
    for _ in range(POINTS):
        await asyncio.sleep(chance.random() * LIFE_MAX_S)
        began, heard = time.monotonic(), len(hook.heard)
        await kill(house, tenant, chance)
        await customers.until_more(5)
        async with asyncio.timeout(LEASE_S):
            while len(hook.heard) < heard + 5:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        back_s.append(time.monotonic() - began)
    return back_s


def _report(victim: str, back_s: list[float], customers: Customers, events: int, again: int) -> None:
    answers = ", ".join(f"{count} × {status}" for status, count in sorted(customers.answers.items()))
    sys.stdout.write(
        f"\n{victim}: killed {len(back_s)} times, back after {statistics.median(back_s):.2f} s "
        f"(at most {max(back_s):.2f} s); {len(customers.orders)} orders, {events} events, {again} messages came again; "
        f"{answers}, {customers.broken} connections broken\n"
    )
