"""Each request's line in the log and its place in the counts; never its body, its query or who the buyer is."""

import time
from typing import Any, cast

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from balcao.base.log import frequent_lines

REQUESTS = Counter("balcao_http_requests_total", "Requests answered.", ("method", "route", "status"))
SECONDS = Histogram(
    "balcao_http_request_seconds",
    "Seconds from a request's head to the end of its answer.",
    ("method", "route"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked every few seconds by machines: logged at level debug."""

log = structlog.get_logger("balcao.access")


class AccessLog:
    """ASGI wrapper: logs and counts every request by its route's template, so that ids never become labels."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._counters: dict[tuple[str, str, int], Any] = {}
        self._timers: dict[tuple[str, str], Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        status = 0
        started = time.perf_counter()

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            self._record(cast("dict[str, Any]", scope), status, time.perf_counter() - started)

    def _record(self, scope: dict[str, Any], status: int, took_s: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = scope.get("path_template") or "(none)"
        self._count(method, route, status)
        self._time(method, route, took_s)
        fields = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(took_s * 1000, 2),
            "client_id": getattr(scope.get("user"), "client_id", None),
        }
        lines = frequent_lines()
        if route in _QUIET:
            log.debug("request", **fields)
        elif lines is None:
            log.info("request", **fields)
        else:
            lines.say("request", {**fields, "trace_id": scope.get("state", {}).get("trace_id")})

    def _count(self, method: str, route: str, status: int) -> None:
        key = (method, route, status)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = REQUESTS.labels(method, route, str(status))
        counter.inc()

    def _time(self, method: str, route: str, took_s: float) -> None:
        timer = self._timers.get((method, route))
        if timer is None:
            timer = self._timers[method, route] = SECONDS.labels(method, route)
        timer.observe(took_s)
