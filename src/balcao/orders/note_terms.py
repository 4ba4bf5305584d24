"""Note what orders are found by: the worker's part in searching them.

It follows the orders' changes with a mark of its own, so that placing an order costs nothing for it: changes are in the
order of their commits, so none is ever passed over.
"""

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import Final

import structlog

from balcao.base.db import Database, Tx
from balcao.base.errors import BalcaoError
from balcao.base.values import Tenant
from balcao.orders.rules.searching import terms_of
from balcao.orders.store import terms

BATCH: Final = 1_000
LOOK_S: Final = 0.5
"""Between two looks for changes: what a new order's buyer waits for, half of it on average, to be found."""
SHARE_MAX: Final = 0.1
"""How much of a database connection the looks may take where there are thousands of tenants."""
AWAY_S: Final = 1.0

log = structlog.get_logger(__name__)


async def keep_searchable(db: Database, *, stop: asyncio.Event) -> None:
    """Note the terms of every tenant's orders as they change, until `stop` is set. An absent database is waited for.

    Any number of processes may do so at once: whoever locks a tenant's mark notes its next orders.
    """
    while not stop.is_set():
        began = time.monotonic()
        pause_s = AWAY_S
        try:
            await note_all(db, stop=stop)
            pause_s = max(LOOK_S, (time.monotonic() - began) / SHARE_MAX)
        except BalcaoError as error:
            log.warning("terms wait for the database", reason=error.detail)
        except Exception:
            log.exception("terms were not noted")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause_s)


async def note_all(db: Database, *, stop: asyncio.Event | None = None) -> int:
    """Note whatever is not noted yet, a transaction a batch, tenants in turns; how many changes that were."""
    noted = 0
    while stop is None or not stop.is_set():
        async with db.read() as tx:
            behind = await terms.list_behind(tx)
        done = [await db.run(partial(note_terms, tenant=tenant)) for tenant in behind]
        noted += sum(done)
        if not any(done):
            break
    return noted


async def note_terms(tx: Tx, tenant: Tenant) -> int:
    """Note the terms of the tenant's next changed orders; how many there were, 0 also while somebody else is at it."""
    since = await terms.lock_mark(tx, tenant)
    changes = [] if since is None else await terms.list_changed(tx, tenant, since, BATCH)
    if changes:
        await terms.insert_terms(tx, tenant, [(each, term) for each in changes for term in terms_of(each.traits)])
        await terms.move_mark(tx, tenant, changes[-1].last_update_us)
    return len(changes)
