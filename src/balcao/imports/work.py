"""Apply what was received: the worker's part in batches.

Every lane of every tenant that has something waiting is a task of its own. They take turns at a few database
connections, one part of a batch a turn, first come first served: whoever sends a hundred large batches is one of those
in the line, as whoever sends a small one.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Final, ParamSpec, TypeVar

import structlog

from balcao.base.db import Database
from balcao.base.errors import BalcaoError
from balcao.base.values import Micros, Tenant
from balcao.imports import store
from balcao.imports.analyse import Analyst
from balcao.imports.process import Processing, Turn, find_standing_rows, open_batch
from balcao.imports.rules.model import WAITS_FOR, Lane, ReadRows

LOOK_S: Final = 0.02
"""Between two looks for batches: half of it is a small batch's delay on average."""
SHARE_MAX: Final = 0.1
"""How much of a database connection the looks may take."""
AT_ONCE: Final = 3
"""Parts applied at a time."""
LARGE_BYTES: Final = 100_000
"""A larger body is read in a thread of its own: whatever else the process does goes on meanwhile."""
AWAY_S: Final = 1.0

log = structlog.get_logger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
Head = tuple[Tenant, Lane, int]


async def apply_batches(db: Database, read: ReadRows, now: Callable[[], Micros], *, stop: asyncio.Event) -> None:
    """Apply batches until `stop` is set, then finish the parts under way. A database that goes away is waited for.

    Any number of processes may do so at once: whoever locks a batch applies its next part.
    """
    dispatcher = Dispatcher(db, read, now)
    try:
        while not stop.is_set():
            pause_s = await dispatcher.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause_s)
    finally:
        await dispatcher.close()


class Dispatcher:
    """Keeps a task for each lane that has a batch waiting, and none for the others."""

    def __init__(self, db: Database, read: ReadRows, now: Callable[[], Micros]) -> None:
        self._db = db
        self._read = read
        self._now = now
        self._lanes: dict[tuple[Tenant, Lane], asyncio.Task[None]] = {}
        self._seats = asyncio.Semaphore(AT_ONCE)
        self._analyst = Analyst()
        self._is_closing = False

    async def look(self) -> float:
        """See what waits; how many seconds to pause then."""
        began = time.monotonic()
        try:
            async with self._db.read() as tx:
                heads = await store.list_heads(tx)
        except BalcaoError as error:
            log.warning("batches wait for the database", reason=error.detail)
            return AWAY_S
        except Exception:
            log.exception("batches were not looked for")
            return AWAY_S
        for tenant, lane in _ready(heads):
            if (tenant, lane) not in self._lanes:
                self._lanes[tenant, lane] = asyncio.create_task(self._work(tenant, lane))
        return max(LOOK_S, (time.monotonic() - began) / SHARE_MAX)

    async def close(self) -> None:
        """Finish the parts under way; what is left of their batches is done by whoever comes next."""
        self._is_closing = True
        if self._lanes:
            await asyncio.wait(self._lanes.values())
        await self._analyst.finish()

    async def _work(self, tenant: Tenant, lane: Lane) -> None:
        """Batch after batch, until none is ready."""
        try:
            while not self._is_closing and await self._apply_next(tenant, lane):
                pass
        except BalcaoError as error:
            log.warning("batches wait for the database", tenant=tenant, lane=lane, reason=error.detail)
            await asyncio.sleep(AWAY_S)
        except Exception:
            log.exception("a batch was not applied", tenant=tenant, lane=lane)
            await asyncio.sleep(AWAY_S)
        finally:
            del self._lanes[tenant, lane]

    async def _apply_next(self, tenant: Tenant, lane: Lane) -> bool:
        """Whether there was a batch to apply, and nobody else at it."""
        async with self._seats:
            processing = await self._open(tenant, lane)
        if processing is None:
            return False
        turn = Turn.MORE
        while turn is Turn.MORE and not self._is_closing:
            async with self._seats:
                turn = await processing.turn(self._db, self._now)
                self._analyst.note(self._db, tenant, processing.batch.kind, processing.inserted)
        return turn is Turn.FINISHED

    async def _open(self, tenant: Tenant, lane: Lane) -> Processing | None:
        async with self._db.read() as tx:
            batch = await store.find_next(tx, tenant, lane, WAITS_FOR[lane])
            if batch is None:
                return None
            body = await store.get_body(tx, tenant, batch.batch_id)
            away = asyncio.to_thread if len(body) >= LARGE_BYTES else _here
            skimmed = await away(self._read.skim, batch, body)
            standing = await find_standing_rows(tx, tenant, skimmed)
        read = partial(self._read, skimmed=skimmed, standing=standing)
        return await away(open_batch, tenant, batch, body, read)


async def _here(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return work(*args, **kwargs)


def _ready(heads: Iterable[Head]) -> list[tuple[Tenant, Lane]]:
    """The lanes whose first batch has nothing earlier to wait for."""
    firsts = {(tenant, lane): number for tenant, lane, number in heads}
    return [
        (tenant, lane)
        for (tenant, lane), number in firsts.items()
        if all(firsts.get((tenant, other), number) >= number for other in WAITS_FOR[lane])
    ]
