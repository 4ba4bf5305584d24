"""Read the feed: a page, a page as soon as there is one, or a stream."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, cast

import msgspec
import structlog
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from balcao.base.errors import BalcaoError
from balcao.base.stopping import STOPPING
from balcao.doors.door import Door
from balcao.doors.problems import problem_responses
from balcao.doors.v1.events.asked import QUERY, READERS, TAGS, FeedQuery, understand
from balcao.doors.v1.events.show import JSON_TYPE, LINES_TYPE, EventPage, SellerNames, ShownPage, answer, envelop
from balcao.events.envelope import BATCH_TYPE
from balcao.events.feed import PAGE_MAX, ReadFeed, read_feed

HEARTBEAT_S: Final = 15
"""How often a stream without news sends an empty line: proxies cut what is silent for a minute."""

log = structlog.get_logger(__name__)
_names = SellerNames()


@get(
    "/v1/events",
    opt=READERS,
    tags=TAGS,
    operation_id="readEvents",
    responses=problem_responses(401, 403, 404, 409, 503),
    dependencies={"asked": QUERY},
)
async def get_events(
    door: Door, request: Request[Any, Any, Any], asked: NamedDependency[FeedQuery]
) -> Response[EventPage]:
    """What happened in the last 90 days, after a number: without gaps, in commit order, each event a CloudEvent.

    `Accept` says in which form: `application/json` an envelope with `next`, `application/cloudevents-batch+json` the
    bare batch, `application/x-ndjson` a stream of lines that goes on as things happen (empty ones where nothing does).
    A credential bound to a channel or a store sees only its events; what happens to channels, credentials, webhooks and
    the tenant itself is for administrators. 409 `cursor_expired`: events after `after` are no longer kept;
    `cursor_ahead`: the log ends before it.
    """
    form = request.accept.best_match([JSON_TYPE, BATCH_TYPE, LINES_TYPE], default=JSON_TYPE)
    async with door.db.read() as tx:
        ask = await understand(tx, door, asked)
    if form == LINES_TYPE:
        ask = msgspec.structs.replace(ask, limit=PAGE_MAX)
        lines = _lines(door, ask, await _read(door, ask), math.inf if asked.wait is None else asked.wait)
        return cast("Response[EventPage]", Stream(lines, media_type=LINES_TYPE, headers={"Cache-Control": "no-store"}))
    return answer(request, form, await _read_or_wait(door, ask, asked.wait or 0))


async def _read_or_wait(door: Door, ask: ReadFeed, wait_s: float) -> ShownPage:
    """The page, or as soon as there is something wanted, or empty when the time is up or the process stops."""
    end = _now() + wait_s
    shown = await _read(door, ask)
    while not shown.events and _now() < end and not STOPPING.is_set():
        if shown.page.is_end:
            with door.house.occupancy.outside():
                await door.house.log_watch.newer(door.tenant, shown.page.newest, timeout_s=end - _now())
        shown = await _read(door, msgspec.structs.replace(ask, after=shown.page.next))
    return shown


async def _lines(door: Door, ask: ReadFeed, shown: ShownPage, wait_s: float) -> AsyncIterator[bytes]:
    """Page after page, until nothing happened for so long, the process stops, or the credential may no longer.

    Of its long life only the questions count as work.
    """
    began = told_at = spoke_at = _now()
    with door.house.occupancy.outside():
        while True:
            if shown.events:
                yield shown.lines()
                told_at = spoke_at = _now()
            left = told_at + wait_s - _now()
            if STOPPING.is_set() or not _may_go_on(door, began) or (shown.page.is_end and left <= 0):
                return
            if _now() - spoke_at >= HEARTBEAT_S:
                yield b"\n"
                spoke_at = _now()
            if shown.page.is_end:
                pause_s = min(left, spoke_at + HEARTBEAT_S - _now())
                await door.house.log_watch.newer(door.tenant, shown.page.newest, timeout_s=pause_s)
            try:
                with door.house.occupancy.inside():
                    shown = await _read(door, msgspec.structs.replace(ask, after=shown.page.next))
            except BalcaoError as error:  # the head is sent: whoever asks again with its cursor hears it as a problem
                log.warning("stream ended", reason=error.detail)
                return


def _may_go_on(door: Door, began: float) -> bool:
    """As long as a token lives, unless it is revoked meanwhile."""
    return _now() - began < door.settings.token_ttl_s and door.caller.client_id not in door.house.gate.revoked


async def _read(door: Door, ask: ReadFeed) -> ShownPage:
    async with door.db.read() as tx:
        page = await read_feed(tx, door.tenant, ask)
        return envelop(door.tenant, page, await _names.learn(tx, door.tenant, page))


def _now() -> float:
    return asyncio.get_running_loop().time()


routes: Sequence[HTTPRouteHandler] = (get_events,)
