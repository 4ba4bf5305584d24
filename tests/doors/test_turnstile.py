"""More requests than can be worked on: those beyond are refused at once, and nobody inside is the slower for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import httpx
import msgspec
import pytest
from litestar.types import HTTPReceiveMessage, Message, Receive, Scope, Send

from balcao.base.settings import Settings
from balcao.doors import turnstile
from balcao.doors.turnstile import FEW, Occupancy
from balcao.tenants.rules import Role
from tests.doors.shop import EXTERNAL, Api, sent
from tests.verbs.log_book import LogBook

MOST = 3
FEED = "/v1/events"
COUNT = "SELECT count(*) FROM orders"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, requests_max=MOST)


@asynccontextmanager
async def full(api: Api) -> AsyncIterator[list[asyncio.Task[httpx.Response]]]:
    """Meanwhile as many requests are inside as may be: they wait for a row that somebody holds."""
    await api.token(Role.CHANNEL)
    await api.token()
    waiting: list[asyncio.Task[httpx.Response]] = []
    async with api.db.transaction() as tx:
        await tx.execute("SELECT 1 FROM tenant_clock WHERE tenant = $1 FOR UPDATE", api.shop.tenant)
        async with asyncio.timeout(10):
            while (await api.get(FEED)).status_code == 200:  # the question itself may have been in somebody's way
                waiting = [task for task in waiting if not task.done()]
                waiting += [asyncio.create_task(api.post(EXTERNAL, sent())) for _ in range(MOST - len(waiting))]
                await asyncio.sleep(0.01)
        assert not any(task.done() for task in waiting)
        yield waiting
    await asyncio.gather(*waiting)


async def test_who_comes_beyond_is_refused_and_nothing_is_done(api: Api) -> None:
    async with full(api) as waiting:
        answer = await api.post(EXTERNAL, sent())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert (problem["code"], problem["status"]) == ("unavailable", 503)
        assert problem["detail"] == "Too many requests are under way; send it again."
        assert not any(task.done() for task in waiting)
    assert [task.result().status_code for task in waiting] == [201] * MOST
    assert await api.value(COUNT) == MOST
    assert (await api.post(EXTERNAL, sent())).status_code == 201


async def test_whether_the_process_lives_is_answered_however_full_it_is(api: Api) -> None:
    async with full(api):
        for path in ("/health/live", "/cp/health/live/", "/health/ready", "/metrics"):
            assert (await api.client.get(path)).status_code == 200
        assert "balcao_http_refused_total" in (await api.client.get("/metrics")).text


async def test_who_waits_for_news_keeps_nobody_out(api: Api) -> None:
    headers = await api.token()
    await api.token(Role.CHANNEL)
    book = LogBook(api.db, api.shop.tenant)
    after = (await book.read()).newest
    waiting = []
    for _ in range(2 * MOST):
        waiting.append(asyncio.create_task(_first_line(api, {"after": after, "wait": 20}, headers)))
        lines = {**headers, "Accept": "application/x-ndjson"}
        waiting.append(asyncio.create_task(_first_line(api, {"after": after}, lines)))
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            while (await api.get(FEED)).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    async with full(api):
        assert not any(task.done() for task in waiting)
        assert (await api.get(FEED)).status_code == 503
    heard = await asyncio.gather(*waiting)
    assert all(f'"id":"{after + 1}"' in line for line in heard)
    async with asyncio.timeout(10):  # those whose streams are being closed are leaving
        while [(await api.get(FEED)).status_code for _ in range(MOST)] != [200] * MOST:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def _first_line(api: Api, params: dict[str, int], headers: dict[str, str]) -> str:
    """The first of what is answered, once something happened."""
    async with api.client.stream("GET", FEED, params=params, headers=headers) as answer:
        assert answer.status_code == 200
        return await anext(aiter(answer.aiter_lines()))


async def test_a_body_that_dribbles_in_keeps_nobody_out(api: Api, server_url: str) -> None:
    head = await _head(api, 10_000)
    url = httpx.URL(server_url)
    slow = [await asyncio.open_connection(url.host, url.port) for _ in range(2 * MOST)]
    for _, writer in slow:
        writer.write(head + b"{")
        await writer.drain()
    assert [(await api.post(EXTERNAL, sent())).status_code for _ in range(MOST)] == [201] * MOST
    for reader, writer in slow:
        writer.write(b" " * 9_998 + b"}")
        assert (await reader.readline()).split()[1] == b"400"
        writer.close()
    assert (await api.post(EXTERNAL, sent())).status_code == 201


async def test_bodies_take_only_so_much_memory(api: Api, server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "ARRIVING_BYTES_MAX", 30_000)
    head = await _head(api, 100_000)
    url = httpx.URL(server_url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(head + b" " * 40_000)
    async with asyncio.timeout(10):
        while (await api.get(FEED)).status_code == 200:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    writer.write(b" " * 60_000)
    assert (await reader.readline()).split()[1] == b"400"
    writer.close()
    assert (await api.post(EXTERNAL, sent())).status_code == 201


async def _head(api: Api, length: int) -> bytes:
    bearer = (await api.token())["Authorization"]
    return (
        f"POST {EXTERNAL} HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


class TestOccupancy:
    """What may be inside, by a clock that the test moves."""

    def test_as_many_as_are_answered_in_a_second(self) -> None:
        clock = _Clock()
        occupancy = Occupancy(512, clock)
        assert _limit(occupancy) == 512
        clock.answer(occupancy, 100, took_s=1.5)
        assert _limit(occupancy) == 100
        clock.answer(occupancy, 10, took_s=5)
        assert _limit(occupancy) == FEW
        clock.answer(occupancy, 1000, took_s=1.5)
        assert _limit(occupancy) == 512

    def test_more_again_when_it_gets_quicker(self) -> None:
        clock = _Clock()
        occupancy = Occupancy(512, clock)
        clock.answer(occupancy, 60, took_s=2)
        limits = []
        for _ in range(9):
            clock.answer(occupancy, 50, took_s=0.9)
            limits.append(_limit(occupancy))
        assert limits == [92, 124, 156, 195, 243, 303, 378, 472, 512]

    def test_few_slow_ones_among_many_change_nothing(self) -> None:
        clock = _Clock()
        occupancy = Occupancy(512, clock)
        for _ in range(3):
            occupancy.note(10)
        clock.answer(occupancy, 100, took_s=0.01)
        assert _limit(occupancy) == 512


async def test_who_waits_for_what_all_wait_for_once_is_not_timed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenant's first quotes wait for its freight tables: a process that took their seconds for slowness refused."""
    timed: list[float] = []
    monkeypatch.setattr(Occupancy, "note", lambda _, took_s: timed.append(took_s))
    path = f"/cp/management/commerce/freight/simulation/web/{api.shop.tenant}"
    cart = {"postalCode": "01001-000", "items": [{"sku": "NONE", "quantity": 1}]}
    assert (await api.post(path, {})).status_code == 400
    timed.clear()
    counts = []
    for query in ("", "", "?by=litestar"):
        assert (await api.post(path + query, cart)).status_code == 200
        counts.append(len(timed))
    assert counts == [0, 1, 2]


class _Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def answer(self, occupancy: Occupancy, count: int, *, took_s: float) -> None:
        """So many answers within a second."""
        for _ in range(count):
            self.now_s += 1.0000001 / count
            occupancy.note(took_s)


def _limit(occupancy: Occupancy) -> int:
    before = occupancy.requests
    while not occupancy.is_full:
        occupancy.requests += 1
    limit, occupancy.requests = occupancy.requests, before
    return limit


@pytest.mark.parametrize("is_passing", [True, False])
async def test_a_refused_body_passes_by_before_the_answer(is_passing: bool) -> None:
    """Without the turnstile the same application answers into the middle of the body, which breaks the connection."""
    pieces = 5
    events: list[str] = []

    async def receive() -> HTTPReceiveMessage:
        events.append("piece")
        return {"type": "http.request", "body": b"x", "more_body": events.count("piece") < pieces}

    async def send(message: Message) -> None:
        events.append(message["type"])

    async def refuse(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    app = turnstile.Turnstile(refuse, Occupancy(MOST)) if is_passing else refuse
    scope = cast("Scope", {"type": "http", "path": "/cp/x", "headers": []})
    await app(scope, cast("Receive", receive), send)
    answer = ["http.response.start", "http.response.body"]
    assert events == (["piece"] * pieces + answer if is_passing else answer)
