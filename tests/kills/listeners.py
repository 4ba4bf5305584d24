"""Partners who follow the log through every death: by pages, by a stream, and by webhooks."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

import aiohttp
from aiohttp import web
from standardwebhooks import Webhook as Signer

from tests.kills.house import House
from tests.receiver import Received, Receiver


class Heard(NamedTuple):
    """An event as it came."""

    seq: int
    type: str
    subject: str


class Follower:
    """Reads the feed over HTTP from one server and the other; keeps its cursor only for what came whole."""

    def __init__(self, house: House, headers: Mapping[str, str], *, by_stream: bool) -> None:
        self._house, self._headers, self._by_stream = house, headers, by_stream
        self.heard: list[Heard] = []
        self.surprises: list[str] = []

    async def __aenter__(self) -> "Follower":
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(60))
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._session.close()

    async def until(self, seq: int) -> None:
        """Until it is so far."""
        async with asyncio.timeout(60):
            while self._after() < seq:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    def _after(self) -> int:
        return self.heard[-1].seq if self.heard else 0

    async def _follow(self) -> None:
        turn = 0
        while True:
            turn += 1
            url = f"{self._house.servers[turn % 2].url}/v1/events"
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                await (self._stream(url) if self._by_stream else self._page(url))
            await asyncio.sleep(0.01)

    async def _page(self, url: str) -> None:
        asked = {"after": self._after(), "limit": 1000, "wait": 2}
        async with self._session.get(url, params=asked) as answer:
            body = await answer.read()
        if self._goes_well(answer.status, body):
            self.heard += [_heard(event) for event in json.loads(body)["events"]]

    async def _stream(self, url: str) -> None:
        headers = {"Accept": "application/x-ndjson"}
        async with self._session.get(url, params={"after": self._after()}, headers=headers) as answer:
            if not self._goes_well(answer.status, b""):
                return
            async for line in answer.content:
                if line.endswith(b"\n") and line.strip():  # what a dying server has sent of a line is none
                    self.heard.append(_heard(json.loads(line)))

    def _goes_well(self, status: int, body: bytes) -> bool:
        if status not in (200, 503):
            self.surprises.append(f"the feed was answered {status}: {body.decode()}")
        return status == 200


class Hook(Receiver):
    """A webhook's receiver that keeps only what it has heard, each message verified."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Heard] = []
        self.signer: Signer | None = None
        self.answering = self._hear

    def _hear(self, received: Received) -> web.Response:
        self.got.clear()
        assert self.signer is not None
        self.heard.append(_heard(self.signer.verify(received.body, dict(received.headers))))
        return web.Response()

    async def until_all(self, seqs: set[int], timeout_s: float) -> None:
        """Until every one of these came."""
        async with asyncio.timeout(timeout_s):
            while seqs - {heard.seq for heard in self.heard}:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


def _heard(event: dict[str, str]) -> Heard:
    return Heard(int(event["id"]), event["type"], event["subject"])
