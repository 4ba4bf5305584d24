"""Who may come in: the token's signature, its age, its revocation, its scope and its role, before anything is read."""

from collections.abc import Iterable
from typing import Any

from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from balcao.base.errors import Forbidden
from balcao.base.now import now_us
from balcao.doors.house import House
from balcao.tenants.rules import Caller, Role
from balcao.tenants.rules import Scope as TokenScope

PUBLIC: dict[str, Any] = {"public": True}
"""The `opt` of a route that needs no token."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def roles(*allowed: Role) -> dict[str, Any]:
    """The `opt` of a route that these roles may use: `@get("/orders", opt=roles(Role.ERP, Role.ADMIN))`."""
    return {"roles": frozenset(allowed)}


class Guard:
    """Litestar middleware of every route: leaves the caller in the scope, or raises Unauthenticated or Forbidden.

    A guard in Litestar's own sense copies the route's handler for each request, which costs as much as all of this.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        allowed: frozenset[Role] | None = scope["route_handler"].opt.get("roles")
        if allowed is not None:  # None is public: `check_routes` refuses to start with a route that says neither
            scope["user"] = admit_scope(scope, allowed)
        await self._app(scope, receive, send)


def admit_scope(scope: Scope, allowed: frozenset[Role]) -> Caller:
    """The bearer of a request's token, as `admit`."""
    authorization = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value
            break
    house: House = scope["litestar_app"].state.house
    return admit(house, authorization.decode("latin-1"), allowed, writes=scope.get("method") not in _READING)


def admit(house: House, authorization: str, allowed: frozenset[Role], *, writes: bool) -> Caller:
    """The bearer of the token, when it is of these roles and holds the scope that writing or reading needs.

    Raises Unauthenticated or Forbidden.
    """
    caller = house.gate.enter(authorization, now_us())
    if caller.role not in allowed:
        raise Forbidden(f"A credential of role {caller.role} may not do this.", code="wrong_role", role=caller.role)
    needed = TokenScope.WRITE if writes else TokenScope.READ
    if needed not in caller.scopes:
        raise Forbidden(f"The access token's scope does not hold `{needed}`.", code="insufficient_scope")
    return caller


def check_routes(handlers: Iterable[BaseRouteHandler]) -> None:
    """Refuse to start with a route that does not say who may use it."""
    for handler in handlers:
        opt = handler.opt
        if isinstance(handler, HTTPRouteHandler) and not (opt.get("public") is True or opt.get("roles")):
            raise ImproperlyConfiguredException(f"{handler} {sorted(handler.paths)} does not say who may use it")
