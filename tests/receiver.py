"""A real HTTP server on 127.0.0.1 that takes what is sent to it, keeps it, and answers as told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiohttp import web


class Received(NamedTuple):
    """A request as it came in; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


Answering = Callable[[Received], Awaitable[web.StreamResponse] | web.StreamResponse]


class Receiver:
    """What came in, in order; `answering` decides on the answer (200 unless told)."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[Received] = []
        self.answering: Answering = lambda _: web.Response()
        self._came = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Keep a request and answer it."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Received(request.path_qs, headers, await request.read())
        self.got.append(received)
        self._came.set()
        answer = self.answering(received)
        return answer if isinstance(answer, web.StreamResponse) else await answer

    async def until(self, count: int, timeout_s: float = 10) -> list[Received]:
        """What came, once it is so many."""
        async with asyncio.timeout(timeout_s):
            while len(self.got) < count:
                self._came.clear()
                await self._came.wait()
        return self.got


@asynccontextmanager
async def receiving(receiver: Receiver | None = None) -> AsyncIterator[Receiver]:
    """A running receiver, of its own kind where one is given."""
    receiver = receiver or Receiver()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        await runner.cleanup()
