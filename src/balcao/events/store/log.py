"""The SQL of the log itself: append to it and read it."""

from collections.abc import Sequence
from itertools import starmap
from typing import Final

from balcao.base.columns import columns_of, json_array, numbers, unnest
from balcao.base.db import Tx
from balcao.base.statements import Statement
from balcao.base.values import Micros, Tenant
from balcao.events.rules import Event, EventFilter, LoggedEvent, Span


def insert_events(tenant: Tenant, events: Sequence[Event], also: str) -> Statement[None]:
    """Append the events, in the order given, with numbers and instants of `clock` (`base.clock.ticking`).

    also: SQL that makes further facts of an event `n`, as jsonb.
    """
    return Statement(
        f"""
        INSERT INTO event (tenant, seq, at_us, type, subject, channel, seller_id, actor, data)
        SELECT $1, clock.seq + n.number, clock.at_us + n.row, n.type, n.subject, n.channel, n.seller_id, n.actor,
               n.data{also and f" || {also}"}
          FROM clock, {_EVENTS}
        """,  # noqa: S608
        (
            tenant,
            numbers(range(len(events))),
            *columns_of(events, ("row", "type", "subject", "channel", "seller_id", "actor")),
            json_array(event.data for event in events),
        ),
    )


_EVENTS: Final = unnest(
    2,
    {
        "number": "bigint",
        "row": "bigint",
        "type": "text",
        "subject": "text",
        "channel": "text",
        "seller_id": "uuid",
        "actor": "text",
        "data": "jsonb",
    },
)


async def find_newest(tx: Tx, tenants: Sequence[Tenant]) -> dict[Tenant, int]:
    """The newest sequence number of each tenant's log (primary key of tenant_clock)."""
    rows = await tx.fetch("SELECT tenant, seq FROM tenant_clock WHERE tenant = ANY ($1::text[])", tenants)
    return {row["tenant"]: row["seq"] for row in rows}


async def find_span(tx: Tx, tenant: Tenant, *, after: int, width: int) -> Span:
    """Of the `width` events after that one: the last number that is there, and between which instants they happened.

    A mark at or before `after` is earlier than all of them, one at or behind their last as late as any (primary key of
    event_mark); without marks they lie somewhere between the beginning and the clock.
    """
    row = await tx.fetchrow(
        """
        SELECT c.seq AS newest,
               (SELECT m.at_us FROM event_mark m
                 WHERE m.tenant = $1 AND m.seq <= $2 ORDER BY m.seq DESC LIMIT 1) AS after_us,
               coalesce((SELECT m.at_us FROM event_mark m
                          WHERE m.tenant = $1 AND m.seq >= least($2 + $3, c.seq) ORDER BY m.seq LIMIT 1),
                        c.at_us) AS upto_us
          FROM tenant_clock c WHERE c.tenant = $1
        """,
        tenant,
        after,
        width,
    )
    if row is None:
        raise LookupError(f"tenant {tenant!r} has no clock")
    newest = row["newest"]
    return Span(
        after=after,
        upto=min(after + width, newest),
        newest=newest,
        after_us=Micros(-1 if row["after_us"] is None else row["after_us"]),
        upto_us=Micros(row["upto_us"]),
    )


async def find_events(tx: Tx, tenant: Tenant, span: Span, wanted: EventFilter, *, limit: int) -> list[LoggedEvent]:
    """The first events of the span that are wanted, in order (primary key, in the days of the span only).

    The facts come as the text that the database keeps: who reads the log hands them on.
    """
    rows = await tx.fetch(
        """
        SELECT seq, at_us, type, subject, channel, seller_id, actor, data::text
          FROM event
         WHERE tenant = $1 AND seq > $2 AND seq <= $3 AND at_us > $4 AND at_us <= $5
           AND ($6::text[] IS NULL OR type LIKE ANY ($6)) AND NOT type LIKE ANY ($7::text[])
           AND ($8::text IS NULL OR channel = $8) AND ($9::uuid[] IS NULL OR seller_id = ANY ($9))
         ORDER BY seq LIMIT $10
        """,
        tenant,
        span.after,
        span.upto,
        span.after_us,
        span.upto_us,
        wanted.like() or None,
        wanted.unlike(),
        wanted.channel,
        wanted.seller_ids,
        limit,
    )
    return list(starmap(LoggedEvent, rows))


async def find_events_of(tx: Tx, tenant: Tenant, subject: str, instants: Sequence[Micros]) -> list[LoggedEvent]:
    """What happened to one thing at these instants, newest first (event_by_instant, in the days of the instants)."""
    rows = await tx.fetch(
        """
        SELECT seq, at_us, type, subject, channel, seller_id, actor, data::text
          FROM event WHERE tenant = $1 AND at_us = ANY ($2::bigint[]) AND subject = $3 ORDER BY seq DESC
        """,
        tenant,
        instants,
        subject,
    )
    return list(starmap(LoggedEvent, rows))


async def begins(tx: Tx, tenant: Tenant, span: Span) -> bool:
    """Whether the first event of the span is still kept."""
    found = await tx.fetchval(
        "SELECT true FROM event WHERE tenant = $1 AND seq = $2 AND at_us > $3 AND at_us <= $4",
        tenant,
        span.after + 1,
        span.after_us,
        span.upto_us,
    )
    return found is not None


async def find_oldest(tx: Tx, tenant: Tenant) -> int | None:
    """The first sequence number that is still kept: a look at every day's key, a few milliseconds."""
    oldest: int | None = await tx.fetchval("SELECT min(seq) FROM event WHERE tenant = $1", tenant)
    return oldest
