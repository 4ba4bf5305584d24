"""Reads answered together: by one statement, each with its own answer, none with another's failure."""

import asyncio
from collections.abc import Sequence

import pytest

from balcao.base.db import Database, Tx
from balcao.base.errors import Unavailable
from balcao.base.together import BATCH_MAX, WAITING_MAX, Together
from balcao.base.values import Tenant

SHOP, OTHER = Tenant("shop"), Tenant("other")


class Reader:
    """Doubles what it is asked; the first statement of each tenant waits until it is let go."""

    def __init__(self, *, poison: int | None = None) -> None:
        self.batches: list[tuple[Tenant, list[int]]] = []
        self.poison = poison
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    async def __call__(self, tx: Tx, tenant: Tenant, questions: Sequence[int]) -> Sequence[int]:
        """Each question times two, asked of the database."""
        self.batches.append((tenant, list(questions)))
        self.begun.set()
        await self.go.wait()
        if self.poison in questions:
            raise ValueError(self.poison)
        rows = await tx.fetch(
            "SELECT n * 2 AS twice FROM unnest($1::int[]) WITH ORDINALITY q (n, i) ORDER BY i", questions
        )
        return [row["twice"] for row in rows]


async def _asked(together: Together[int, int], reader: Reader, numbers: Sequence[int]) -> list[int | BaseException]:
    asked = [asyncio.create_task(together.ask(SHOP, n)) for n in numbers]
    await reader.begun.wait()
    reader.go.set()
    return await asyncio.gather(*asked, return_exceptions=True)


async def test_what_arrives_meanwhile_is_one_statement(db: Database) -> None:
    reader = Reader()
    assert await _asked(Together(db, reader), reader, range(6)) == [0, 2, 4, 6, 8, 10]
    assert [n for _, batch in reader.batches for n in batch] == list(range(6))
    assert len(reader.batches) <= 2


async def test_a_batch_is_bounded(db: Database) -> None:
    reader = Reader()
    count = 2 * BATCH_MAX + 1
    assert await _asked(Together(db, reader), reader, range(count)) == [2 * n for n in range(count)]
    assert max(len(batch) for _, batch in reader.batches) == BATCH_MAX


async def test_one_question_that_breaks_fails_alone(db: Database) -> None:
    reader = Reader(poison=5)
    answers = await _asked(Together(db, reader), reader, range(9))
    assert isinstance(answers[5], ValueError)
    assert [answer for n, answer in enumerate(answers) if n != 5] == [2 * n for n in range(9) if n != 5]


async def test_tenants_are_asked_apart(db: Database) -> None:
    reader = Reader()
    reader.go.set()
    together = Together(db, reader)
    assert list(await asyncio.gather(together.ask(SHOP, 1), together.ask(OTHER, 2))) == [2, 4]
    assert sorted(reader.batches) == [(OTHER, [2]), (SHOP, [1])]


async def test_too_many_are_refused_and_the_rest_answered(db: Database) -> None:
    reader = Reader()
    answers = await _asked(Together(db, reader), reader, range(WAITING_MAX + 2))
    assert [type(answer) for answer in answers[-1:]] == [Unavailable]
    assert sum(isinstance(answer, int) for answer in answers) >= WAITING_MAX


async def test_a_caller_who_gave_up_disturbs_nobody(db: Database) -> None:
    reader = Reader()
    together = Together(db, reader)
    given_up, stays = asyncio.create_task(together.ask(SHOP, 1)), asyncio.create_task(together.ask(SHOP, 2))
    await reader.begun.wait()
    given_up.cancel()
    reader.go.set()
    assert await stays == 4
    with pytest.raises(asyncio.CancelledError):
        await given_up
