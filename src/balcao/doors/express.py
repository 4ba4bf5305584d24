"""The express lane: the few busiest requests, served beside Litestar and exactly as it serves them.

Routing, dependencies, and making a request and a response object cost more than an order's own work. A lane takes only
what is plain: a JSON body of known length, no `Idempotency-Key`. Whatever else comes, and whatever is refused before
the work begins, goes to the route in Litestar with its body as it was sent, so that there is one place which explains.
Every lane has that route, and tests send the same requests both ways.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

from balcao.base.errors import BalcaoError
from balcao.doors.guard import admit
from balcao.doors.house import House
from balcao.doors.problems import MEDIA_TYPE, mishap, render
from balcao.tenants.rules import Caller, Role

Headers = list[tuple[bytes, bytes]]
_JSON = (b"content-type", b"application/json")
_PLAIN_TYPES = frozenset(
    {b"", b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"}
)


class Answer(NamedTuple):
    """Status, body, and the headers beside type and length."""

    status: int
    body: bytes
    headers: Headers


class Asked(NamedTuple):
    """What came: who asks, the body, the address to build links on (`http://host`), what stands in the path for each
    parameter of the lane's template, and the query.
    """

    caller: Caller
    body: bytes
    base: str
    params: Sequence[str] = ()
    query: bytes = b""


Work = Callable[[House], Awaitable[Answer | BalcaoError]]


class Lane(NamedTuple):
    """One express route. `read` makes the work of a request, or raises BalcaoError: then Litestar's route explains.

    takes_query: requests with a query come this way too.
    """

    roles: frozenset[Role]
    template: str
    read: Callable[[Asked], Work]
    takes_query: bool = False


class Express:
    """ASGI wrapper around the Litestar application, or around what stands before it; lanes by method and template.

    A template's parameters, if any, are its last segments but for what may follow the last of them.
    """

    def __init__(self, app: ASGIApp, litestar: Litestar, lanes: Mapping[tuple[str, str], Lane]) -> None:
        self._app = app
        self._litestar = litestar
        self._lanes = {(method, *_split(template)): lane for (method, template), lane in lanes.items()}
        # Those with an end of their own first.
        self._shapes = sorted({(end, count) for _, _, count, end in self._lanes}, reverse=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        lane, params = self._find(scope) if scope["type"] == ScopeType.HTTP else (None, ())
        house: House | None = None if lane is None else getattr(self._litestar.state, "house", None)
        told = _Told.of(scope) if lane is not None and house is not None else None
        if lane is None or house is None or told is None or told.length > house.settings.body_limit_bytes:
            await self._app(scope, receive, send)
            return
        body = await _body(receive, told.length)
        if body is None:
            return  # the caller is gone
        try:
            caller = admit(house, told.authorization, lane.roles, writes=_method(scope) != "GET")
            base = house.settings.public_url or f"{scope['scheme']}://{told.host}"
            work = lane.read(Asked(caller, body, base, params, scope["query_string"]))
        except BalcaoError:
            await self._app(scope, cast("Receive", _Again(body, receive)), send)
            return
        state = cast("dict[str, Any]", scope)
        state["path_template"], state["user"] = lane.template, caller
        await _answer(await _do(work, house, scope), scope, send)

    def _find(self, scope: Scope) -> tuple[Lane | None, Sequence[str]]:
        method, path = _method(scope), scope["path"]
        for end, count in self._shapes:
            if not path.endswith(end):
                continue
            head, *params = path.removesuffix(end).rsplit("/", count)
            lane = self._lanes.get((method, head, count, end))
            if lane is not None:
                # What is still encoded, or empty, is for the route to read.
                is_plain = all(params) and "%" not in path and (lane.takes_query or not scope["query_string"])
                return (lane, params) if is_plain else (None, ())
        return None, ()


def _split(template: str) -> tuple[str, int, str]:
    """The path before the parameters, how many these are, and what follows them."""
    head, *params = template.split("/{")
    return head, len(params), params[-1].partition("}")[2] if params else ""


async def _do(work: Work, house: House, scope: Scope) -> Answer | BalcaoError:
    try:
        return await work(house)
    except BalcaoError as refusal:
        return refusal
    except Exception as error:  # noqa: BLE001 - answered as Litestar's routes answer it
        return mishap(_method(scope), scope["path"], error)


async def _answer(outcome: Answer | BalcaoError, scope: Scope, send: Send) -> None:
    if isinstance(outcome, BalcaoError):
        status, body, said = render(outcome, scope["state"].get("trace_id"))
        headers: Headers = [(name.lower().encode(), value.encode()) for name, value in said.items()]
        headers.append((b"content-type", MEDIA_TYPE.encode()))
    else:
        status, body, headers = outcome.status, outcome.body, [*outcome.headers, _JSON]
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _method(scope: Scope) -> str:
    return str(scope.get("method"))


class _Told(NamedTuple):
    """What the headers say of a plain request."""

    authorization: str
    host: str
    length: int

    @classmethod
    def of(cls, scope: Scope) -> "_Told | None":
        """None for a request that is not plain."""
        authorization = host = kind = b""
        length = 0 if _method(scope) == "GET" else -1
        for name, value in scope["headers"]:
            if name == b"authorization":
                authorization = value
            elif name == b"host":
                host = value
            elif name == b"content-type":
                kind = value.lower()
            elif name == b"content-length":
                length = int(value) if value.isdigit() else -1
            elif name in (b"idempotency-key", b"transfer-encoding"):
                return None
        if length < 0 or not host or kind not in _PLAIN_TYPES:
            return None
        return cls(authorization.decode("latin-1"), host.decode("latin-1"), length)


async def _body(receive: Receive, length: int) -> bytes | None:
    if length == 0:
        return b""
    parts: list[bytes] = []
    while True:
        message = cast("HTTPReceiveMessage", await receive())
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


class _Again:
    """A body that was read, to be received once more; then whatever comes."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Any:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}
