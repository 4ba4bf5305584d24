"""The SQL of the log's days: partitions made and dropped, and marks of where the log stood."""

from collections.abc import Sequence
from typing import Final

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.events.rules import DAY_US, Day

LOCK_MAX: Final = "200ms"
"""A day waits rather than keep others waiting behind it, while a back-up reads every table: the worker comes again."""


async def list_days(tx: Tx) -> set[Day]:
    """The days that have a partition, from their names."""
    rows = await tx.fetch(
        """
        SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'event'::regclass AND c.relname <> 'event_default'
        """
    )
    return {Day.of_name(row["name"]) for row in rows}


async def list_stray_days(tx: Tx, days: Sequence[Day]) -> set[Day]:
    """Those of the days that the default partition has events of: it is read whole, and empty where a worker runs."""
    rows = await tx.fetch(
        """
        SELECT d.number FROM unnest($1::bigint[]) AS d (number)
         WHERE EXISTS (SELECT FROM event_default e WHERE e.at_us / $2 = d.number)
        """,
        [day.number for day in days],
        DAY_US,
    )
    return {Day(row["number"]) for row in rows}


async def lock_for_days(tx: Tx, *, writers_too: bool) -> None:
    """Keep everybody out of the default partition, which ATTACH looks through, and writers out of the whole log or not.

    A writer that was on its way to the default partition when its day got one of its own would be refused.
    """
    writers = "LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE;" if writers_too else ""
    await tx.execute(
        f"SET LOCAL lock_timeout = '{LOCK_MAX}'; {writers} LOCK TABLE event_default IN ACCESS EXCLUSIVE MODE"
    )


async def attach_days(tx: Tx, days: Sequence[Day]) -> None:
    """Make these days' partitions; the default one has nothing of them."""
    await tx.execute("".join(_attach(day) for day in days))


async def drop_days(tx: Tx, days: Sequence[Day]) -> None:
    """Drop these days' partitions."""
    names = ", ".join(day.name for day in days)
    await tx.execute(f"SET LOCAL lock_timeout = '{LOCK_MAX}'; DROP TABLE {names}")


async def delete_stray(tx: Tx, *, before: Micros) -> None:
    """Delete what is older in the default partition: the only events that go row by row."""
    await tx.execute("DELETE FROM event_default WHERE at_us < $1", before)


async def insert_mark(tx: Tx, tenant: Tenant, *, since: Micros) -> int:
    """Note where the log stands, unless it was noted since then; how many notes that made."""
    done = await tx.execute(
        """
        INSERT INTO event_mark (tenant, seq, at_us)
        SELECT c.tenant, c.seq, c.at_us FROM tenant_clock c
         WHERE c.tenant = $1 AND c.seq > 0
           AND NOT EXISTS (SELECT FROM event_mark m WHERE m.tenant = $1 AND m.at_us >= $2)
        ON CONFLICT DO NOTHING
        """,
        tenant,
        since,
    )
    return int(done.rpartition(" ")[2])


async def delete_marks(tx: Tx, tenant: Tenant, *, before: Micros) -> None:
    """Forget the marks of days that are gone."""
    await tx.execute("DELETE FROM event_mark WHERE tenant = $1 AND at_us < $2", tenant, before)


def _attach(day: Day) -> str:
    return (
        f"CREATE TABLE {day.name} (LIKE event INCLUDING ALL);"
        f"ALTER TABLE event ATTACH PARTITION {day.name} FOR VALUES FROM ({day.first_us}) TO ({day.end_us});"
    )
