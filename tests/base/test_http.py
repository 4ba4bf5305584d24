"""Calls to the world outside, against a real server on 127.0.0.1."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from balcao.base.http import Answer, Http, Unanswered
from tests.receiver import Received, Receiver, receiving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(allow_private=True) as http:
        yield http


async def _post(http: Http, url: str, **over: Any) -> Answer:
    return await http.post(url, b'{"a": 1}', {"X-One": "1"}, **({"timeout_s": 5, "answer_max": 4096} | over))


async def test_it_sends_what_it_is_given_and_nothing_more(http: Http, receiver: Receiver) -> None:
    receiver.answering = lambda _: web.Response(status=201, body=b"taken", headers={"X-Two": "2"})
    answer = await _post(http, f"{receiver.url}/a%2Fb?c=%20d")
    assert (answer.status, answer.body, answer.is_whole, answer.headers["x-two"]) == (201, b"taken", True, "2")
    [got] = receiver.got
    assert (got.path, got.body) == ("/a%2Fb?c=%20d", b'{"a": 1}')
    assert got.headers.keys() == {"host", "x-one", "accept", "content-length", "content-type"}


async def test_cookies_are_not_kept(http: Http, receiver: Receiver) -> None:
    receiver.answering = lambda _: web.Response(headers={"Set-Cookie": "a=b"})
    await _post(http, receiver.url)
    await _post(http, receiver.url)
    assert ["cookie" in got.headers for got in receiver.got] == [False, False]


@pytest.mark.parametrize(
    ("size", "is_whole"), [(0, True), (4095, True), (4096, True), (4097, False), (5_000_000, False)]
)
async def test_it_reads_no_more_than_asked(http: Http, receiver: Receiver, size: int, is_whole: bool) -> None:
    receiver.answering = lambda _: web.Response(body=b"x" * size)
    answer = await _post(http, receiver.url)
    assert (answer.body, answer.is_whole) == (b"x" * min(size, 4096), is_whole)


async def test_an_answer_without_end_is_cut(http: Http) -> None:
    server = await asyncio.start_server(_babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answer = await _post(http, f"http://127.0.0.1:{port}/")
    assert (answer.status, len(answer.body), answer.is_whole) == (200, 4096, False)
    server.close()
    await server.wait_closed()


async def test_compressed_answers_stay_compressed(http: Http, receiver: Receiver) -> None:
    receiver.answering = lambda _: web.Response(body=b"\x1f\x8bnot gzip", headers={"Content-Encoding": "gzip"})
    assert (await _post(http, receiver.url)).body == b"\x1f\x8bnot gzip"


@pytest.mark.parametrize("target", ["http://169.254.169.254/", "http://127.0.0.1:1/", "/elsewhere"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_answers(http: Http, receiver: Receiver, status: int, target: str) -> None:
    receiver.answering = lambda _: web.Response(status=status, headers={"Location": target})
    answer = await _post(http, receiver.url)
    assert (answer.status, len(receiver.got)) == (status, 1)


async def test_silence_ends(http: Http, receiver: Receiver) -> None:
    async def silent(_: Received) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    receiver.answering = silent
    began = time.monotonic()
    with pytest.raises(Unanswered, match=r"^no answer within 0.2 seconds$"):
        await _post(http, receiver.url, timeout_s=0.2)
    assert time.monotonic() - began < 2


async def test_nobody_there(http: Http) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(Unanswered, match=r"^no connection: "):
            await _post(http, url)


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20_000 + b"\r\n\r\n"])
async def test_no_proper_answer(http: Http, said: bytes) -> None:
    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(mumble, "127.0.0.1", 0)
    with pytest.raises(Unanswered, match=r"^(no proper answer: |the connection was closed )"):
        await _post(http, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.1", "2130706433", "localhost"],
)
async def test_private_addresses_are_refused_unless_allowed(receiver: Receiver, host: str) -> None:
    port = receiver.url.rpartition(":")[2]
    async with Http(allow_private=False) as http:
        with pytest.raises(Unanswered, match=r"^the address is refused: "):
            await _post(http, f"https://{host}:{port}/")
    assert receiver.got == []


Found = list[tuple[Any, ...]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """What names resolve to; gives the list of look-ups."""

    def resolve(*answers: list[str]) -> list[str]:
        asked: list[str] = []
        left = list(answers)

        def getaddrinfo(host: str, port: int, *_: Any) -> Found:
            asked.append(host)
            return [
                (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
                for one in left.pop(0)
            ]

        monkeypatch.setattr("balcao.base.http.socket.getaddrinfo", getaddrinfo)
        return asked

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "::1", "169.254.169.254", "10.1.1.1", "172.16.1.1", "192.168.1.1", "fc00::1", "fe80::1",
        "::ffff:127.0.0.1", "0.0.0.1", "100.64.0.1",
    ],
)  # fmt: skip
async def test_names_of_private_addresses_are_refused(names: Callable[..., list[str]], address: str) -> None:
    names([address])
    async with Http(allow_private=False) as http:
        with pytest.raises(Unanswered, match=r"^the address is refused: "):
            await _post(http, "https://hook.example.com/")


async def test_a_name_is_resolved_once_for_a_connection(names: Callable[..., list[str]], receiver: Receiver) -> None:
    # The second answer would be another machine: what was checked is what is connected to.
    asked = names(["127.0.0.1"], ["10.0.0.1"])
    port = receiver.url.rpartition(":")[2]
    async with Http(allow_private=True) as http:
        await _post(http, f"http://hook.example.com:{port}/one")
        await _post(http, f"http://hook.example.com:{port}/two")
    assert asked == ["hook.example.com"]
    assert [got.path for got in receiver.got] == ["/one", "/two"]
    assert receiver.got[0].headers["host"] == f"hook.example.com:{port}"


async def test_of_a_names_addresses_only_the_public_ones_are_tried(names: Callable[..., list[str]]) -> None:
    names(["10.0.0.1", "169.254.169.254"])
    async with Http(allow_private=False) as http:
        with pytest.raises(Unanswered, match=r"^the address is refused: 10.0.0.1 is private$"):
            await _post(http, "https://hook.example.com/")


async def test_unknown_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any) -> Found:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("balcao.base.http.socket.getaddrinfo", unknown)
    async with Http(allow_private=False) as http:
        with pytest.raises(Unanswered, match=r"^the name is not known$"):
            await _post(http, "https://hook.example.com/")


async def _babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        while True:
            writer.write(b"x" * 1000)
            await writer.drain()
    except ConnectionError:
        writer.close()
