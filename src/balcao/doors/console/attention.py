"""The bell: orders that need a person, and for who looks after the integrations what went wrong there."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.errors import NotFound
from balcao.base.values import Micros, OrderId
from balcao.doors.console.headers import ADMINS, STAFF
from balcao.doors.console.troubles import list_troubles
from balcao.doors.console.visit import View, Visit
from balcao.orders.attention import attend, list_calls
from balcao.users.seen import note_seen

HERE: Final = "/console/attention"
DAYS: Final = 30
DAY_US: Final = 86_400_000_000


@get("/bell", opt=STAFF)
async def show_bell(visit: View) -> Response[bytes]:
    """How many things need a person: the bell beside the account."""
    async with visit.db.read() as tx:
        calls = await list_calls(tx, visit.caller, since=_since(visit))
        troubles = await list_troubles(tx, visit)
    return visit.page("bell.html", count=len(calls) + len(troubles))


@get("/attention", opt=STAFF)
async def show_attention(visit: View) -> Response[bytes]:
    """What needs a person: paid after cancellation, taken without stock, cannot be had; what failed outside."""
    async with visit.db.read() as tx:
        calls = await list_calls(tx, visit.caller, since=_since(visit))
        troubles = await list_troubles(tx, visit)
    return visit.page("attention.html", here=HERE, calls=calls, troubles=troubles)


@post("/attention/{order_id:uuid}", opt=STAFF)
async def do_attend(visit: View, order_id: FromPath[UUID]) -> Response[bytes]:
    """Say that somebody has seen to it."""
    await visit.db.run(lambda tx: attend(tx, visit.caller, OrderId(order_id), visit.now))
    return _done(visit)


@post("/attention/integrations", opt=ADMINS)
async def do_attend_trouble(visit: View) -> Response[bytes]:
    """Say that somebody has seen to what failed there; what fails later calls again."""
    what, upto = await visit.field("what", length_max=100), await visit.field("upto", length_max=18)
    async with visit.db.read() as tx:
        troubles = {trouble.what: trouble for trouble in await list_troubles(tx, visit)}
    if what not in troubles or not (upto.isascii() and upto.isdigit()):
        raise NotFound("There is nothing of that to see to.", code="trouble_not_found")
    shown = Micros(min(int(upto), troubles[what].newest_us))
    actor = visit.session.user.email
    await visit.db.run(lambda tx: note_seen(tx, visit.tenant, what, shown, actor=actor))
    return _done(visit)


def _done(visit: Visit) -> Response[bytes]:
    return visit.done(HERE, visit.t("Marcado como atendido.", "Marked as attended to."))


def _since(visit: Visit) -> Micros:
    return Micros(visit.now - DAYS * DAY_US)


routes: Sequence[HTTPRouteHandler] = (show_bell, show_attention, do_attend, do_attend_trouble)
