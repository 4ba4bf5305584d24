"""The Neomode-compatible API: one module a part of the contract, each with its `routes`."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.neomode import auth, freight, orders

MODULES = (
    auth,
    freight,
    orders,
)

routes: Sequence[HTTPRouteHandler] = tuple(route for module in MODULES for route in module.routes)
