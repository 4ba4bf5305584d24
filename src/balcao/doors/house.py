"""What one server process holds while it runs, and how a request reaches it."""

from typing import Any, NamedTuple, cast

from litestar.connection import ASGIConnection

from balcao.base.db import Database
from balcao.base.errors import NotFound
from balcao.base.files import Files
from balcao.base.gather import Gatherer
from balcao.base.settings import Settings
from balcao.base.together import Together
from balcao.doors.failures import Failures
from balcao.doors.gate import Gate
from balcao.doors.turnstile import Occupancy
from balcao.events.watch import LogWatch
from balcao.freight.networks import Networks
from balcao.orders.find import AskOrder
from balcao.orders.rules.whole import Whole
from balcao.partners.pictures import Pictures


class House(NamedTuple):
    """What the process's requests share; made at start-up, `app.state.house`."""

    settings: Settings
    db: Database
    lists: Database
    """The same, for statements that `base.db.LISTED` suits."""
    gatherer: Gatherer
    order_reads: Together[AskOrder, Whole | NotFound]
    files: Files
    gate: Gate
    failures: Failures
    log_watch: LogWatch
    occupancy: Occupancy
    networks: Networks
    pictures: Pictures


def house_of(connection: ASGIConnection[Any, Any, Any, Any]) -> House:
    """The house that serves this connection."""
    return cast("House", connection.app.state.house)
