"""The catalogue (contract, section 6)."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.neomode.catalog import batches, changes, offer, read, write

routes: Sequence[HTTPRouteHandler] = (*write.routes, *offer.routes, *read.routes, *changes.routes, *batches.routes)
