"""Orders in the console: the list, each order's page, and what may be done with it."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.console.orders import act, export, files, listing, page

routes: Sequence[HTTPRouteHandler] = (
    *listing.routes,
    *export.routes,
    *page.routes,
    *files.routes,
    *act.routes,
)
