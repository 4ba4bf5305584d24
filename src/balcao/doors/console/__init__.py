"""The console: pages for store staff and for who looks after the integrations, under `/console`.

One module a part, each with its `routes`; `visit` is what a handler gets, `templates` what it shows.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.errors import NotFound
from balcao.doors.console import (
    attention,
    board,
    catalogue,
    dashboard,
    freight,
    integrations,
    live,
    login,
    orders,
    picking,
    pictures,
    static,
)
from balcao.doors.console.guard import ConsoleGuard, check_console
from balcao.doors.console.headers import OPEN
from balcao.doors.console.refusals import HANDLERS
from balcao.doors.console.visit import PATH, visit_of

MODULES = (
    login,
    static,
    pictures,
    live,
    board,
    attention,
    orders,
    picking,
    catalogue,
    freight,
    integrations,
    dashboard,
)


@get("/{rest:path}", opt=OPEN, sync_to_thread=False)
def nothing_here(request: Request[Any, Any, Any], rest: FromPath[Path]) -> Response[bytes]:  # noqa: ARG001
    """What no page has: said as a page."""
    raise NotFound("There is nothing at this address.")


routes: Sequence[HTTPRouteHandler] = (*(route for module in MODULES for route in module.routes), nothing_here)


def make_router() -> Router:
    """The console as a part of the application; raises where a page does not say for whom it is."""
    check_console(tuple(routes))
    return Router(
        PATH,
        route_handlers=list(routes),
        middleware=[ConsoleGuard],
        exception_handlers=HANDLERS,
        dependencies={"visit": Provide(visit_of, sync_to_thread=False)},
        include_in_schema=False,
        dto=None,
        return_dto=None,
        response_class=Response,
    )
