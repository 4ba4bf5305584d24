"""Hooks sent three times at once, a worker killed again and again, an OmniChat that fails and dawdles: nothing is lost.

`BALCAO_TEST_OMNICHAT=1000` sends so many orders and kills the worker twenty times (some minutes); the suite does few.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
from asyncpg import Record

from balcao.base.db import Database
from balcao.base.settings import read_settings
from balcao.omnichat.rules.model import Checkout
from balcao.omnichat.work import work_for_omnichat
from balcao.partners.omnichat_stand_in import Account, StandIn, Switches, standing_in
from balcao.webhooks.turn import LEASE_S
from tests.doors.conftest import NO_TLS, serving
from tests.verbs.chat_shop import ChatShop, asked, chat_shop
from tests.verbs.hooks import SECOND
from tests.verbs.shop import STORE

ORDERS = int(os.environ.get("BALCAO_TEST_OMNICHAT", "24"))
IS_LONG = ORDERS >= 1000
KILLS = 20 if IS_LONG else 2
TIMES = 3
SPREAD_S = 60.0 if IS_LONG else 4.0
"""Within so many seconds every hook is sent, each time at a moment of its own."""
AT_ONCE = 64
SECRET_KEY = "k" * 43


async def test_nothing_is_lost_or_doubled(own_database_url: str, tmp_path: Path) -> None:
    db = await Database.open(own_database_url)
    chance = random.Random(4)  # noqa: S311
    switches = Switches(fail=0.3, slow=0.1, slow_s=1, drop=0.05)
    stand_in = StandIn(switches=switches, chance=random.Random(5))  # noqa: S311
    async with chat_shop(db, tmp_path) as chat, standing_in(stand_in), _server(own_database_url, tmp_path) as url:
        stand_in.account = Account()
        added = await chat.add(Checkout.OMNI, base_url=f"{stand_in.url}/v2")
        for sku in "123":
            await chat.shop.count(sku, 10 * ORDERS)
        orders = [_order(n, chance) for n in range(ORDERS)]
        hook_url = f"{url}/hooks/omnichat/{added.integration.integration_id}"
        async with asyncio.TaskGroup() as group:
            group.create_task(_send_all(hook_url, added.inbound_secret, orders, chance))
            group.create_task(_kill_again_and_again(own_database_url, tmp_path, chance))
        await _finish(chat)
        await _check(chat, stand_in, orders)
    await db.close()


def _order(number: int, chance: random.Random) -> dict[str, Any]:
    """One of so many; every third is cancelled at OmniChat, every other one paid."""
    sku, quantity = chance.choice("123"), chance.randint(1, 3)
    return asked(
        objectId=f"chaos-{number}",
        items__0__productReference=sku,
        items__0__quantity=quantity,
        items__0__objectId=f"item-{number}",
        team__externalId="loja-1",
    )


def _is_cancelled(number: int) -> bool:
    return number % 3 == 0


async def _send_all(url: str, secret: str, orders: list[dict[str, Any]], chance: random.Random) -> None:
    headers, seats = {"Authorization": f"Bearer {secret}"}, asyncio.Semaphore(AT_ONCE)
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(headers=headers, verify=NO_TLS, limits=limits, timeout=60) as client:

        async def send(hook: str, body: dict[str, Any], delay_s: float) -> None:
            await asyncio.sleep(delay_s)
            for attempt in range(20):
                async with seats:
                    status = await _post(client, f"{url}/{hook}", body)
                if status not in {0, 503}:  # no answer, or too many at once: it is sent again
                    break
                await asyncio.sleep(0.1 * (attempt + 1))
            assert status == 200

        sends = []
        for number, body in enumerate(orders):
            change = {"status": "PAID", "responsible": "ana", "updatedAt": "2026-09-21T12:00:01Z"}
            hooks = [("provision", body), ("status-change", {"order": body, "statusChange": change})]
            if _is_cancelled(number):
                hooks.append(("cancellation", body))
            sends += [send(hook, each, chance.uniform(0, SPREAD_S)) for hook, each in hooks for _ in range(TIMES)]
        await asyncio.gather(*sends)


async def _post(client: httpx.AsyncClient, url: str, body: dict[str, Any]) -> int:
    """The answer's status, 0 where none came."""
    try:
        return (await client.post(url, content=json.dumps(body).encode())).status_code
    except httpx.TransportError:
        return 0


async def _kill_again_and_again(url: str, home: Path, chance: random.Random) -> None:
    for _ in range(KILLS):
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "balcao", "worker", env=_env(url, home))
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), SPREAD_S / KILLS * chance.uniform(0.8, 1.2))
            assert process.returncode is None, "the worker ended by itself"
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _finish(chat: ChatShop) -> None:
    """A last worker does what is left; the claims of the dead ones run out."""
    chat.later(LEASE_S * SECOND)
    stop = asyncio.Event()
    working = asyncio.create_task(work_for_omnichat(chat.db, chat.networks, chat.now, stop=stop))
    async with chat.worker(), asyncio.timeout(600):
        while await chat.is_open():  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    stop.set()
    await working


async def _check(chat: ChatShop, stand_in: StandIn, orders: list[dict[str, Any]]) -> None:
    async with chat.db.read() as tx:
        rows = await tx.fetch("SELECT external_id, count(*) AS n, min(status) AS status FROM orders GROUP BY 1")
        kept = await tx.fetchval("SELECT count(*) FROM omnichat_hook")
        reserved = _pairs(
            await tx.fetch("SELECT s.code, sum(k.reserved) FROM stock k JOIN sku s USING (sku_id) GROUP BY 1")
        )
        lines = _pairs(await tx.fetch("SELECT sku_code, sum(reserved) FROM order_item GROUP BY 1"))
    assert {row["external_id"]: (row["n"], row["status"]) for row in rows} == {
        body["objectId"]: (1, 11 if _is_cancelled(number) else 2) for number, body in enumerate(orders)
    }
    assert kept == sum(3 if _is_cancelled(number) else 2 for number in range(len(orders)))
    expected = dict.fromkeys("123", 0)
    for number, body in enumerate(orders):
        item = body["items"][0]
        expected[item["productReference"]] += 0 if _is_cancelled(number) else item["quantity"]
    assert {sku: reserved[sku] for sku in "123"} == expected
    assert {sku: lines.get(sku, 0) for sku in "123"} == expected
    assert await chat.shop.level("1", STORE) == (10 * ORDERS, expected["1"])
    repeats = 0
    for number, body in enumerate(orders):
        taken = [str(line.body["status"]) for line in stand_in.accepted(body["objectId"])]
        order_ids = {line.body["orderGwId"] for line in stand_in.accepted(body["objectId"]) if "orderGwId" in line.body}
        told = [status for status, _ in groupby(taken)]
        assert told == ["ORDER_GATEWAY_PROVISIONED", "CANCELLED"][: 2 if _is_cancelled(number) else 1], taken
        assert order_ids == {str((await chat.find(body["objectId"])).order_id)}
        repeats += len(taken) - len(told)
    if not IS_LONG:
        assert repeats <= len(orders)
    print(f"{len(orders)} orders, {KILLS} kills, {len(stand_in.calls)} calls, {repeats} repeated after a lost answer")  # noqa: T201


def _pairs(rows: list[Record]) -> dict[str, int]:
    return {row[0]: int(row[1]) for row in rows}


@asynccontextmanager
async def _server(url: str, home: Path) -> AsyncIterator[str]:
    settings = read_settings({"BALCAO_HOME": str(home), "DATABASE_URL": url, "BALCAO_SECRET_KEY": SECRET_KEY})
    async with serving(settings) as address:
        yield address


def _env(url: str, home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url,
        "BALCAO_HOME": str(home),
        "BALCAO_SECRET_KEY": SECRET_KEY,
        "BALCAO_WEBHOOK_ALLOW_PRIVATE": "true",
        "BALCAO_LOG_LEVEL": "error",
    }
