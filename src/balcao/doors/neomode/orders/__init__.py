"""Orders (contract, section 3)."""

from collections.abc import Mapping, Sequence

from litestar.handlers import HTTPRouteHandler

from balcao.doors.express import Lane
from balcao.doors.neomode.orders import create, files, labels, lists, read, write

routes: Sequence[HTTPRouteHandler] = (
    *create.routes,
    *lists.routes,
    *read.routes,
    *write.routes,
    *labels.routes,
    *files.routes,
)
lanes: Mapping[tuple[str, str], Lane] = {**create.lanes, **lists.lanes, **read.lanes}
