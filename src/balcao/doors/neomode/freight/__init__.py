"""Freight simulation (contract, section 4): what a cart costs to send, from which store, until when."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.neomode.freight.simulate import simulate_freight

routes: Sequence[HTTPRouteHandler] = (simulate_freight,)
