"""Balcão's own API under `/v1`: what the Neomode-compatible one has no words for."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.v1 import access, events, freight, omnichat, webhooks

MODULES = (access, events, webhooks, omnichat, freight)

routes: Sequence[HTTPRouteHandler] = tuple(route for module in MODULES for route in module.routes)
