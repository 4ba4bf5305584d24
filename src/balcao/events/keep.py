"""Keep the log for as long as promised: days made ahead, old days dropped, and a mark a day to find one's way."""

from collections.abc import Collection

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.events.rules import Day, days_ahead, oldest_day
from balcao.events.store import days as store


async def make_days(tx: Tx, now: Micros) -> Collection[Day]:
    """Make the partitions of today and the coming days that are missing, and of days whose events came before them.

    Of the whole installation, so in a transaction of its own. Returns the days made, usually none. Raises Unavailable
    when somebody reads the whole log just now.
    """
    if not await _missing(tx, now):
        return ()
    await store.lock_default(tx)
    missing = await _missing(tx, now)  # another worker may have made them meanwhile
    await store.attach_days(tx, missing)
    return missing


async def drop_old_days(tx: Tx, now: Micros) -> Collection[Day]:
    """Drop the days that are older than promised, in a transaction of its own: it locks the whole log for a moment.

    Returns the days dropped. Raises Unavailable when the log is being read for long just now.
    """
    oldest = oldest_day(now)
    gone = sorted(day for day in await store.list_days(tx) if day < oldest)
    stray = any(day < oldest for day in await store.list_stray_days(tx))
    if gone or stray:
        await store.drop_days(tx, gone, before=oldest.first_us)
    return gone


async def mark_log(tx: Tx, tenant: Tenant, now: Micros) -> int:
    """Note where the tenant's log stands, once a day, and forget the notes of days that are gone; how many were new."""
    added = await store.insert_mark(tx, tenant, since=Day.of(now).first_us)
    await store.delete_marks(tx, tenant, before=oldest_day(now).first_us)
    return added


async def _missing(tx: Tx, now: Micros) -> list[Day]:
    oldest = oldest_day(now)
    stray = {day for day in await store.list_stray_days(tx) if day >= oldest}
    return sorted((days_ahead(now) | stray) - await store.list_days(tx))
