"""The front: what is done to every request before Litestar routes it, and to every answer after.

- Routes are served with and without the leading `/cp`, and a trailing slash never matters (contract, section 1).
- A path parameter may hold anything, percent-encoded: `/`, `#`, `?`, `%`, blanks, accents. Litestar routes on a path
  in which only `%` and `/` inside a segment are still encoded; `Address` decodes the parameters before any guard or
  handler sees them, so that nobody can forget to.
- Query names are matched in any casing (`wire.query`).
- HEAD is answered wherever GET is.
- Every request has a trace id (W3C Trace Context), bound to the log, answered in `traceparent` and `X-Request-Id`.
"""

import re
from collections.abc import MutableMapping
from random import getrandbits
from typing import Any, Final, NamedTuple, cast
from urllib.parse import quote, unquote, unquote_to_bytes

import structlog
from litestar import Request
from litestar.config.app import AppConfig
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.plugins import InitPlugin
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from balcao.base.errors import Invalid
from balcao.doors.problems import MEDIA_TYPE, render
from balcao.doors.wire.query import Query

PREFIX: Final = "/cp"
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?")
_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Trace(NamedTuple):
    """By what names a request is known."""

    trace_id: str
    """32 hexadecimal digits: the caller's, or one of our own."""
    request_id: bytes
    """The caller's `X-Request-Id` where it sent a usable one, else the trace id."""
    traceparent: bytes

    @classmethod
    def of(cls, scope: Scope) -> "Trace":
        """From the request's headers; what is malformed is as if not sent (W3C Trace Context, section 3.2.2)."""
        fresh = f"{getrandbits(192):048x}"
        trace_id, span_id, flags, request_id = fresh[:32], fresh[32:], "01", b""
        for name, value in scope["headers"]:
            if name == b"traceparent" and (match := _TRACEPARENT.fullmatch(value)):
                trace_id, flags = match[1].decode(), match[2].decode()
            elif name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                request_id = value
        parent = f"00-{trace_id}-{span_id}-{flags}"
        return cls(trace_id, request_id or trace_id.encode(), parent.encode())


class Front:
    """ASGI wrapper around the Litestar application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        trace = Trace.of(scope)
        state = scope.setdefault("state", {})
        state["trace_id"] = trace.trace_id
        structlog.contextvars.bind_contextvars(trace_id=trace.trace_id)
        marked = _mark(send, trace)
        try:
            state["mount"], scope["path"] = split_mount(routable(scope))
        except Invalid as refusal:
            await _refuse(refusal, trace, marked)
            return
        if scope.get("method") == "HEAD":
            await self._head(scope, receive, marked)
        else:
            await self._app(scope, receive, marked)

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask GET, answer its head. The server keeps its own scope: it must know that no body follows."""
        inner = cast("MutableMapping[str, Any]", {**scope, "method": "GET"})
        await self._app(cast("Scope", inner), receive, _headless(send))
        for key in ("path_template", "user"):
            if key in inner:
                cast("MutableMapping[str, Any]", scope)[key] = inner[key]


class Address:
    """Litestar middleware, outermost: the routed path's parameters as they were meant, and the query tidied."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._queries: dict[BaseRouteHandler, Query] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        params: dict[str, Any] = scope["path_params"]
        if any(type(value) is str and "%" in value for value in params.values()):
            # Never in place: Litestar keeps the dict for the next request to the same path.
            scope["path_params"] = {
                name: unquote(value) if isinstance(value, str) else value for name, value in params.items()
            }
        if scope["query_string"]:
            scope["query_string"] = self._query(cast("Any", scope)["route_handler"]).tidy(scope["query_string"])
        await self._app(scope, receive, send)

    def _query(self, handler: BaseRouteHandler) -> Query:
        query = self._queries.get(handler)
        if query is None:
            query = self._queries[handler] = Query.of(handler)
        return query


class PathsPlugin(InitPlugin):
    """Puts `Address` into a Litestar application; wrap the application in `Front` as well."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Before every other middleware."""
        app_config.middleware.insert(0, Address)
        return app_config


def address(request: Request[Any, Any, Any], *segments: str) -> str:
    """A path of ours under the mount that the caller used, each segment percent-encoded: for `Location` headers."""
    mount = request.scope["state"].get("mount", "")
    return "/".join([mount, *(quote(segment, safe="") for segment in segments)])


def routable(scope: Scope) -> str:
    """The path to route on: decoded but for `%25` and `%2F` within segments.

    Raises `Invalid` for a broken escape, for what is no UTF-8, and for NUL.
    """
    raw = scope.get("raw_path") or quote(scope["path"]).encode()
    raw = raw.partition(b"?")[0]
    if _BAD_ESCAPE.search(raw):
        raise _bad("has a `%` that is not followed by two hexadecimal digits")
    try:
        path = "/".join(map(_routable, raw.split(b"/"))) if b"%" in raw else raw.decode()
    except UnicodeDecodeError:
        raise _bad("is not valid UTF-8") from None
    if "\0" in path:
        raise _bad("must not contain the NUL character")
    return path


def _routable(segment: bytes) -> str:
    return unquote_to_bytes(segment).decode().replace("%", "%25").replace("/", "%2F")


def split_mount(path: str) -> tuple[str, str]:
    """The mount (`/cp` or nothing) and the path under it."""
    if path == PREFIX or path.startswith(f"{PREFIX}/"):
        return PREFIX, path[len(PREFIX) :] or "/"
    return "", path


def _bad(reason: str) -> Invalid:
    return Invalid("The path is not valid.", errors={"path": [reason]}, code="malformed_path")


def _mark(send: Send, trace: Trace) -> Send:
    marks = [(b"x-request-id", trace.request_id), (b"traceparent", trace.traceparent)]

    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message["headers"]
            if message["status"] in (204, 405):
                headers = [_with_head(name, value) for name, value in headers]
            message["headers"] = [*headers, *marks]
        await send(message)

    return marked


def _with_head(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """`Allow` names HEAD wherever it names GET, as the front answers it."""
    allows = name.lower() == b"allow" and b"GET" in value and b"HEAD" not in value
    return (name, value.replace(b"GET", b"GET, HEAD")) if allows else (name, value)


def _headless(send: Send) -> Send:
    async def headless(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            # The end follows at once, so that a stream notices that nobody listens.
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return headless


async def _refuse(refusal: Invalid, trace: Trace, send: Send) -> None:
    status, body, headers = render(refusal, trace.trace_id)
    headers |= {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body))}
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})
