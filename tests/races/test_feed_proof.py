"""The proof of the change feeds: whatever writers do, a poller that keeps the newest `lastUpdate` is in step.

Sixteen writers change one shop: single records and batches, transactions held open, deletions, rollbacks, batches over
HTTP while the worker that applies them is killed. Four pollers follow. Afterwards every copy equals the database. The
same with rows stamped by the database's clock or by a sequence must leave copies behind, so that we know that the proof
can fail. `BALCAO_TEST_PROOF_S=60` makes it long, with transactions held open for up to five seconds.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import httpx
import pytest

from balcao.base.db import Database, Tx
from balcao.base.errors import BalcaoError
from balcao.base.now import now_us
from balcao.base.settings import read_settings
from balcao.tenants.credentials import CreateCredential, create_credential
from balcao.tenants.rules import Role
from tests.doors.conftest import NO_TLS, serving
from tests.races.feed_proof.clocks import Tick, plain_clock, sabotage, sequence
from tests.races.feed_proof.poller import CATALOG, Poller, differing, read_truth
from tests.races.feed_proof.shop import Writer, open_proof_shop
from tests.verbs.catalogue_shop import LOJA

LONG_S = float(os.environ.get("BALCAO_TEST_PROOF_S", "0"))
SHORT_S = 4.0
UNDONE = 0.15
POLLERS = 4


class _UndoneError(Exception):
    pass


def _refuse(undone: bool) -> None:
    if undone:
        raise _UndoneError


class Proof:
    """A shop, its server and its writers."""

    def __init__(self, db: Database, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.db, self.client, self.headers = db, client, headers
        self.did: Counter[str] = Counter()
        self.held_max_s = 0.5

    async def run(self, seconds: float, *others: Awaitable[None]) -> list[dict[str, int]]:
        """Let all write for so long; by poller, how many rows of its copies are wrong afterwards."""
        ends, done = asyncio.get_running_loop().time() + seconds, asyncio.Event()
        pollers = [Poller(self.client, self.headers) for _ in range(POLLERS)]
        following = [asyncio.create_task(poller.follow(done)) for poller in pollers]
        await asyncio.gather(*(self._write(number, ends) for number in range(15)), *others)
        done.set()
        await asyncio.gather(*following)
        self.did["pages"] = sum(poller.pages for poller in pollers)
        truth = await read_truth(self.db)
        return [differing(poller.copies, truth) for poller in pollers]

    async def _write(self, number: int, ends: float) -> None:
        """Eight write single records, four write batches, two hold their transactions open, one deletes."""
        writer = Writer(number, size=1 if number < 8 else 12)
        holds, deletes = number in (12, 13), number == 14
        chance = writer.chance
        while asyncio.get_running_loop().time() < ends:
            deed = writer.delete if deletes else writer.change
            held_s = chance.uniform(0, self.held_max_s) if holds else chance.uniform(0, 0.01)
            await self._once(deed, held_s, before=chance.random() < 0.3, undone=chance.random() < UNDONE)
            await asyncio.sleep(chance.uniform(0, self.held_max_s if holds else 0.05))

    async def _once(self, deed: Callable[[Tx], Awaitable[None]], held_s: float, *, before: bool, undone: bool) -> None:
        """One transaction, held open before or after it ticks the clock; a refusal is one of the rollbacks."""
        try:
            async with self.db.transaction() as tx:
                await tx.execute("SELECT 1")
                await asyncio.sleep(held_s if before else 0)
                await deed(tx)
                await asyncio.sleep(0 if before else held_s)
                _refuse(undone)
            self.did["committed"] += 1
        except (_UndoneError, BalcaoError, asyncpg.PostgresError):
            self.did["undone"] += 1

    async def send_batches(self, ends: float) -> None:
        """The sixteenth writer: batches over HTTP, accepted before they are applied."""
        writer = Writer(15, size=1)
        while asyncio.get_running_loop().time() < ends:
            path, rows = writer.rows()
            answer = await self.client.put(f"{CATALOG}/{path}", json=rows, headers=self.headers)
            assert answer.status_code == 204, answer.text
            self.did["batches"] += 1
            await asyncio.sleep(writer.chance.uniform(0, 0.1))

    async def applied(self) -> None:
        """Wait until every batch has been applied."""
        text = "SELECT count(*) FROM import_batch WHERE tenant = $1 AND finished_us IS NULL"
        while True:
            async with self.db.read() as tx:
                if not await tx.fetchval(text, LOJA):
                    return
            await asyncio.sleep(0.05)


@pytest.fixture
async def proof(own_database_url: str, tmp_path: Path) -> AsyncIterator[Proof]:
    """Everything ready to begin."""
    settings = read_settings(
        {"BALCAO_HOME": str(tmp_path), "DATABASE_URL": own_database_url, "BALCAO_SECRET_KEY": "k" * 43}
    )
    db = await Database.open(own_database_url, size=20)
    await open_proof_shop(db)
    cmd = CreateCredential(tenant=LOJA, role=Role.ADMIN, actor="test")
    async with db.transaction() as tx:
        caller, secret = await create_credential(tx, cmd, now_us())
    async with serving(settings) as url, httpx.AsyncClient(base_url=url, timeout=60, verify=NO_TLS) as client:
        form = {"grant_type": "client_credentials", "scope": "lori"}
        token = (await client.post("/oauth/token", data=form, auth=(caller.client_id, secret))).json()["access_token"]
        yield Proof(db, client, {"Authorization": f"Bearer {token}"})
    await db.close()


@asynccontextmanager
async def _worker(url: str, home: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    env = {**os.environ, "DATABASE_URL": url, "BALCAO_HOME": str(home), "BALCAO_SECRET_KEY": "k" * 43}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "balcao", "worker"), env=env, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_every_copy_equals_the_database(proof: Proof, own_database_url: str, tmp_path: Path) -> None:
    seconds = LONG_S or SHORT_S
    proof.held_max_s = 5.0 if LONG_S else 0.5
    ends = asyncio.get_running_loop().time() + seconds

    async def work_and_die() -> None:
        """Workers, each killed in the middle of its work but for the last."""
        while asyncio.get_running_loop().time() < ends:
            async with _worker(own_database_url, tmp_path):
                await asyncio.sleep(min(4.0, seconds / 2))
            proof.did["killed"] += 1
        async with _worker(own_database_url, tmp_path):
            await proof.applied()

    wrong = await proof.run(seconds, proof.send_batches(ends), work_and_die())
    print(f"proof: {dict(proof.did)}")  # noqa: T201 (said by `pytest -s`, for whoever runs the long one)
    assert wrong == [{}] * POLLERS
    assert min(proof.did[what] for what in ("committed", "undone", "batches", "killed", "pages")) > 0


@pytest.mark.parametrize("tick", [plain_clock, sequence])
async def test_other_clocks_leave_copies_behind(proof: Proof, monkeypatch: pytest.MonkeyPatch, tick: Tick) -> None:
    async with proof.db.read() as tx:
        start = await tx.fetchval("SELECT at_us FROM tenant_clock WHERE tenant = $1", LOJA)
    await sabotage(proof.db, monkeypatch, tick, start=start + 1_000_000)
    wrong = await proof.run(LONG_S or SHORT_S)
    assert any(each.keys() & {"updated", "products", "prices", "stocks"} for each in wrong), wrong
