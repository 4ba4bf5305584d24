"""The feed for those who wait: long polls and streams."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from balcao.base.stopping import STOPPING
from balcao.doors.v1.events import read
from balcao.tenants.rules import Role
from tests.doors.shop import Api
from tests.verbs.log_book import LogBook, event, paid

FEED = "/v1/events"
LINES = {"Accept": "application/x-ndjson"}
PATIENCE_S = 20
"""Below the 30 s after which a poll answers by itself, above what a busy machine takes to wake one."""


@pytest.fixture
def book(api: Api) -> LogBook:
    return LogBook(api.db, api.shop.tenant)


@pytest.fixture
async def start(api: Api, book: LogBook) -> int:
    """The last number before the test."""
    await api.token(Role.ADMIN)
    return (await book.read()).newest


@pytest.fixture
def stopping() -> Iterator[asyncio.Event]:
    yield STOPPING
    STOPPING.clear()


async def poll(api: Api, after: int, wait: int = 30, **more: Any) -> tuple[dict[str, Any], float]:
    """The answer of a long poll, and the seconds it took."""
    began = time.monotonic()
    answer = await api.get(FEED, params={"after": after, "wait": wait} | more)
    assert answer.status_code == 200, answer.text
    return answer.json(), time.monotonic() - began


@asynccontextmanager
async def stream(api: Api, after: int, **params: Any) -> AsyncIterator[AsyncIterator[str]]:
    """The lines of a stream; empty ones are "" each."""
    params = {"after": after} | params
    headers = {**await api.token(Role.ADMIN), **LINES}
    async with api.client.stream("GET", FEED, params=params, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-ndjson"
        assert "content-length" not in answer.headers
        yield aiter(answer.aiter_lines())


async def ids(lines: AsyncIterator[str], count: int) -> list[int]:
    """The numbers of that many events from the stream."""
    found: list[int] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            line = await anext(lines)
            if line:
                found.append(int(json.loads(line)["id"]))
    return found


async def rest(lines: AsyncIterator[str]) -> list[str]:
    """What is left until the stream ends, which it must soon."""
    async with asyncio.timeout(10):
        return [line async for line in lines]


async def test_a_poll_wakes_up_when_something_happens(api: Api, book: LogBook, start: int) -> None:
    waiting = asyncio.create_task(poll(api, start))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    began = time.monotonic()
    await book.write(paid(2))
    body, _ = await waiting
    assert time.monotonic() - began < PATIENCE_S
    assert [int(shown["id"]) for shown in body["events"]] == [start + 1, start + 2]


async def test_a_poll_does_not_wait_for_what_has_happened(api: Api, book: LogBook, start: int) -> None:
    await book.write(paid(2))
    body, took_s = await poll(api, start)
    assert (len(body["events"]), took_s < PATIENCE_S) == (2, True)


async def test_a_poll_ends_empty(api: Api, start: int) -> None:
    body, took_s = await poll(api, start, wait=1)
    assert body == {"events": [], "next": start, "newest": start, "more": False}
    assert 1 <= took_s < PATIENCE_S


async def test_a_poll_waits_for_what_it_wants_and_moves_on(api: Api, book: LogBook, start: int) -> None:
    waiting = asyncio.create_task(poll(api, start, types="stocks.*"))
    await asyncio.sleep(0.1)
    await book.write(paid(2))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await book.tell("stocks.counted")
    body, _ = await waiting
    assert [int(shown["id"]) for shown in body["events"]] == [start + 3]
    body, _ = await poll(api, start + 3, wait=0, types="stocks.*")
    await book.write(paid(2))
    body, _ = await poll(api, start + 3, wait=1, types="stocks.*")
    assert (body["events"], body["next"]) == ([], start + 5)


async def test_a_poll_ends_when_the_process_stops(api: Api, start: int, stopping: asyncio.Event) -> None:
    waiting = asyncio.create_task(poll(api, start))
    await asyncio.sleep(0.1)
    stopping.set()
    body, took_s = await waiting
    assert (body["events"], took_s < PATIENCE_S) == ([], True)


async def test_many_polls_wait_at_once(api: Api, book: LogBook, start: int) -> None:
    waiting = [asyncio.create_task(poll(api, start)) for _ in range(40)]
    await asyncio.sleep(0.3)
    await book.write(paid(1))
    assert {body["next"] for body, _ in await asyncio.gather(*waiting)} == {start + 1}


async def test_visible_soon_after_the_answer(api: Api, start: int) -> None:
    """The median of some orders over HTTP; the figure that is promised is measured, not tested: machines are busy."""
    after, delays = start, []
    for _ in range(10):
        waiting = asyncio.create_task(poll(api, after, types="order.placed"))
        await api.placed()
        answered = time.monotonic()
        body, _ = await waiting
        delays.append(time.monotonic() - answered)
        after = body["next"]
    assert sorted(delays)[5] < 0.5


async def test_a_stream_goes_on_with_what_happens(api: Api, book: LogBook, start: int) -> None:
    await book.write(paid(3))
    async with stream(api, start) as lines:
        assert await ids(lines, 3) == [start + 1, start + 2, start + 3]
        await book.write(paid(1))
        assert await ids(lines, 1) == [start + 4]
        await book.write(paid(2))
        assert await ids(lines, 2) == [start + 5, start + 6]


async def test_a_stream_gives_the_whole_log_and_ends_when_told_not_to_wait(api: Api, book: LogBook, start: int) -> None:
    await book.write(paid(2500))
    async with stream(api, start, wait=0, limit=7) as lines:
        events = [json.loads(line) for line in await rest(lines)]
    assert [int(shown["id"]) for shown in events] == list(range(start + 1, start + 2501))
    assert [shown["data"]["n"] for shown in events] == list(range(1, 2501))
    assert events[0]["specversion"] == "1.0"


async def test_a_stream_ends_after_the_silence_it_asked_for(api: Api, book: LogBook, start: int) -> None:
    async with stream(api, start, wait=1) as lines:
        await asyncio.sleep(0.6)
        await book.write(paid(1))
        assert await ids(lines, 1) == [start + 1]
        began = time.monotonic()
        assert await rest(lines) == []
        assert 0.8 < time.monotonic() - began < 5


async def test_a_silent_stream_shows_that_it_lives(
    api: Api, book: LogBook, start: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "HEARTBEAT_S", 0.1)
    async with stream(api, start, types="stocks.*") as lines:
        async with asyncio.timeout(5):
            assert [await anext(lines), await anext(lines)] == ["", ""]
        await book.write(paid(1))  # not wanted
        async with asyncio.timeout(5):
            assert await anext(lines) == ""
        await book.tell("stocks.counted")
        assert await ids(lines, 1) == [start + 2]


async def test_a_stream_ends_when_the_process_stops(api: Api, start: int, stopping: asyncio.Event) -> None:
    async with stream(api, start) as lines:
        await asyncio.sleep(0.1)
        stopping.set()
        assert await rest(lines) == []


async def test_a_stream_ends_when_its_credential_is_revoked(api: Api, book: LogBook, start: int) -> None:
    headers = await api.token(Role.ERP)
    (row,) = await book.fetch("SELECT client_id FROM credential WHERE role = 'erp'")
    start = (await book.read()).newest
    async with api.client.stream("GET", FEED, params={"after": start}, headers=headers | LINES) as answer:
        lines = aiter(answer.aiter_lines())
        gone = await api.send("DELETE", f"/v1/credentials/{row[0]}")
        assert gone.status_code == 204
        await book.write(paid(1))
        assert len(await rest(lines)) <= 1


async def test_a_stream_lives_no_longer_than_a_token(
    api: Api, book: LogBook, start: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(read, "_may_go_on", lambda _, began: read._now() - began < 0.5)
    async with stream(api, start) as lines:
        assert set(await rest(lines)) == {""}


async def test_a_stream_refuses_as_a_page_does(api: Api, start: int) -> None:
    answer = await api.get(FEED, params={"after": start + 9}, headers=LINES)
    assert (answer.status_code, answer.json()["code"]) == (409, "cursor_ahead")
    answer = await api.get(FEED, params={"types": "?"}, headers=LINES)
    assert answer.status_code == 400


async def test_the_head_of_a_stream(api: Api, start: int) -> None:
    answer = await api.send("HEAD", FEED, params={"after": start}, headers=LINES)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    assert answer.content == b""


async def test_nobody_waits_for_readers_who_left(api: Api, book: LogBook, start: int) -> None:
    async with stream(api, start):
        await asyncio.sleep(0.1)
    with pytest.raises(httpx.ReadTimeout):
        await api.get(FEED, params={"after": start, "wait": 1}, timeout=0.2)
    await book.write([event()])
    body, _ = await poll(api, start)
    assert body["next"] == start + 1
