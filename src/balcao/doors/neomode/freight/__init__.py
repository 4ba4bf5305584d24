"""Freight simulation (contract, section 4): what a cart costs to send, from which store, until when."""

from collections.abc import Mapping, Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.express import Lane
from balcao.doors.neomode.freight import simulate

routes: Sequence[HTTPRouteHandler] = simulate.routes
lanes: Mapping[tuple[str, str], Lane] = simulate.lanes
