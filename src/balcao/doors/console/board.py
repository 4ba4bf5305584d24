"""The board: what there is to do, late things first, as it is now."""

from collections.abc import Sequence

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from balcao.doors.console.headers import STAFF
from balcao.doors.console.visit import View


@get("/", opt=STAFF)
async def show_board(visit: View) -> Response[bytes]:
    """Orders by status, late ones first."""
    return visit.page("board.html", here="/console")


routes: Sequence[HTTPRouteHandler] = (show_board,)
