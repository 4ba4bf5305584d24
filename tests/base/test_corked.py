"""What is written in one turn of the event loop goes out in one piece, whole and in order, before the end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import uvloop
from uvicorn import Config, Server

from balcao.supervise.corked import HELD_MAX_BYTES, Corked, OnePiece


class _Wire:
    """A connection that notes what reaches it."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.said: list[str] = []
        self.is_lost = False

    def writelines(self, pieces: Sequence[bytes]) -> None:
        """One call of the system."""
        self.sent.append(b"".join(pieces))

    def is_closing(self) -> bool:
        """Whether it broke, or was told to end."""
        return self.is_lost

    def close(self) -> None:
        """The end."""
        self.said.append(f"close after {len(self.sent)}")

    def abort(self) -> None:
        """The end, at once."""
        self.said.append("abort")


def _corked() -> tuple[Corked, _Wire]:
    wire = _Wire()
    return Corked(cast("Any", wire), asyncio.get_running_loop()), wire


async def test_head_and_body_are_one_piece() -> None:
    """Whatever is written in one turn."""
    corked, wire = _corked()
    corked.write(b"head ")
    corked.write(b"body")
    assert wire.sent == []
    await asyncio.sleep(0)
    assert wire.sent == [b"head body"]
    corked.write(b"next")
    await asyncio.sleep(0)
    assert wire.sent == [b"head body", b"next"]


async def test_a_large_answer_is_not_held_back() -> None:
    """So that a slow reader is noticed while it is written."""
    corked, wire = _corked()
    corked.write(b"head ")
    corked.write(b"x" * HELD_MAX_BYTES)
    assert wire.sent == [b"head " + b"x" * HELD_MAX_BYTES]
    corked.write(b"tail")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert wire.sent[1:] == [b"tail"]


async def test_closing_sends_first() -> None:
    """Nothing that was written is lost by it, and nothing is sent afterwards."""
    corked, wire = _corked()
    corked.write(b"last words")
    corked.close()
    assert (wire.sent, wire.said) == ([b"last words"], ["close after 1"])
    await asyncio.sleep(0)
    assert wire.sent == [b"last words"]


async def test_a_lost_connection_gets_nothing() -> None:
    """uvloop raises at a write on one."""
    corked, wire = _corked()
    corked.write(b"too late")
    wire.is_lost = True
    await asyncio.sleep(0)
    assert wire.sent == []
    wire.is_lost = False
    corked.write(b"never")
    corked.abort()
    await asyncio.sleep(0)
    assert (wire.sent, wire.said) == ([], ["abort"])


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Echoes the body; `/stream` answers in pieces with turns in between, `/large` with a megabyte."""
    if scope["type"] != "http":
        return
    body = (await receive()).get("body", b"")
    pieces = {"/stream": [b"one ", b"two ", b"three"], "/large": [b"x" * 1_000_000]}.get(scope["path"], [body])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


@asynccontextmanager
async def _served() -> AsyncIterator[int]:
    server = Server(Config(_app, port=0, http=OnePiece, lifespan="off", log_config=None, access_log=False))
    config = server.config
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield port
    finally:
        await server.shutdown()


async def _ask(port: int, requests: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(requests)
    answer = await reader.read()
    writer.close()
    return answer


def _request(path: str, body: bytes = b"", *, ends: bool = True) -> bytes:
    end = "connection: close\r\n" if ends else ""
    return f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n{end}\r\n".encode() + body


def test_over_http_everything_arrives() -> None:
    """Pipelined requests, pieces and large answers, on a real connection whose end comes after the last byte."""

    async def ask_all() -> None:
        async with _served() as port:
            both = await _ask(port, _request("/", b"first", ends=False) + _request("/", b"second"))
            assert both.index(b"first") < both.index(b"second")
            assert both.count(b"HTTP/1.1 200 OK") == 2
            streamed = await _ask(port, _request("/stream"))
            assert streamed.index(b"one ") < streamed.index(b"two ") < streamed.index(b"three")
            assert streamed.endswith(b"0\r\n\r\n")
            large = await _ask(port, _request("/large"))
            assert large.count(b"x") >= 1_000_000
            assert b"400" in await _ask(port, b"nonsense\r\n\r\n")

    uvloop.run(ask_all())
