"""The front, over a real server: both mounts, any id in a path, tidy queries, HEAD, and a trace id on everything."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

import msgspec
import pytest
import structlog
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, Request, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from balcao.base.errors import Invalid
from balcao.doors.paths import Front, PathsPlugin, address, routable, split_mount
from balcao.doors.problems import ProblemsPlugin
from balcao.doors.wire import WirePlugin

SEEN: list[Any] = []


async def _guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    SEEN.append(dict(connection.path_params))


@get("/orders/{order_id:str}")
async def _order(request: Request[Any, Any, Any], order_id: FromPath[str]) -> dict[str, str]:
    return {
        "id": order_id,
        "address": address(request, "orders", order_id),
        "trace": structlog.contextvars.get_contextvars()["trace_id"],
    }


@get("/orders/{order_id:str}/invoices/{number:int}")
async def _invoice(order_id: FromPath[str], number: FromPath[int]) -> list[str | int]:
    return [order_id, number]


@post("/orders/external", status_code=200)
async def _external() -> str:
    return "created"


@get("/files/{path:path}")
async def _file(path: FromPath[Path]) -> str:
    return str(path)


@get("/search")
async def _search(
    per_page: Annotated[int, QueryParameter(name="perPage", ge=1, le=200)] = 20,
    codes: Annotated[list[str] | None, QueryParameter(name="SellerCodes")] = None,
    numbers: FromQuery[list[int] | None] = None,
    flag: Annotated[bool | None, QueryParameter(name="UniqueSlas")] = None,
    since: FromQuery[datetime | None] = None,
    text: FromQuery[str | None] = None,
) -> dict[str, Any]:
    at = None if since is None else since.isoformat()
    found = {"perPage": per_page, "codes": codes, "numbers": numbers, "flag": flag, "since": at, "text": text}
    return {name: value for name, value in found.items() if value is not None}


@get("/endless")
async def _endless() -> Stream:
    async def beats() -> AsyncIterator[bytes]:
        while True:
            yield b"."
            await asyncio.sleep(0.01)

    return Stream(beats())


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Wire:
    """Sends bytes as they are, so that no client library tidies them."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __call__(self, target: str, *, method: str = "GET", headers: str = "") -> Answer:
        head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
        return _parse(await self.send(head.encode("latin-1")))

    async def send(self, request: bytes) -> bytes:
        come, go = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            go.write(request)
            return await asyncio.wait_for(come.read(), 5)
        finally:
            go.close()


class _Server(uvicorn.Server):
    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


@pytest.fixture(scope="module", params=["httptools", "h11"])
async def ask(request: pytest.FixtureRequest) -> AsyncIterator[Wire]:
    app = Litestar(
        [_order, _invoice, _external, _file, _search, _endless],
        plugins=[WirePlugin(), ProblemsPlugin(), PathsPlugin()],
        guards=[_guard],
        openapi_config=None,
        logging_config=None,
    )
    server = _Server(
        uvicorn.Config(Front(app), port=0, http=request.param, log_config=None, timeout_graceful_shutdown=1)
    )
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.005)
    yield Wire(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    await running


IDS = [
    "NEOMODE-1",
    "a/b",
    "a#b?c",
    "100%",
    "%2F",
    "%252F",
    "São Paulo",
    "a+b c",
    "..",
    "a\\b",
    "ção/ção",
    "{id}",
    "a\nb",
]


@pytest.mark.parametrize("order_id", IDS)
@pytest.mark.parametrize("mount", ["", "/cp"])
@pytest.mark.parametrize("tail", ["", "/"])
async def test_an_id_may_hold_anything(ask: Wire, mount: str, tail: str, order_id: str) -> None:
    SEEN.clear()
    encoded = quote(order_id, safe="")
    answer = await ask(f"{mount}/orders/{encoded}{tail}")
    assert (answer.status, answer.json["id"]) == (200, order_id)
    assert answer.json["address"] == f"{mount}/orders/{encoded}"
    assert [{"order_id": order_id}] == SEEN, "the guard sees the id as the handler does"


async def test_ids_among_other_parameters(ask: Wire) -> None:
    assert (await ask("/cp/orders/a%2Fb/invoices/7/")).json == ["a/b", 7]
    assert (await ask("/orders/a%2Fb/invoices/x")).status == 404
    assert (await ask("/orders/a%2fb%2Finvoices%2f7")).json["id"] == "a/b/invoices/7"


async def test_a_path_to_the_end_is_decoded_too(ask: Wire) -> None:
    assert (await ask("/files/a%20b/c%25d.xml")).body == b"/a b/c%d.xml"


async def test_the_same_path_twice_decodes_once(ask: Wire) -> None:
    for _ in range(2):
        assert (await ask("/orders/%25252F")).json["id"] == "%252F"


async def test_letters_may_be_encoded_as_well(ask: Wire) -> None:
    assert (await ask("/%6Frders/%41")).json["id"] == "A"
    assert (await ask("/%63p/orders/A")).json["id"] == "A"


@pytest.mark.parametrize("target", ["/cp", "/cp/", "/", "//", "/cpx/orders/a", "/orders", "/orders/a/b"])
async def test_what_is_not_there_is_not_found(ask: Wire, target: str) -> None:
    assert (await ask(target)).status == 404


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("/orders/100%", "has a `%` that is not followed by two hexadecimal digits"),
        ("/orders/%zz", "has a `%` that is not followed by two hexadecimal digits"),
        ("/orders/%ff", "is not valid UTF-8"),
        ("/orders/%ED%A0%80", "is not valid UTF-8"),
        ("/orders/a%00b", "must not contain the NUL character"),
    ],
)
async def test_a_broken_path_is_a_problem(ask: Wire, target: str, reason: str) -> None:
    answer = await ask(target)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert (answer.json["code"], answer.json["errors"]) == ("malformed_path", {"path": [reason]})
    assert answer.json["traceId"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"perPage": 20}),
        ("perPage=5", {"perPage": 5}),
        ("PERPAGE=5&perpage=6", {"perPage": 6}),
        ("perPage=&text=&since=&UniqueSlas=", {"perPage": 20}),
        ("unknown=1&perPage", {"perPage": 20}),
        (
            "SellerCodes=a&sellercodes=b&SellerCodes[]=c&SellerCodes%5B1%5D=d",
            {"perPage": 20, "codes": ["a", "b", "c", "d"]},
        ),
        ("numbers=1&Numbers=2", {"perPage": 20, "numbers": [1, 2]}),
        ("uniqueslas=True", {"perPage": 20, "flag": True}),
        ("UniqueSlas=0", {"perPage": 20, "flag": False}),
        ("UniqueSlas=FALSE", {"perPage": 20, "flag": False}),
        ("UniqueSlas=1", {"perPage": 20, "flag": True}),
        ("since=2020-01-01T00:01:01", {"perPage": 20, "since": "2020-01-01T00:01:01+00:00"}),
        ("since=2020-01-01T00:01:01.123456Z", {"perPage": 20, "since": "2020-01-01T00:01:01.123456+00:00"}),
        ("since=2020-01-01T00:01:01+03:00", {"perPage": 20, "since": "2020-01-01T00:01:01+03:00"}),
        ("since=2020-01-01T00:01:01%2B03:00", {"perPage": 20, "since": "2020-01-01T00:01:01+03:00"}),
        ("since=2020-01-01", {"perPage": 20, "since": "2020-01-01T00:00:00+00:00"}),
        ("text=1%26perPage%3D7+S%C3%A3o%25", {"perPage": 20, "text": "1&perPage=7 São%"}),
        ("text=%zz", {"perPage": 20, "text": "%zz"}),
    ],
)
async def test_a_query_is_read_generously(ask: Wire, query: str, found: Any) -> None:
    answer = await ask(f"/cp/search?{query}")
    assert (answer.status, answer.json) == (200, found)


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("perpage=0", {"perPage": ["must be at least 1"]}),
        ("perPage=99999999999999999999", {"perPage": ["is too large"]}),
        ("perPage=" + "9" * 5000, {"perPage": ["is too large"]}),
        ("numbers=1&numbers=9223372036854775808", {"numbers": ["is too large"]}),
        ("uniqueslas=yes", {"UniqueSlas": ["must be a boolean"]}),
        ("since=yesterday", {"since": ["must be an ISO 8601 instant, such as 2026-07-01T12:00:00Z"]}),
        ("text=a%00", {"text": ["must not contain the NUL character"]}),
        ("Text=%ff", {"text": ["is not valid UTF-8"]}),
    ],
)
async def test_a_bad_parameter_is_named(ask: Wire, query: str, errors: Any) -> None:
    answer = await ask(f"/search?{query}")
    assert (answer.status, answer.json["errors"]) == (400, errors)


async def test_head_is_get_without_a_body(ask: Wire) -> None:
    got, head = await ask("/search"), await ask("/search", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"] == "14"
    assert (await ask("/orders/external", method="HEAD")).status == 405
    assert (await ask("/nowhere", method="HEAD")).status == 404


async def test_head_of_a_stream_ends(ask: Wire) -> None:
    answer = await ask("/endless", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")


async def test_options_and_other_methods_say_what_is_allowed(ask: Wire) -> None:
    options = await ask("/cp/search", method="OPTIONS")
    assert (options.status, options.headers["allow"], options.body) == (204, "GET, HEAD, OPTIONS", b"")
    for method in ("PUT", "TRACE"):
        answer = await ask("/search", method=method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert (await ask("/orders/external", method="PATCH")).headers["allow"] == "OPTIONS, POST"


async def test_every_answer_has_a_trace_id(ask: Wire) -> None:
    seen = set()
    for target in ("/orders/a", "/nowhere", "/orders/%zz"):
        answer = await ask(target)
        version, trace_id, span_id, flags = answer.headers["traceparent"].split("-")
        assert (version, flags, answer.headers["x-request-id"]) == ("00", "01", trace_id)
        assert re.fullmatch("[0-9a-f]{32}", trace_id)
        assert re.fullmatch("[0-9a-f]{16}", span_id)
        seen.add(trace_id)
    assert len(seen) == 3


async def test_a_callers_trace_goes_on(ask: Wire) -> None:
    sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
    answer = await ask("/orders/a", headers=f"Traceparent: {sent}\r\nX-Request-ID: order 7\r\n")
    version, trace_id, span_id, flags = answer.headers["traceparent"].split("-")
    assert (version, trace_id, flags) == ("00", "4bf92f3577b34da6a3ce929d0e0e4736", "00")
    assert span_id != "00f067aa0ba902b7"
    assert answer.json["trace"] == trace_id, "the log knows it"
    assert answer.headers["x-request-id"] == trace_id, "one with a blank is not repeated"
    answer = await ask("/orders/a", headers="X-Request-ID: order-7\r\n")
    assert answer.headers["x-request-id"] == "order-7"
    assert answer.json["trace"] != "order-7"


@pytest.mark.parametrize(
    "sent",
    [
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "",
    ],
)
async def test_a_malformed_trace_is_as_if_not_sent(ask: Wire, sent: str) -> None:
    answer = await ask("/orders/a", headers=f"Traceparent: {sent}\r\n")
    assert "4bf92f3577b34da6" not in answer.headers["traceparent"].lower()
    assert "0000000000000000" not in answer.headers["traceparent"]


@pytest.mark.parametrize(
    "target",
    [
        b"*",
        b"/\xff",
        b"/orders/\xc3\xa3",
        b"//orders//a",
        b"/search?text=\xff",
        b"/search?\x00",
        b"http://x/orders/a",
        b"/orders/a#b",
    ],
)
async def test_odd_targets_are_never_our_mistake(ask: Wire, target: bytes) -> None:
    for method in (b"GET", b"OPTIONS"):
        head = await ask.send(method + b" " + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert 200 <= _parse(head).status < 500


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1))
def test_any_text_survives_the_path(text: str) -> None:
    scope: Any = {"raw_path": f"/cp/orders/{quote(text, safe='')}?x=1".encode(), "path": "/"}
    mount, path = split_mount(routable(scope))
    assert (mount, path.count("/")) == ("/cp", 2)


@given(st.binary())
def test_any_bytes_in_a_path_are_routable_or_refused(raw: bytes) -> None:
    scope: Any = {"raw_path": b"/" + raw, "path": "/"}
    try:
        assert routable(scope).startswith("/")
    except Invalid as refused:
        assert list(refused.errors) == ["path"]  # noqa: PT017 - either outcome is right, another exception is not


def test_a_server_that_gives_no_raw_path_is_served_as_well() -> None:
    scope: Any = {"path": "/orders/São Paulo 100%"}
    assert routable(scope) == "/orders/São Paulo 100%25"


def _parse(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Answer(int(status.split()[1]), {name.lower(): value for name, value in headers.items()}, body)
