"""Wait for news of a log: one small question for every tenant that somebody waits for, and none while nobody does.

Why not NOTIFY: docs/decisions has the measurement.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import structlog

from balcao.base.db import Database
from balcao.base.errors import BalcaoError
from balcao.base.stopping import STOPPING
from balcao.base.values import Tenant
from balcao.events.store.log import find_newest

EVERY_S: Final = 0.02
"""Between two questions: half of it is the delay that a waiting reader has on average."""
A_TENANT_S: Final = 0.00002
"""Between two questions, for each tenant that is waited for: ten times what looking it up takes."""
AWAY_S: Final = 0.5

log = structlog.get_logger(__name__)


class LogWatch:
    """Tells the readers of one process when a log grows."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: dict[Tenant, set[_Waiter]] = {}
        self._watching: asyncio.Task[None] | None = None

    async def newer(self, tenant: Tenant, than: int, *, timeout_s: float) -> None:
        """Return once the tenant's log goes beyond that number, time is up, or the process is told to stop."""
        if STOPPING.is_set():
            return
        waiter = _Waiter(than)
        self._waiting.setdefault(tenant, set()).add(waiter)
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(waiter.told.wait(), timeout_s)
        finally:
            waiters = self._waiting[tenant]
            waiters.discard(waiter)
            if not waiters:
                del self._waiting[tenant]

    async def close(self) -> None:
        """Ask no more; whoever still waits returns."""
        self._tell_all()
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching

    async def _watch(self) -> None:
        """Until nobody waits."""
        try:
            while self._waiting:
                pause_s = await self._ask_once(list(self._waiting))
                if STOPPING.is_set():
                    self._tell_all()
                await asyncio.sleep(pause_s)
        finally:
            self._watching = None

    async def _ask_once(self, tenants: Sequence[Tenant]) -> float:
        """Tell those whose log grew; how long to pause then: by what was asked, and not by how long it took, which says
        more about how busy the process is.
        """
        try:
            async with self._db.read() as tx:
                newest = await find_newest(tx, tenants)
        except BalcaoError as error:
            log.warning("the log is not watched", reason=error.detail)
            return AWAY_S
        for tenant, waiters in self._waiting.items():
            for waiter in waiters:
                if newest.get(tenant, 0) > waiter.than:
                    waiter.told.set()
        return max(EVERY_S, A_TENANT_S * len(tenants))

    def _tell_all(self) -> None:
        for waiters in self._waiting.values():
            for waiter in waiters:
                waiter.told.set()


class _Waiter:
    """Somebody who has read up to a number."""

    __slots__ = ("than", "told")

    def __init__(self, than: int) -> None:
        self.than = than
        self.told = asyncio.Event()
