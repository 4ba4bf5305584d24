"""Work off what OmniChat sent and tell it what happened: the worker's part.

Kept hooks are the jobs: each is worked off in the transaction that also writes what came of it, so that a worker that
dies in the middle did nothing, and the next one begins anew. A tenant's lane is one row; whoever works for the tenant
holds it.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import structlog

from balcao.base.db import Database, Tx
from balcao.base.errors import BalcaoError, Unavailable
from balcao.base.values import Micros, Tenant
from balcao.freight.networks import Networks
from balcao.omnichat.hear import hear_hooks
from balcao.omnichat.prepare import Prepared, prepare_provisions
from balcao.omnichat.provision import provision_orders
from balcao.omnichat.rules.model import Hook, HookKind, Outcome, Settled
from balcao.omnichat.store import hooks as store
from balcao.omnichat.store import lane
from balcao.omnichat.tell import tell_log

LOOK_S: Final = 0.05
"""Between two looks for hooks and news: half of it is their delay on average."""
SHARE_MAX: Final = 0.1
"""How much of a database connection the looks may take."""
HOOKS_MAX: Final = 100
"""Hooks worked off in one transaction."""
AWAY_S: Final = 1.0

log = structlog.get_logger(__name__)


async def work_for_omnichat(
    db: Database, networks: Networks, now: Callable[[], Micros], *, stop: asyncio.Event
) -> None:
    """Work until `stop` is set, then finish what is under way. A database that goes away is waited for.

    Any number of processes may do so at once.
    """
    desk = Desk(db, networks, now)
    try:
        while not stop.is_set():
            pause_s = await desk.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause_s)
    finally:
        await desk.close()


class Desk:
    """Keeps a task for each tenant that has something to do, and none for the others."""

    def __init__(self, db: Database, networks: Networks, now: Callable[[], Micros]) -> None:
        self._db = db
        self._networks = networks
        self._now = now
        self._working: dict[Tenant, asyncio.Task[None]] = {}
        self._is_closing = False

    async def look(self) -> float:
        """See for whom there is something to do; how many seconds to pause then."""
        began = time.monotonic()
        try:
            async with self._db.read() as tx:
                tenants = await lane.list_work(tx)
        except BalcaoError as error:
            log.warning("omnichat waits for the database", reason=error.detail)
            return AWAY_S
        except Exception:
            log.exception("hooks were not looked for")
            return AWAY_S
        for tenant in tenants:
            if tenant not in self._working:
                self._working[tenant] = asyncio.create_task(self._work(tenant))
        return max(LOOK_S, (time.monotonic() - began) / SHARE_MAX)

    async def close(self) -> None:
        """Finish the transactions under way."""
        self._is_closing = True
        if self._working:
            await asyncio.wait(self._working.values())

    async def _work(self, tenant: Tenant) -> None:
        """Hooks and news in turns, until there are none, or somebody else holds the lane."""
        try:
            while not self._is_closing and await self._turn(tenant):
                pass
        except BalcaoError as error:
            log.warning("omnichat waits for the database", tenant=tenant, reason=error.detail)
            await asyncio.sleep(AWAY_S)
        except Exception:
            log.exception("hooks were not worked off", tenant=tenant)
            await asyncio.sleep(AWAY_S)
        finally:
            del self._working[tenant]

    async def _turn(self, tenant: Tenant) -> bool:
        """Whether there may be more to do at once."""
        async with self._db.read() as tx:
            hooks = await store.find_waiting(tx, tenant, HOOKS_MAX)
        is_done = await self.work_off(tenant, hooks)
        told = await self._db.run(partial(self._tell, tenant=tenant))
        return is_done and (len(hooks) == HOOKS_MAX or told)

    async def work_off(self, tenant: Tenant, hooks: Sequence[Hook]) -> bool:
        """Work hooks off; False where somebody else holds the lane. One that breaks its batch fails alone."""
        if not hooks:
            return True
        try:
            return await self._work_off(tenant, hooks)
        except Unavailable:
            raise
        except Exception as error:
            if len(hooks) > 1:
                middle = len(hooks) // 2
                return await self.work_off(tenant, hooks[:middle]) and await self.work_off(tenant, hooks[middle:])
            log.exception("a hook was given up", tenant=tenant, hook=str(hooks[0].hook_id))
            failed = Settled(hooks[0].hook_id, Outcome.FAILED, f"{type(error).__name__}: {error}"[:500])
            await self._db.run(lambda tx: store.update_done(tx, tenant, [failed], self._now()))
            return True

    async def _work_off(self, tenant: Tenant, hooks: Sequence[Hook]) -> bool:
        provisions = [hook for hook in hooks if hook.kind is HookKind.PROVISION]
        told = [hook for hook in hooks if hook.kind is not HookKind.PROVISION]
        prepared = await prepare_provisions(self._db, self._networks, tenant, provisions, self._now())
        if prepared and not await self._db.run(partial(self._provision, tenant=tenant, prepared=prepared)):
            return False
        return not told or await self._db.run(partial(self._hear, tenant=tenant, hooks=told))

    async def _provision(self, tx: Tx, *, tenant: Tenant, prepared: Sequence[Prepared]) -> bool:
        if await lane.lock_lane(tx, tenant) is None:
            return False
        open_ = await store.find_open(tx, tenant, [each.hook.hook_id for each in prepared])
        chosen = [each for each in prepared if each.hook.hook_id in open_]
        if chosen:
            await provision_orders(tx, tenant, chosen, self._now())
        return True

    async def _hear(self, tx: Tx, *, tenant: Tenant, hooks: Sequence[Hook]) -> bool:
        if await lane.lock_lane(tx, tenant) is None:
            return False
        open_ = await store.find_open(tx, tenant, [hook.hook_id for hook in hooks])
        chosen = [hook for hook in hooks if hook.hook_id in open_]
        if chosen:
            await hear_hooks(tx, tenant, chosen, self._now())
        return True

    async def _tell(self, tx: Tx, *, tenant: Tenant) -> bool:
        """Whether there was something in the log to read."""
        seq = await lane.lock_lane(tx, tenant)
        return seq is not None and await tell_log(tx, tenant, seq, self._now()) > seq
