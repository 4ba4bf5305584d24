"""Group commit: commands that arrive while a commit is under way are written together by the next one.

A verb takes a list of commands and gives a list of outcomes. One server process keeps a queue for each tenant and verb;
when it is idle a command is a batch of one and waits for nothing; while a batch is being written the commands that
arrive gather, and the next transaction writes them all: the busier it is, the larger the batches.

Whoever was answered by a commit comes again at once when it is busy. So where far fewer are here than a large commit
wrote, the next batch waits for as many, as long as they keep coming, and no longer than that commit took: otherwise the
first of them would be a batch of its own, at nearly the price of all. After a small batch, or some milliseconds later,
nobody waits.

- An outcome is given only after the commit that holds it.
- A command that breaks its whole batch (not one that its verb refuses: that is an outcome) is found by halving the
  batch, and fails alone.
- The queue is bounded: beyond it a command is refused at once, to be sent again.
- `close` lets what was accepted be written before the process ends.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from balcao.base.db import Database, Tx
from balcao.base.errors import Unavailable
from balcao.base.values import Micros, Tenant

C = TypeVar("C")
R = TypeVar("R")
Verb = Callable[[Tx, Tenant, Sequence[C], Micros], Awaitable[Sequence[R]]]
"""`place_orders` and its like: as many outcomes as commands, in their order."""
ShortWay = Callable[[Tx, Tenant, Sequence[C], Micros], Awaitable[Sequence[R] | None]]
"""`place_at_once`: what a verb does, by one statement outside any transaction; or None, with nothing written, where it
takes more than that.
"""

BATCH_MAX = 256
"""Orders in one transaction: enough to make the commit's share of each small, few enough to keep locks short."""
QUEUE_MAX = 4_096
"""Commands of one tenant and verb that may wait, some hundred milliseconds' worth; more are refused."""

LOOK_EVERY_S = 0.001
QUIET_LOOKS = 2
"""Nobody came between so many looks: whoever was to come is here."""
GATHER_MAX_S = 0.02
LARGE = 8
"""Commands of a commit after which others may be waited for."""
DETOUR_MAX = 32
"""Batches that go the verb's own way before the short one is tried again, while it leads nowhere."""


class Waiting(Generic[C, R]):
    """A command and whoever waits for its outcome."""

    __slots__ = ("cmd", "outcome")

    def __init__(self, cmd: C) -> None:
        self.cmd = cmd
        self.outcome: asyncio.Future[R] = asyncio.get_running_loop().create_future()


class Pace(NamedTuple):
    """The latest batch: how many commands, when it was committed (monotonic seconds), how long that took."""

    size: int
    ended: float
    took_s: float


class Detour(NamedTuple):
    """How many batches still go the verb's own way, of how many, since the short way led nowhere."""

    left: int
    length: int


class Gatherer:
    """The queues of one server process.

    short: of some verbs the short way, which is tried before them; the more often it leads nowhere, the more seldom.
    """

    def __init__(
        self, db: Database, now: Callable[[], Micros], *, short: Mapping[Any, ShortWay[Any, Any]] | None = None
    ) -> None:
        self._db = db
        self._now = now
        self._short = short or {}
        self._queues: dict[tuple[Tenant, Any], deque[Waiting[Any, Any]]] = {}
        self._paces: dict[tuple[Tenant, Any], Pace] = {}
        self._detours: dict[tuple[Tenant, Any], Detour] = {}
        self._writers: set[asyncio.Task[None]] = set()
        self._closed = False

    async def submit(self, verb: Verb[C, R], tenant: Tenant, cmd: C) -> R:
        """The command's outcome, after the commit that holds it.

        Raises Unavailable when too many wait already, when the process is stopping, or when the database is away; and
        what the verb raises on this command alone.
        """
        key = (tenant, verb)
        queue = self._queues.get(key)
        if self._closed or (queue is not None and len(queue) >= QUEUE_MAX):
            raise Unavailable("Too many requests are waiting; send it again.", retry_after_s=1)
        waiting: Waiting[C, R] = Waiting(cmd)
        if queue is None:
            self._queues[key] = deque([waiting])
            writer = asyncio.create_task(self._write_all(verb, tenant, self._queues[key]))
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)
        else:
            queue.append(waiting)
        return await waiting.outcome

    async def close(self) -> None:
        """Take nothing more, and return when everything accepted has its outcome."""
        self._closed = True
        while self._writers:
            await asyncio.wait(self._writers)

    async def _write_all(self, verb: Verb[C, R], tenant: Tenant, queue: deque[Waiting[C, R]]) -> None:
        """Batch after batch, until nobody waits."""
        try:
            while queue:
                await self._gather_again(self._paces.get((tenant, verb)), queue)
                batch = [queue.popleft() for _ in range(min(len(queue), BATCH_MAX))]
                began = time.monotonic()
                await self._write(verb, tenant, batch)
                ended = time.monotonic()
                self._paces[tenant, verb] = Pace(len(batch), ended, ended - began)
        finally:
            del self._queues[tenant, verb]

    async def _gather_again(self, last: Pace | None, queue: deque[Waiting[C, R]]) -> None:
        """Wait until as many are here as the last commit answered, or nobody comes any more."""
        if last is None or last.size < LARGE or 2 * len(queue) >= last.size:
            return
        until, known, quiet = last.ended + min(last.took_s, GATHER_MAX_S), 0, 0
        while len(queue) < last.size and quiet < QUIET_LOOKS and time.monotonic() < until:
            quiet = quiet + 1 if len(queue) == known else 0
            known = len(queue)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _write(self, verb: Verb[C, R], tenant: Tenant, batch: Sequence[Waiting[C, R]]) -> None:
        """One transaction; where something in it breaks, its halves, down to the command that does."""
        cmds = [waiting.cmd for waiting in batch]
        try:
            outcomes = await self._outcomes(verb, tenant, cmds)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is somebody's outcome
            if len(batch) == 1 or isinstance(error, Unavailable):
                _fail(batch, error)
                return
            middle = len(batch) // 2
            await self._write(verb, tenant, batch[:middle])
            await self._write(verb, tenant, batch[middle:])
            return
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if not waiting.outcome.done():
                waiting.outcome.set_result(outcome)

    async def _outcomes(self, verb: Verb[C, R], tenant: Tenant, cmds: Sequence[C]) -> Sequence[R]:
        short = self._short.get(verb)
        if short is not None:
            outcomes = await self._try(short, (tenant, verb), cmds)
            if outcomes is not None:
                return outcomes
        return await self._db.run(lambda tx: verb(tx, tenant, cmds, self._now()))

    async def _try(self, short: ShortWay[C, R], key: tuple[Tenant, Any], cmds: Sequence[C]) -> Sequence[R] | None:
        left, length = self._detours.get(key, (0, 0))
        if left:
            self._detours[key] = Detour(left - 1, length)
            return None
        outcomes = await self._db.at_once(lambda tx: short(tx, key[0], cmds, self._now()))
        if outcomes is None:
            further = min(2 * length or 1, DETOUR_MAX)
            self._detours[key] = Detour(further, further)
        else:
            self._detours.pop(key, None)
        return outcomes


def _fail(batch: Sequence[Waiting[Any, Any]], error: Exception) -> None:
    for waiting in batch:
        if not waiting.outcome.done():
            waiting.outcome.set_exception(error)
