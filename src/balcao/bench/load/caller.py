"""One connection that sends a request as soon as the last one is answered: HTTP/1.1, keep-alive, nothing more."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple, cast

LENGTH = b"content-length: "
HEAD_END = b"\r\n\r\n"


class Answer(NamedTuple):
    """A request's key, its answer, and when both went through."""

    key: bytes
    status: int
    body: bytes
    started: float
    ended: float


Next = Callable[[], tuple[bytes, bytes] | None]
"""The next request with its key; None when there is none any more."""


class Caller(asyncio.Protocol):
    """Written by hand: it runs on the machine that it measures, and every microsecond here is taken from the server."""

    def __init__(self, next_request: Next, tell: Callable[[Answer], None]) -> None:
        self._next = next_request
        self._tell = tell
        self._rest = b""
        self._key = b""
        self._started = 0.0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; `start` sends."""
        self._transport = cast("asyncio.Transport", transport)

    def start(self) -> None:
        """Send the next request, or close when there is none."""
        request = self._next()
        if request is None:
            self._transport.close()
            return
        self._key, data = request
        self._started = perf_counter()
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Read the answer and send the next request."""
        if self._rest:
            data = self._rest + data
        head = data.find(HEAD_END)
        length = _length(data, head) if head >= 0 else 0
        if head < 0 or len(data) < head + 4 + length:
            self._rest = data
            return
        self._rest = b""
        self._tell(Answer(self._key, int(data[9:12]), data[head + 4 :], self._started, perf_counter()))
        self.start()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, asked for or not."""
        if not self.ended.done():
            self.ended.set_result(None) if exc is None else self.ended.set_exception(exc)


def _length(data: bytes, head: int) -> int:
    at = data.find(LENGTH, 0, head)
    if at < 0:
        return 0
    at += len(LENGTH)
    return int(data[at : data.index(b"\r\n", at)])
