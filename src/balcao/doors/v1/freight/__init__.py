"""Freight in Balcão's own API: carriers, their tables as versions, rules for free shipping and surcharges."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.v1.freight import carriers, charges, tables

routes: Sequence[HTTPRouteHandler] = (*tables.routes, *carriers.routes, *charges.routes)
