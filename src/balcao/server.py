"""The server process: reads the settings, opens the house, hangs in the doors."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from litestar import Litestar
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

import balcao
from balcao.base.db import LISTED, PLANNED_ONCE, Database
from balcao.base.errors import Invalid
from balcao.base.files import Files
from balcao.base.gather import Gatherer
from balcao.base.http import Http
from balcao.base.log import set_up_logging
from balcao.base.now import now_us
from balcao.base.secret_key import secret_key
from balcao.base.settings import Settings, read_settings
from balcao.base.together import Together
from balcao.doors import console, health, neomode, omnichat, v1
from balcao.doors.access_log import AccessLog
from balcao.doors.digest import BodyDigest
from balcao.doors.door import provide_door
from balcao.doors.express import Express
from balcao.doors.failures import Failures
from balcao.doors.gate import Gate, watch_revocations
from balcao.doors.guard import Guard, check_routes
from balcao.doors.house import House
from balcao.doors.paths import Front, PathsPlugin
from balcao.doors.problems import ProblemsPlugin
from balcao.doors.schema import SchemaPlugin, openapi_config
from balcao.doors.turnstile import Occupancy, Turnstile
from balcao.doors.wire import WirePlugin
from balcao.events.watch import LogWatch
from balcao.freight.networks import Networks
from balcao.orders.find import get_orders
from balcao.orders.place import place_at_once, place_orders
from balcao.partners.pictures import Pictures
from balcao.tenants.tokens import Tokens

DOORS: Sequence[HTTPRouteHandler] = (*health.routes, *neomode.routes, *v1.routes, *omnichat.routes)
LISTS_AT_ONCE = 4
"""Connections for lists, in each process: they take a millisecond or two each, of which the process spends as much."""
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(settings: Settings | None = None) -> ASGIApp:
    """The ASGI application of one server process, with the settings of the environment unless given.

    Raises Invalid when a setting is wrong or there is no DATABASE_URL (`balcao serve` starts the embedded database and
    sets it). The database may be away: every route answers 503 until it is there.
    """
    given, settings = settings, settings or read_settings()
    if given is None:
        set_up_logging(level=settings.log_level, log_format=settings.log_format)
    check_routes(DOORS)
    occupancy = Occupancy(settings.requests_max)
    app = Litestar(
        route_handlers=[*DOORS, console.make_router()],
        plugins=[WirePlugin(), ProblemsPlugin(), PathsPlugin(), SchemaPlugin()],
        dependencies={"door": Provide(provide_door, sync_to_thread=False)},
        middleware=[Guard],
        lifespan=[_open_house(settings, occupancy)],
        request_max_body_size=settings.body_limit_bytes,
        openapi_config=openapi_config(balcao.__version__),
        logging_config=None,
        debug=False,
    )
    front = Front(Express(BodyDigest(app), app, neomode.lanes))
    return Turnstile(AccessLog(front), occupancy)


def _open_house(settings: Settings, occupancy: Occupancy) -> Lifespan:
    if settings.database_url is None:
        raise Invalid("DATABASE_URL is not set.", errors={"DATABASE_URL": ["is not set"]})
    url = settings.database_url

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        db = await Database.open(url, settings.pool_size)
        gate = Gate(Tokens(secret_key(settings, "token"), settings.token_ttl_s))
        by_key = await Database.open(url, settings.pool_size, settings=PLANNED_ONCE)
        lists = await Database.open(url, min(settings.pool_size, LISTS_AT_ONCE), settings=LISTED)
        gatherer = Gatherer(by_key, now_us, short={place_orders: place_at_once})
        log_watch, networks = LogWatch(db), Networks(db)
        files, http = Files(settings.files_url), Http(allow_private=settings.webhook_allow_private)
        app.state.house = House(
            settings=settings,
            db=db,
            lists=lists,
            gatherer=gatherer,
            order_reads=Together(by_key, get_orders),
            files=files,
            gate=gate,
            failures=Failures(),
            log_watch=log_watch,
            occupancy=occupancy,
            networks=networks,
            pictures=Pictures(http, files),
        )
        watches = (
            asyncio.create_task(watch_revocations(gate, db, settings.revocation_poll_s, now_us)),
            asyncio.create_task(networks.watch()),
        )
        try:
            async with http:
                yield
        finally:
            for watch in watches:
                watch.cancel()
            for watch in watches:
                with suppress(asyncio.CancelledError):
                    await watch
            await networks.close()
            await log_watch.close()
            await gatherer.close()
            await lists.close()
            await by_key.close()
            await db.close()

    return lifespan
