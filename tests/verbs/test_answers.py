"""Answers kept under an Idempotency-Key."""

import asyncio

import pytest

from balcao.base.db import Database, Tx
from balcao.base.errors import Conflict
from balcao.base.values import Micros, Tenant
from balcao.tenants.answers import KEPT_S, Answer, claim_answer, forget_answer, keep_answer, purge_answers
from balcao.tenants.rules import Caller, Role
from balcao.tenants.tenants import CreateTenant, create_tenant

NOW = Micros(1_790_000_000_000_000)
ONE = Caller(tenant=Tenant("qaapp"), client_id="qaapp.one", role=Role.ERP)
TWO = Caller(tenant=Tenant("qaapp"), client_id="qaapp.two", role=Role.ERP)
ELSEWHERE = Caller(tenant=Tenant("other"), client_id="qaapp.one", role=Role.ERP)
ANSWER = Answer(request_hash=b"h", status=201, headers={"location": "/á"}, body=b"\x00\xff")


@pytest.fixture(autouse=True)
async def _tenants(db: Database) -> None:
    async with db.transaction() as tx:
        for name in ("qaapp", "other"):
            await create_tenant(tx, CreateTenant(name=name, actor="test"), NOW)


async def give(db: Database, caller: Caller, *, now: Micros = NOW) -> Answer | None:
    async with db.transaction() as tx:
        kept = await claim_answer(tx, caller, "k", b"h", now=now)
        if kept is None:
            await keep_answer(tx, caller, "k", ANSWER)
        return kept


async def test_an_answer_is_given_again_to_its_credential_only(db: Database) -> None:
    assert await give(db, ONE) is None
    assert await give(db, ONE) == ANSWER
    assert await give(db, TWO) is None
    assert await give(db, ELSEWHERE) is None


async def test_what_is_undone_leaves_the_key_free(db: Database) -> None:
    async def undone(tx: Tx) -> None:
        assert await claim_answer(tx, ONE, "k", b"h", now=NOW) is None
        raise Conflict("undone")

    with pytest.raises(Conflict):
        await db.run(undone)
    assert await give(db, ONE) is None


async def test_a_forgotten_key_is_free(db: Database) -> None:
    async with db.transaction() as tx:
        assert await claim_answer(tx, ONE, "k", b"h", now=NOW) is None
        await forget_answer(tx, ONE, "k")
    assert await give(db, ONE) is None


@pytest.mark.parametrize("ending", ["kept", "forgotten", "undone"])
async def test_the_second_waits_for_the_first(db: Database, ending: str) -> None:
    async with asyncio.TaskGroup() as group, db.read() as tx:
        first = tx.transaction()
        await first.start()
        assert await claim_answer(tx, ONE, "k", b"h", now=NOW) is None
        second = group.create_task(give(db, ONE))
        await asyncio.sleep(0.2)
        assert not second.done()
        if ending == "kept":
            await keep_answer(tx, ONE, "k", ANSWER)
        if ending == "forgotten":
            await forget_answer(tx, ONE, "k")
        await (first.rollback() if ending == "undone" else first.commit())
    assert second.result() == (ANSWER if ending == "kept" else None)


async def test_answers_are_forgotten_after_48_hours(db: Database) -> None:
    assert await give(db, ONE, now=NOW) is None
    assert await give(db, TWO, now=Micros(NOW + 1)) is None
    assert await give(db, ELSEWHERE, now=NOW) is None
    late = Micros(NOW + KEPT_S * 1_000_000 + 1)
    async with db.transaction() as tx:
        assert await purge_answers(tx, ONE.tenant, now=Micros(late - 1)) == 0
        assert await purge_answers(tx, ONE.tenant, now=late) == 1
    assert await give(db, ONE) is None
    assert await give(db, TWO) == ANSWER
    assert await give(db, ELSEWHERE) == ANSWER
