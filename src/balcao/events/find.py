"""Find the events of one thing."""

from collections.abc import Iterable
from typing import Final

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.events.rules import LoggedEvent
from balcao.events.store import log

INSTANTS_MAX: Final = 30


async def find_events_of(tx: Tx, tenant: Tenant, subject: str, instants: Iterable[Micros]) -> list[LoggedEvent]:
    """What the log holds of the subject at these instants of its own history, newest first; of the newest thirty.

    The instants are the way in, as the log is in their order and not in that of its subjects.
    """
    newest = sorted(set(instants), reverse=True)[:INSTANTS_MAX]
    return await log.find_events_of(tx, tenant, subject, newest) if newest else []
