"""The tenant's clock: ticks in commit order, without gaps, strictly increasing in time.

A transaction that changes anything ticks once, right before its writes, and holds the clock's row to its commit.
Whoever ticks later therefore commits later, and a reader that asks for "more than the newest I saw" misses nothing.
Tick as late as possible: take the other locks, read, decide and refuse first; nothing but writes stands between the
tick and the commit.
"""

from functools import cache
from typing import NamedTuple

import msgspec

from balcao.base.db import Tx
from balcao.base.statements import Statement, rows_of, run
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
    microseconds as there were changes. Raises LookupError for a tenant without a clock.
    """
    return await run(tx, ticking(tenant, events=events, rows=rows, now=now))


def ticking(tenant: Tenant, *, events: int, rows: int, now: Micros, after: str = "true") -> Statement[Ticks]:
    """The tick as a statement, for writes that go with it in one round trip: so the clock is held no longer than they
    and the commit take.

    They read its first number and instant from `clock` (one row: seq, at_us) and count on from there themselves. The
    SQL keeps to what a cluster can run: no clock function in an UPDATE. after: SQL of what is to be true, looked at
    before the clock's row is taken.
    """
    return Statement(
        "SELECT seq, at_us FROM clock",
        (tenant, events, max(rows, 1), now),
        rows_of(_First),
        beside=(("clock", _tick(after)),),
    ).then(lambda found: _only(tenant, found))


def ticked(ticks: Ticks) -> Statement[Ticks]:
    """Ticks that a transaction has already, as `ticking` gives them."""
    text = "SELECT $1::bigint AS seq, $2::bigint AS at_us"
    return Statement("SELECT FROM clock", tuple(ticks), lambda _: ticks, beside=(("clock", text),))


class _First(msgspec.Struct, frozen=True):
    seq: int
    at_us: Micros


@cache
def _tick(after: str) -> str:
    return f"""
        UPDATE tenant_clock SET seq = seq + $2, at_us = greatest($4, at_us + $3) WHERE tenant = $1 AND {after}
        RETURNING seq - $2 + 1 AS seq, at_us - $3 + 1 AS at_us
    """  # noqa: S608


def _only(tenant: Tenant, found: list[_First]) -> Ticks:
    if not found:
        raise LookupError(f"tenant {tenant!r} has no clock")
    return Ticks(found[0].seq, found[0].at_us)
