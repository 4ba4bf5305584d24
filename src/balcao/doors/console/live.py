"""What happens in the shop, told to open pages as it is written: server-sent events.

A message says which orders (or other things) changed, nothing of what they hold: the page asks anew for the parts that
it shows, as the user who looks at it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from balcao.base.db import Tx
from balcao.base.errors import BalcaoError, Conflict
from balcao.base.now import now_us
from balcao.base.stopping import STOPPING
from balcao.doors.console.headers import SECURITY, STAFF
from balcao.doors.console.visit import View, Visit
from balcao.events.feed import FeedPage, ReadFeed, read_feed, read_newest
from balcao.events.rules import ACCESS_TYPES, EventFilter
from balcao.sellers.find import find_sellers
from balcao.tenants.rules import Role
from balcao.users.sessions import find_session

HEARTBEAT_S: Final = 15
PAUSE_S: Final = 0.2
"""Between two messages: what happens meanwhile is told together."""
SUBJECTS_MAX: Final = 100
"""Orders that one message names; of more it says only that there were many."""
AGAIN_MS: Final = 1500
"""After how long a browser that lost the line asks again."""

log = structlog.get_logger(__name__)


@get("/live", opt=STAFF, media_type="text/event-stream")
async def follow(visit: View, request: Request[Any, Any, Any]) -> Stream:
    """The stream of a page; a browser that comes back goes on where it was."""
    last = request.headers.get("last-event-id", "")
    after = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else None
    headers = SECURITY | {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(_messages(visit, after), media_type="text/event-stream", headers=headers)


async def _messages(visit: Visit, after: int | None) -> AsyncIterator[bytes]:
    try:
        async with visit.db.read() as tx:
            ask = await _begin(tx, visit, after)
    except BalcaoError as error:
        log.warning("live view not begun", reason=error.detail)
        return
    yield f"retry: {AGAIN_MS}\nid: {ask.after}\n\n".encode()
    with visit.house.occupancy.outside():
        while not STOPPING.is_set():
            try:
                with visit.house.occupancy.inside():
                    page = await _read(visit, ask)
            except BalcaoError as error:  # the browser asks again
                log.warning("live view ended", reason=error.detail)
                return
            if page is None:
                return
            if page.events:
                yield _message(page)
                await asyncio.sleep(PAUSE_S)
            elif page.is_end:
                yield b": still here\n\n"
            ask = msgspec.structs.replace(ask, after=page.next)
            if page.is_end:
                await visit.house.log_watch.newer(visit.tenant, page.newest, timeout_s=HEARTBEAT_S)


async def _begin(tx: Tx, visit: Visit, after: int | None) -> ReadFeed:
    """From where the browser was, if that is still kept; else from now."""
    caller = visit.caller
    ids = None
    if caller.seller_cnpj is not None:
        ids = tuple(seller.seller_id for seller in await find_sellers(tx, visit.tenant, cnpjs=[caller.seller_cnpj]))
    hidden = () if caller.role is Role.ADMIN else ACCESS_TYPES
    wanted = EventFilter(hidden=hidden, seller_ids=ids)
    newest = await read_newest(tx, visit.tenant)
    if after is not None:
        try:
            await read_feed(tx, visit.tenant, ReadFeed(after=after, limit=1, wanted=wanted))
            return ReadFeed(after=after, wanted=wanted)
        except Conflict:
            pass
    return ReadFeed(after=newest, wanted=wanted)


async def _read(visit: Visit, ask: ReadFeed) -> FeedPage | None:
    """What happened since; None once the session is over."""
    async with visit.db.read() as tx:
        if await find_session(tx, visit.cookie, now_us()) is None:
            return None
        return await read_feed(tx, visit.tenant, ask)


def _message(page: FeedPage) -> bytes:
    subjects = sorted({event.subject for event in page.events})
    told = {
        "types": sorted({event.type for event in page.events}),
        "subjects": subjects if len(subjects) <= SUBJECTS_MAX else None,
    }
    return f"id: {page.next}\nevent: news\ndata: {json.dumps(told)}\n\n".encode()


routes: Sequence[HTTPRouteHandler] = (follow,)
