"""Who may see a page: the cookie's session, the page's roles, and for whatever changes something the form's token."""

from typing import Any, Final, cast
from urllib.parse import urlsplit

from litestar import Request
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from balcao.base.errors import Forbidden, Unauthenticated
from balcao.base.now import now_us
from balcao.doors.console.csrf import FIELD, HEADER, check_token
from balcao.doors.console.visit import SESSION_COOKIE, Visit
from balcao.doors.house import house_of
from balcao.users.rules import Session, UserRole
from balcao.users.sessions import find_session

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class ConsoleGuard:
    """Litestar middleware of the console's routes: leaves the visit in the scope, or raises."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        allowed: frozenset[UserRole] = cast("Any", scope)["route_handler"].opt["console"]
        cookie = request.cookies.get(SESSION_COOKIE, "")
        session = await _session(request, cookie)
        visit = Visit(request, session, cookie)
        scope["state"]["visit"] = visit
        if session is not None:
            scope["user"] = session.caller  # for the access log
        if allowed:
            _admit(session, allowed)
        if request.method not in READING:
            await _check_origin(visit)
        await self._app(scope, receive, send)


def _admit(session: Session | None, allowed: frozenset[UserRole]) -> None:
    if session is None:
        raise Unauthenticated("Log in first.", code="login_needed")
    if session.user.role not in allowed:
        raise Forbidden("This page is for administrators.", code="wrong_role")


async def _session(request: Request[Any, Any, Any], cookie: str) -> Session | None:
    if not cookie:
        return None
    async with house_of(request).db.read() as tx:
        return await find_session(tx, cookie, now_us())


async def _check_origin(visit: Visit) -> None:
    """The browser's own word first, then the token, in the header or the form."""
    headers = visit.request.headers
    origin = headers.get("origin")
    if headers.get("sec-fetch-site") not in (None, "same-origin", "none"):
        raise Forbidden("The request comes from another site.", code="bad_csrf")
    if origin not in (None, "null") and urlsplit(str(origin)).netloc != headers.get("host", ""):
        raise Forbidden("The request comes from another site.", code="bad_csrf")
    token = headers.get(HEADER) or await visit.field(FIELD)
    check_token(visit.settings, visit.cookie, token)


def check_console(routes: tuple[HTTPRouteHandler, ...]) -> None:
    """Refuse to start with a page that does not say for whom it is."""
    for handler in routes:
        if not isinstance(handler.opt.get("console"), frozenset):
            raise ImproperlyConfiguredException(f"{handler} {sorted(handler.paths)} does not say for whom it is")
