"""Stores (contract, section 5)."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.neomode.sellers import read, write

routes: Sequence[HTTPRouteHandler] = (*write.routes, *read.routes)
