"""Append to the log, in the transaction that makes it happen."""

from collections.abc import Sequence

from balcao.base.clock import Ticks, ticked
from balcao.base.db import Tx
from balcao.base.statements import Statement, run_all
from balcao.base.values import Tenant
from balcao.events.rules import Event
from balcao.events.store import log


async def append(tx: Tx, tenant: Tenant, events: Sequence[Event], ticks: Ticks) -> None:
    """Write the events with the ticks' consecutive sequence numbers, in the order given.

    The caller has ticked by `events=len(events)`. An event's `row` says which of the transaction's changed rows it
    tells of: that row's instant becomes the event's.
    """
    if events:
        await run_all(tx, ticked(ticks), appending(tenant, events))


def appending(tenant: Tenant, events: Sequence[Event], *, also: str = "") -> Statement[None]:
    """`append` as a statement, to go with the tick (`base.clock.ticking`) and other writes.

    also: SQL that makes further facts of an event `n` as jsonb, of what only the tick gives: `n.number` counts from
    the transaction's first event.
    """
    return log.insert_events(tenant, events, also)
