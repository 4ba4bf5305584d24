"""All that lies in the table that the ids of a batch span, asked for while the batch itself is still looked at."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from balcao.base.columns import Pairs
from balcao.base.db import Tx
from balcao.base.plans import DENSE
from balcao.base.values import Tenant

R = TypeVar("R")
T = TypeVar("T")


class Ids(NamedTuple):
    """What a batch names: the first and the second halves of its keys, each once and in order; in so many rows."""

    firsts: Sequence[UUID]
    seconds: Sequence[UUID]
    rows: int

    @property
    def are_dense(self) -> bool:
        """Whether so many rows may fill the table that the ids span, or half of it."""
        return 0 < len(self.firsts) * len(self.seconds) <= DENSE * self.rows


class Span(NamedTuple):
    """What lies there: how many records, and their values in the order of the keys, None where there are none."""

    ids: Ids
    found: int
    values: Any

    def fits(self, keys: Pairs) -> bool:
        """Whether the keys' cells are the places of these values, or would be if none were missing."""
        return self.ids.firsts == keys.firsts.distinct and self.ids.seconds == keys.seconds.distinct


async def read_span(tx: Tx, statement: str, tenant: Tenant, ids: Ids) -> Span | None:
    """The span by a statement that is given tenant and ids and answers one row; None where it is not worth it."""
    if not ids.are_dense:
        return None
    row: Any = await tx.fetchrow(statement, tenant, ids.firsts, ids.seconds)
    return Span(ids, *row)


async def meanwhile(asked: Coroutine[Any, Any, R], work: Callable[[], T]) -> tuple[R, T]:
    """What the database answers, and what `work` made while it looked: one does not wait for the other."""
    task = asyncio.ensure_future(asked)
    try:
        await asyncio.sleep(0)  # until it is asked
        made = work()
    finally:
        answer = await task
    return answer, made
