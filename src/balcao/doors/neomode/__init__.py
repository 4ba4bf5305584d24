"""The Neomode-compatible API: one module a part of the contract, each with its `routes`."""

from collections.abc import Mapping, Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.express import Lane
from balcao.doors.neomode import auth, catalog, freight, orders, sellers

MODULES = (
    auth,
    freight,
    orders,
    sellers,
    catalog,
)

routes: Sequence[HTTPRouteHandler] = tuple(route for module in MODULES for route in module.routes)
lanes: Mapping[tuple[str, str], Lane] = {**orders.lanes, **freight.lanes}
