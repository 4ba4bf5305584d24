"""Keep the log for as long as promised: days made ahead, old days dropped, and a mark a day to find one's way."""

from collections.abc import Collection

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.events.rules import Day, days_ahead, oldest_day
from balcao.events.store import days as store


async def make_days(tx: Tx, now: Micros) -> Collection[Day]:
    """Make the partitions of today and the coming days that are missing; usually there are none.

    Of the whole installation, so in a transaction of its own. A day of which the default partition has events already
    (no worker ran for a week) stays there: no event is ever moved, so that no reader can miss one. Returns the days
    made. Raises Unavailable when somebody reads the whole log just now.
    """
    missing = await _missing(tx, now)
    if missing:
        await store.lock_for_days(tx, writers_too=missing[0].number <= Day.of(now).number + 1)
        missing = await _missing(tx, now)  # another worker may have made them meanwhile
    if missing:
        await store.attach_days(tx, missing)
    return missing


async def drop_old_days(tx: Tx, now: Micros) -> Collection[Day]:
    """Drop the days that are older than promised, in a transaction of its own: it locks the whole log for a moment.

    Returns the days dropped. Raises Unavailable when the log is being read for long just now.
    """
    oldest = oldest_day(now)
    gone = sorted(day for day in await store.list_days(tx) if day < oldest)
    if gone:
        await store.drop_days(tx, gone)
    await store.delete_stray(tx, before=oldest.first_us)
    return gone


async def mark_log(tx: Tx, tenant: Tenant, now: Micros) -> int:
    """Note where the tenant's log stands, once a day, and forget the notes of days that are gone; how many were new."""
    added = await store.insert_mark(tx, tenant, since=Day.of(now).first_us)
    await store.delete_marks(tx, tenant, before=oldest_day(now).first_us)
    return added


async def _missing(tx: Tx, now: Micros) -> list[Day]:
    missing = sorted(days_ahead(now) - await store.list_days(tx))
    stray = await store.list_stray_days(tx, missing) if missing else set()
    return [day for day in missing if day not in stray]
