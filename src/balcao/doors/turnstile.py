"""No more requests inside than can be answered soon; whoever comes beyond is told so at once, for next to nothing.

Without it every request that arrives is begun and waits for all others: when more arrive than can be done, all of them
become slower without end. A request counts once its body is complete; while it arrives it costs memory only, and of
that there is a limit too. Whoever merely waits for news stands outside meanwhile.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final, cast

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPReceiveMessage, Message, Receive, Scope, Send
from prometheus_client import Counter

from balcao.base.errors import Unavailable
from balcao.doors.paths import PREFIX
from balcao.doors.problems import MEDIA_TYPE, render

ARRIVING_BYTES_MAX: Final = 256 * 1024 * 1024
"""What the large bodies of requests under way may come to before no further request is begun."""
WAIT_MAX_S: Final = 1.0
"""What a request should wait for those before it, at most."""
ADAPT_EVERY_S: Final = 1.0
FEW: Final = 32
"""So many may always be inside: however slow each is, a handful is not what makes it so."""
SAY_EVERY_S: Final = 1.0
PASSED_BY_BYTES_MAX: Final = 128 * 1024 * 1024
PASSED_BY_MAX_S: Final = 30.0
"""Of a body that nobody wants to read: what is longer, or slower, has its connection broken."""
ALWAYS: Final = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Answered however full it is: by these it is decided whether the process is to be ended."""
REFUSED = Counter("balcao_http_refused_total", "Requests refused because too many were under way.")

log = structlog.get_logger(__name__)


class Occupancy:
    """How much one process is working on. body_bytes: of bodies that came in pieces.

    So many requests may be inside as can be answered within a second: none waits for much longer than that. How many
    these are shows once answers take longer; as long as they do not, it is `most`.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = self._limit = most
        self._clock = clock
        self._since = clock()
        self._answered = 0
        self._took_s = 0.0
        self.requests = 0
        self.body_bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether nobody else may begin."""
        return self.requests >= self._limit or self.body_bytes > ARRIVING_BYTES_MAX

    def note(self, took_s: float) -> None:
        """A request was answered after so many seconds, none of which it merely waited for news."""
        self._answered += 1
        self._took_s += took_s
        lasted_s = self._clock() - self._since
        if lasted_s >= ADAPT_EVERY_S:
            self._adapt(self._answered / lasted_s, self._took_s / self._answered)
            self._answered, self._took_s, self._since = 0, 0.0, self._clock()

    def pass_over(self) -> None:
        """The request that is being worked on is not timed: it waits for what all others wait for, too, and once only,
        which does not say how many can be answered.
        """
        visit = _VISIT.get(None)
        if visit is not None:
            visit.is_timed = False

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Wait meanwhile, without keeping anybody else from working."""
        self.pass_over()
        self.requests -= 1
        try:
            yield
        finally:
            self.requests += 1

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Work meanwhile, as one who has been outside."""
        self.requests += 1
        try:
            yield
        finally:
            self.requests -= 1

    def _adapt(self, rate: float, took_s: float) -> None:
        """Where it took too long: as many as are answered in time. Else more again than before."""
        if took_s > WAIT_MAX_S:
            self._limit = min(self._most, max(FEW, round(rate * WAIT_MAX_S)))
        else:
            self._limit = min(self._most, self._limit + max(self._limit // 4, FEW))


class Turnstile:
    """ASGI wrapper, outermost: lets requests in, or refuses them with 503."""

    def __init__(self, app: ASGIApp, occupancy: Occupancy) -> None:
        self._app = app
        self._occupancy = occupancy
        self._refused = 0
        self._said_at = 0.0
        error = Unavailable("Too many requests are under way; send it again.", retry_after_s=1)
        self._status, self._body, headers = render(error, None)
        fields = {**headers, "Content-Type": MEDIA_TYPE, "Content-Length": str(len(self._body))}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in fields.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.HTTP or scope["path"].removeprefix(PREFIX).rstrip("/") in ALWAYS:
            await self._app(scope, receive, send)
            return
        if self._occupancy.is_full:
            await self._refuse(send)
            return
        visit = _Visit(self._occupancy, receive)
        _VISIT.set(visit)
        try:
            # Nearly every body is here with its head. One that is held back until it is asked for is not asked for yet.
            if not any(name == b"expect" for name, _ in scope["headers"]):
                await visit.peek()
                send = visit.after_body(send)
            await self._app(scope, cast("Receive", visit.receive), send)
        finally:
            visit.end()

    async def _refuse(self, send: Send) -> None:
        REFUSED.inc()
        self._refused += 1
        now = time.monotonic()
        if now - self._said_at >= SAY_EVERY_S:
            log.warning("requests refused", refused=self._refused, under_way=self._occupancy.requests)
            self._said_at, self._refused = now, 0
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


class _Visit:
    """One request on its way through."""

    __slots__ = ("_began", "_first", "_is_whole", "_occupancy", "_receive", "_size", "is_timed")

    def __init__(self, occupancy: Occupancy, receive: Receive) -> None:
        self._occupancy = occupancy
        self._receive = receive
        self._first: HTTPReceiveMessage | None = None
        self._is_whole = False
        self._began = 0.0
        self._size = 0
        self.is_timed = True

    async def peek(self) -> None:
        """Take what is here of the body."""
        self._first = await self._next()

    async def receive(self) -> HTTPReceiveMessage:
        """The next piece of the body, or that the client is gone."""
        message, self._first = self._first, None
        return message if message is not None else await self._next()

    def after_body(self, send: Send) -> Send:
        """Answers once the body is here: who is still writing one that is refused would not read the answer, but see
        the connection break. What is left of it goes unread.
        """
        if self._is_whole:
            return send

        async def send_after(message: Message) -> None:
            if message["type"] == "http.response.start" and not self._is_whole:
                await self._pass_by()
            await send(message)

        return send_after

    async def _pass_by(self) -> None:
        passed = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(PASSED_BY_MAX_S):
                while passed <= PASSED_BY_BYTES_MAX:
                    message = cast("dict[str, Any]", await self._receive())
                    passed += len(message.get("body") or b"")
                    if not message.get("more_body"):
                        return

    def end(self) -> None:
        """It is answered."""
        self._occupancy.body_bytes -= self._size
        if self._is_whole:
            self._occupancy.requests -= 1
            if self.is_timed:
                self._occupancy.note(time.monotonic() - self._began)

    async def _next(self) -> HTTPReceiveMessage:
        message = cast("HTTPReceiveMessage", await self._receive())
        if not self._is_whole:
            self._note(cast("dict[str, Any]", message))
        return message

    def _note(self, message: dict[str, Any]) -> None:
        if self._size or message.get("more_body"):
            size = len(message.get("body") or b"")
            self._size += size
            self._occupancy.body_bytes += size
        if not message.get("more_body"):
            self._is_whole = True
            self._began = time.monotonic()
            self._occupancy.requests += 1


_VISIT: ContextVar[_Visit] = ContextVar("visit")
"""The request that is being worked on."""
