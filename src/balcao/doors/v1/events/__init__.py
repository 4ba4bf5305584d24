"""The event feed over HTTP, and its named consumers."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.v1.events import consumers, read

routes: Sequence[HTTPRouteHandler] = (*read.routes, *consumers.routes)
