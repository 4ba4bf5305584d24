"""What OmniChat calls: its five hooks."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.omnichat import hooks

routes: Sequence[HTTPRouteHandler] = hooks.routes
