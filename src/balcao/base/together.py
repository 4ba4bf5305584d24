"""Reads that arrive while one is under way are answered together by the next one.

What `gather` does for writes, for a read that many callers ask for one by one: an idle process asks the database at
once for the one; what arrives meanwhile is one statement afterwards. No timer, no delay, and nobody is answered with
what was before the question: a statement starts after all of its questions came.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from balcao.base.db import Database, Tx
from balcao.base.errors import Unavailable
from balcao.base.values import Tenant

C = TypeVar("C")
R = TypeVar("R")
Reader = Callable[[Tx, Tenant, Sequence[C]], Awaitable[Sequence[R]]]
"""As many answers as questions, in their order; a refusal is an answer too."""

BATCH_MAX = 64
"""Questions in one statement: enough to make its planning and its way there and back cheap for each."""
WAITING_MAX = 4_096
"""Questions of one tenant that may wait; more are refused."""


class Together(Generic[C, R]):
    """One kind of read in one server process."""

    def __init__(self, db: Database, reader: Reader[C, R]) -> None:
        self._db = db
        self._reader = reader
        self._waiting: dict[Tenant, list[tuple[C, asyncio.Future[R]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, tenant: Tenant, question: C) -> R:
        """The answer. Raises Unavailable when too many wait or the database is away."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(tenant)
        if waiting is None:
            self._waiting[tenant] = [(question, answer)]
            task = asyncio.create_task(self._answer_all(tenant))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif len(waiting) >= WAITING_MAX:
            raise Unavailable("Too many requests are waiting; send it again.", retry_after_s=1)
        else:
            waiting.append((question, answer))
        return await answer

    async def _answer_all(self, tenant: Tenant) -> None:
        """Statement after statement, until nobody waits."""
        try:
            while waiting := self._waiting[tenant]:
                self._waiting[tenant] = waiting[BATCH_MAX:]
                await self._answer(tenant, waiting[:BATCH_MAX])
        finally:
            del self._waiting[tenant]

    async def _answer(self, tenant: Tenant, batch: Sequence[tuple[C, asyncio.Future[R]]]) -> None:
        """Where something in a batch breaks, its halves, down to the question that does."""
        try:
            async with self._db.read() as tx:
                answers = await self._reader(tx, tenant, [question for question, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is somebody's answer
            if len(batch) > 1 and not isinstance(error, Unavailable):
                middle = len(batch) // 2
                await self._answer(tenant, batch[:middle])
                await self._answer(tenant, batch[middle:])
                return
            for _, waiting in batch:
                if not waiting.done():
                    waiting.set_exception(error)
            return
        for (_, waiting), answer in zip(batch, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)
