"""Append to the log, in the transaction that makes it happen."""

from collections.abc import Sequence

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.statements import Statement, run
from balcao.base.values import Tenant
from balcao.events.rules import Event
from balcao.events.store import log


async def append(tx: Tx, tenant: Tenant, events: Sequence[Event], ticks: Ticks) -> None:
    """Write the events with the ticks' consecutive sequence numbers, in the order given.

    The caller has ticked by `events=len(events)`. An event's `row` says which of the transaction's changed rows it
    tells of: that row's instant becomes the event's.
    """
    if events:
        await run(tx, appending(tenant, events, ticks))


def appending(tenant: Tenant, events: Sequence[Event], ticks: Ticks) -> Statement[None]:
    """`append` as a statement, to go with others that the same ticks are for."""
    return log.insert_events(tenant, events, ticks)
