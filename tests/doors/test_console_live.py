"""The console's stream: told at once, to those who may see it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from balcao.tenants.rules import Role
from balcao.users.rules import UserRole
from tests.doors.conftest import NO_TLS
from tests.doors.shop import Api
from tests.staff import Staff, add_user
from tests.verbs.shop import OTHER_STORE, STORE


async def news(lines: AsyncIterator[str]) -> dict[str, Any]:
    """The next message."""
    async with asyncio.timeout(10):
        async for line in lines:
            if line.startswith("data: "):
                told: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return told
    raise AssertionError("the stream ended")


async def begun(answer: httpx.Response) -> AsyncIterator[str]:
    """The lines after the first, which says that the stream has begun."""
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = answer.aiter_lines()
    async with asyncio.timeout(10):
        async for line in lines:
            if line.startswith("id: "):
                break
    return lines


async def test_an_order_is_told_to_who_may_see_it(api: Api, server_url: str) -> None:
    await add_user(api.db, api.shop.tenant)
    await add_user(api.db, api.shop.tenant, "rui@loja.example", UserRole.OPERATOR, [OTHER_STORE])
    async with Staff(server_url, NO_TLS) as ana, Staff(server_url, NO_TLS) as rui:
        await ana.log_in()
        await rui.log_in("rui@loja.example")
        await api.token(Role.CHANNEL)
        async with ana.http.stream("GET", "/console/live") as one, rui.http.stream("GET", "/console/live") as other:
            all_lines, own_lines = await begun(one), await begun(other)
            there = await api.placed(Seller={"Cnpj": STORE})
            assert await news(all_lines) == {"types": ["order.placed"], "subjects": [there]}
            here = await api.placed(Seller={"Cnpj": OTHER_STORE})
            assert await news(own_lines) == {"types": ["order.placed"], "subjects": [here]}


async def test_a_browser_that_comes_back_goes_on(api: Api, server_url: str) -> None:
    await add_user(api.db, api.shop.tenant)
    order_id = await api.placed()
    async with Staff(server_url, NO_TLS) as ana:
        await ana.log_in()
        async with ana.http.stream("GET", "/console/live", headers={"Last-Event-ID": "1"}) as answer:
            assert order_id in (await news(await begun(answer)))["subjects"]
        for unknown in ("999999999", "x", "-1", "9" * 30):
            async with ana.http.stream("GET", "/console/live", headers={"Last-Event-ID": unknown}) as answer:
                await begun(answer)


async def test_a_stranger_hears_nothing(api: Api, server_url: str) -> None:
    assert api.shop.tenant
    async with Staff(server_url, NO_TLS) as stranger:
        answer = await stranger.get("/console/live", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/login?next=/console/live")
