"""Deliver: follow every tenant's log, queue what its webhooks want, and send it. The worker's part in webhooks."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

import structlog

from balcao.base.db import Database, Tx
from balcao.base.errors import BalcaoError
from balcao.base.values import Micros, Tenant
from balcao.webhooks.lanes import Lanes
from balcao.webhooks.match import Matched, match_events
from balcao.webhooks.send import Sender
from balcao.webhooks.store import queue, readers

WATCH_S: Final = 0.05
"""Between two looks at the clocks: half of it is an event's delay on average."""
SHARE_MAX: Final = 0.1
"""How much of a database connection the looks may take where there are thousands of tenants."""
SWEEP_S: Final = 1.0
"""Between two looks for deliveries that became due, or whose process died."""
BEHIND_S: Final = 0.2
"""Between two looks whether there is room again in a full queue."""
AWAY_S: Final = 1.0

log = structlog.get_logger(__name__)


async def deliver_webhooks(db: Database, sender: Sender, now: Callable[[], Micros], *, stop: asyncio.Event) -> None:
    """Deliver until `stop` is set, then settle what is under way. A database that goes away is waited for.

    Any number of processes may do so at once. One that dies loses nothing: the log is the truth, bookmarks move in the
    transaction that queues, and claims run out.
    """
    dispatcher = Dispatcher(db, sender, now)
    try:
        while not stop.is_set():
            pause_s = await dispatcher.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause_s)
    finally:
        await dispatcher.close()


class Dispatcher:
    """Sees which tenants' logs grew, and keeps a task for each that has something to do: none for those at rest."""

    def __init__(self, db: Database, sender: Sender, now: Callable[[], Micros]) -> None:
        self._db = db
        self._sender = sender
        self._now = now
        self._seen: dict[Tenant, int] = {}
        self._behind: dict[Tenant, float] = {}
        self._matching: dict[Tenant, asyncio.Task[None]] = {}
        self._lanes: dict[Tenant, tuple[Lanes, asyncio.Task[None]]] = {}
        self._swept = 0.0

    async def look(self) -> float:
        """See what is new; how many seconds to pause then."""
        began = time.monotonic()
        try:
            async with self._db.read() as tx:
                newest = await readers.newest_of_tenants(tx)
            self._follow(newest, began)
            if began - self._swept >= SWEEP_S:
                await self._sweep()
                self._swept = began
        except BalcaoError as error:
            log.warning("webhooks wait for the database", reason=error.detail)
            return AWAY_S
        except Exception:
            log.exception("webhooks were not looked after")
            return AWAY_S
        return max(WATCH_S, (time.monotonic() - began) / SHARE_MAX)

    async def close(self) -> None:
        """Settle what is under way."""
        if self._matching:
            await asyncio.wait(self._matching.values())
        for lanes, _ in self._lanes.values():
            lanes.close()
        if self._lanes:
            await asyncio.wait([task for _, task in self._lanes.values()])

    def _follow(self, newest: Mapping[Tenant, int], at: float) -> None:
        for tenant, seq in newest.items():
            is_new = seq != self._seen.get(tenant) or self._behind.get(tenant, at) < at
            if is_new and tenant not in self._matching:
                self._seen[tenant] = seq
                self._behind.pop(tenant, None)
                self._matching[tenant] = asyncio.create_task(self._match(tenant))

    async def _sweep(self) -> None:
        async with self._db.read() as tx:
            due = await queue.list_due(tx, self._now())
        for tenant, webhook_ids in due.items():
            self._lanes_of(tenant).wake(webhook_ids)

    async def _match(self, tenant: Tenant) -> None:
        """Queue until nobody who has room is behind."""
        turn = 0
        try:
            while True:
                matched = await self._match_once(tenant, farthest=turn % 2 == 0)
                if matched.webhook_ids:
                    self._lanes_of(tenant).wake(matched.webhook_ids)
                if not matched.can_go_on:
                    break
                turn += 1
            if matched.is_behind:
                self._behind[tenant] = time.monotonic() + BEHIND_S
        except BalcaoError as error:
            log.warning("events wait for the database", tenant=tenant, reason=error.detail)
            self._behind[tenant] = time.monotonic() + AWAY_S
        except Exception:
            log.exception("events were not queued", tenant=tenant)
            self._behind[tenant] = time.monotonic() + AWAY_S
        finally:
            del self._matching[tenant]

    async def _match_once(self, tenant: Tenant, *, farthest: bool) -> Matched:
        return await self._db.run(partial(self._matched, tenant=tenant, farthest=farthest))

    async def _matched(self, tx: Tx, *, tenant: Tenant, farthest: bool) -> Matched:
        return await match_events(tx, tenant, self._now(), farthest=farthest)

    def _lanes_of(self, tenant: Tenant) -> Lanes:
        """The tenant's lanes, at work as soon as they are woken."""
        known = self._lanes.get(tenant)
        if known is not None and not known[1].done():
            return known[0]
        lanes = Lanes(tenant, self._db, self._sender, self._now)
        self._lanes[tenant] = (lanes, asyncio.create_task(lanes.run()))
        return lanes
