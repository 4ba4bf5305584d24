"""The tenant's clock: ticks in commit order, without gaps, strictly increasing in time.

A transaction that changes anything ticks once, right before its writes, and holds the clock's row to its commit.
Whoever ticks later therefore commits later, and a reader that asks for "more than the newest I saw" misses nothing.
Tick as late as possible: take the other locks, read, decide and refuse first; nothing but writes stands between the
tick and the commit.
"""

from typing import NamedTuple

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant


class Ticks(NamedTuple):
    """What one tick gave: so many consecutive sequence numbers and consecutive microseconds, each from its first."""

    seq_first: int
    at_first_us: Micros

    def seq(self, n: int) -> int:
        """The sequence number of this transaction's nth event, from 0."""
        return self.seq_first + n

    def at(self, n: int) -> Micros:
        """The instant of this transaction's nth changed row, from 0."""
        return Micros(self.at_first_us + n)


async def tick(tx: Tx, tenant: Tenant, *, events: int, rows: int, now: Micros) -> Ticks:
    """Advance the tenant's clock by so many events and changed rows, and hold its row until the commit.

    `now` is the server's time; the clock never goes back, and runs ahead of the server's time only by as many
    microseconds as there were changes. The SQL keeps to what a cluster can run: no clock function in an UPDATE.
    """
    row = await tx.fetchrow(
        """
        UPDATE tenant_clock SET seq = seq + $2, at_us = greatest($4, at_us + $3) WHERE tenant = $1
        RETURNING seq, at_us
        """,
        tenant,
        events,
        max(rows, 1),
        now,
    )
    if row is None:
        raise LookupError(f"tenant {tenant!r} has no clock")
    return Ticks(row["seq"] - events + 1, Micros(row["at_us"] - max(rows, 1) + 1))
