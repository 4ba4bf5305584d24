"""Who may come in: the token's signature, its age, its revocation, its scope and its role, before anything is read."""

from collections.abc import Iterable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from balcao.base.errors import Forbidden
from balcao.base.now import now_us
from balcao.doors.house import house_of
from balcao.tenants.rules import Role, Scope

PUBLIC: dict[str, Any] = {"public": True}
"""The `opt` of a route that needs no token."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def roles(*allowed: Role) -> dict[str, Any]:
    """The `opt` of a route that these roles may use: `@get("/orders", opt=roles(Role.ERP, Role.ADMIN))`."""
    return {"roles": frozenset(allowed)}


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar's guard of every route: leaves the caller in the scope, or raises Unauthenticated or Forbidden."""
    allowed: frozenset[Role] | None = handler.opt.get("roles")
    if allowed is None:
        return  # public: `check_routes` refuses to start with a route that says neither
    gate = house_of(connection).gate
    caller = gate.enter(connection.headers.get("authorization"), now_us())
    if caller.role not in allowed:
        raise Forbidden(f"A credential of role {caller.role} may not do this.", code="wrong_role", role=caller.role)
    needed = Scope.READ if connection.scope.get("method") in _READING else Scope.WRITE
    if needed not in caller.scopes:
        raise Forbidden(f"The access token's scope does not hold `{needed}`.", code="insufficient_scope")
    connection.scope["user"] = caller


def check_routes(handlers: Iterable[BaseRouteHandler]) -> None:
    """Refuse to start with a route that does not say who may use it."""
    for handler in handlers:
        opt = handler.opt
        if isinstance(handler, HTTPRouteHandler) and not (opt.get("public") is True or opt.get("roles")):
            raise ImproperlyConfiguredException(f"{handler} {sorted(handler.paths)} does not say who may use it")
