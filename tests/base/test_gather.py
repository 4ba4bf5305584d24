"""Group commit: what arrives during a commit is written by the next one, and each command gets its own outcome."""

import asyncio
from collections.abc import Sequence

import pytest

from balcao.base import gather
from balcao.base.db import Database, Tx
from balcao.base.errors import Conflict, Unavailable
from balcao.base.gather import Gatherer
from balcao.base.values import Micros, Tenant

SHOP = Tenant("shop")


def now() -> Micros:
    return Micros(1)


class Verb:
    """A verb that remembers its batches; `gate` holds the first one back, `poison` breaks any batch with it."""

    def __init__(self, poison: int | None = None) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.started = asyncio.Event()
        self.poison = poison

    async def __call__(self, tx: Tx, tenant: Tenant, cmds: Sequence[int], at: Micros) -> list[str]:
        assert (tenant, at) == (SHOP, 1)
        self.batches.append(list(cmds))
        await tx.execute("CREATE TEMPORARY TABLE IF NOT EXISTS gathered (n int)")
        await tx.execute("INSERT INTO gathered SELECT * FROM unnest($1::int[])", list(cmds))
        self.started.set()
        await self.gate.wait()
        if self.poison in cmds:
            raise Conflict("poisoned")
        return [f"done {cmd}" for cmd in cmds]


async def test_what_arrives_during_a_commit_is_written_by_the_next(db: Database) -> None:
    gatherer, verb = Gatherer(db, now), Verb()
    asked = [asyncio.create_task(gatherer.submit(verb, SHOP, n)) for n in range(5)]
    await asyncio.sleep(0)
    await verb.started.wait()
    asked += [asyncio.create_task(gatherer.submit(verb, SHOP, n)) for n in range(5, 20)]
    await asyncio.sleep(0)
    verb.gate.set()
    assert await asyncio.gather(*asked) == [f"done {n}" for n in range(20)]
    assert verb.batches[0] == [0, 1, 2, 3, 4] or verb.batches[0] == [0]
    assert verb.batches[-1][-1] == 19
    assert sum(map(len, verb.batches)) == 20
    assert len(verb.batches) <= 3
    await gatherer.close()


async def test_a_poisoned_command_fails_alone(db: Database) -> None:
    gatherer, verb = Gatherer(db, now), Verb(poison=6)
    verb.gate.set()
    asked = [asyncio.create_task(gatherer.submit(verb, SHOP, n)) for n in range(16)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [n for n, outcome in enumerate(found) if isinstance(outcome, Conflict)] == [6]
    assert [outcome for n, outcome in enumerate(found) if n != 6] == [f"done {n}" for n in range(16) if n != 6]


async def test_the_short_way_is_tried_first(db: Database) -> None:
    verb, tried = Verb(), list[int]()

    async def short(tx: Tx, tenant: Tenant, cmds: Sequence[int], at: Micros) -> list[str] | None:
        assert (tenant, at, tx.is_in_transaction()) == (SHOP, 1, False)
        tried.extend(cmds)
        if 2 in cmds:
            raise Conflict("poisoned")
        return [f"short {cmd}" for cmd in cmds] if 1 not in cmds else None

    gatherer = Gatherer(db, now, short={verb: short})
    verb.gate.set()
    assert await gatherer.submit(verb, SHOP, 0) == "short 0"
    assert await gatherer.submit(verb, SHOP, 1) == "done 1"
    assert await gatherer.submit(verb, SHOP, 5) == "done 5"
    found = await asyncio.gather(*(gatherer.submit(verb, SHOP, n) for n in (2, 3, 4)), return_exceptions=True)
    assert isinstance(found[0], Conflict)
    assert found[1:] == ["short 3", "short 4"]
    assert verb.batches == [[1], [5]]
    assert set(tried) == {0, 1, 2, 3, 4}
    await gatherer.close()


async def test_a_short_way_that_leads_nowhere_is_tried_more_and_more_seldom(db: Database) -> None:
    verb, tried = Verb(), list[int]()

    async def short(tx: Tx, tenant: Tenant, cmds: Sequence[int], at: Micros) -> list[str] | None:
        tried.extend(cmds)
        return None if cmds[0] < 200 else ["short"]

    gatherer = Gatherer(db, now, short={verb: short})
    verb.gate.set()
    found = [await gatherer.submit(verb, SHOP, n) for n in range(240)]
    # One batch goes the long way, then two, four, …, thirty-two at most; none as soon as it leads somewhere.
    assert tried == [0, 2, 5, 10, 19, 36, 69, 102, 135, 168, *range(201, 240)]
    assert [n for n, outcome in enumerate(found) if outcome == "short"] == [*range(201, 240)]
    await gatherer.close()


async def test_the_queue_is_bounded(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "QUEUE_MAX", 3)
    gatherer, verb = Gatherer(db, now), Verb()
    first = asyncio.create_task(gatherer.submit(verb, SHOP, 0))
    await verb.started.wait()
    waiting = [asyncio.create_task(gatherer.submit(verb, SHOP, n)) for n in range(1, 4)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as refused:
        await gatherer.submit(verb, SHOP, 4)
    assert refused.value.retry_after_s == 1
    verb.gate.set()
    assert await asyncio.gather(first, *waiting) == ["done 0", "done 1", "done 2", "done 3"]


async def test_closing_writes_what_was_accepted_and_takes_no_more(db: Database) -> None:
    gatherer, verb = Gatherer(db, now), Verb()
    asked = [asyncio.create_task(gatherer.submit(verb, SHOP, n)) for n in range(3)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(gatherer.close())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await gatherer.submit(verb, SHOP, 9)
    verb.gate.set()
    await closing
    assert [task.result() for task in asked] == ["done 0", "done 1", "done 2"]


async def test_a_caller_that_goes_away_harms_nobody(db: Database) -> None:
    gatherer, verb = Gatherer(db, now), Verb()
    gone, stays = (asyncio.create_task(gatherer.submit(verb, SHOP, n)) for n in range(2))
    await verb.started.wait()
    gone.cancel()
    verb.gate.set()
    assert await stays == "done 1"
    with pytest.raises(asyncio.CancelledError):
        await gone
    await gatherer.close()


async def _come_again(gatherer: Gatherer, verb: Verb, n: int) -> None:
    """A caller that is answered, and asks again some turns of the loop later than the one before it."""
    await gatherer.submit(verb, SHOP, n)
    for _ in range(n):
        await asyncio.sleep(0)
    await gatherer.submit(verb, SHOP, 100 + n)


async def test_those_who_were_answered_together_are_written_together_again(db: Database) -> None:
    gatherer, verb = Gatherer(db, now), Verb()
    verb.gate.set()
    await gatherer.submit(verb, SHOP, 99)  # opens the connection, so that the next batch has all the others
    callers = [asyncio.create_task(_come_again(gatherer, verb, n)) for n in range(10)]
    await asyncio.gather(*callers)
    assert verb.batches == [[99], [*range(10)], [*range(100, 110)]]
    await gatherer.close()


async def test_who_does_not_come_again_is_not_waited_for(db: Database) -> None:
    gatherer, verb = Gatherer(db, now), Verb()
    verb.gate.set()
    await asyncio.gather(*(gatherer.submit(verb, SHOP, n) for n in range(10)))
    assert await gatherer.submit(verb, SHOP, 10) == "done 10"
    assert await gatherer.submit(verb, SHOP, 11) == "done 11"
    assert verb.batches == [[*range(10)], [10], [11]]
    await gatherer.close()
