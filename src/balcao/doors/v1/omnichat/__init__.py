"""Integrations with OmniChat over HTTP."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.v1.omnichat import integrations, traffic

routes: Sequence[HTTPRouteHandler] = (*integrations.routes, *traffic.routes)
