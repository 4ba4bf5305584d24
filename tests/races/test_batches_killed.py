"""Server and worker killed while batches flow: each acknowledged batch is applied exactly once.

The short mode kills at a few points. BALCAO_TEST_KILLS=200 kills at so many random ones.
"""

import asyncio
import os
import random
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.stock.rules.ledger import CountSet
from balcao.tenants.credentials import CreateCredential, create_credential
from balcao.tenants.rules import Role
from tests.doors.conftest import NO_TLS
from tests.verbs.catalogue_shop import CENTRO, LOJA, NORTE, fetch, open_shop, put
from tests.verbs.catalogue_shop import product as new_product

KILLS = int(os.environ.get("BALCAO_TEST_KILLS", "4"))
SENDERS = 3
SKUS = 40
ROWS = 30
CATALOG = "/cp/management/catalog"

PROGRAM = """
import signal, sys
import uvicorn
from balcao.server import create_app
uvicorn.run(create_app(), host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)
"""

WORKER = """
import balcao.imports.process as process
from balcao.worker import main
process.PART = dict.fromkeys(process.PART, 7)  # so that many kills strike within a batch
main()
"""


class House:
    """A server and a worker, each a process that is killed and started again."""

    def __init__(self, url: str, home: Path, port: int) -> None:
        self._env = {
            **os.environ,
            "DATABASE_URL": url,
            "BALCAO_HOME": str(home),
            "BALCAO_SECRET_KEY": "k" * 43,
            "BALCAO_LOG_LEVEL": "error",
        }
        self.address = f"http://127.0.0.1:{port}"
        self._words = {
            "server": ["-c", PROGRAM, str(port)],
            "worker": ["-c", WORKER],
        }
        self.processes: dict[str, asyncio.subprocess.Process] = {}

    async def start(self, name: str) -> None:
        self.processes[name] = await asyncio.create_subprocess_exec(
            sys.executable, *self._words[name], env=self._env, stderr=asyncio.subprocess.DEVNULL
        )

    async def kill(self, name: str) -> None:
        process = self.processes[name]
        process.send_signal(signal.SIGKILL)
        await process.wait()


@asynccontextmanager
async def house(url: str, home: Path) -> AsyncIterator[House]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one = House(url, home, port)
    try:
        for name in ("server", "worker"):
            await one.start(name)
        yield one
    finally:
        for process in one.processes.values():
            if process.returncode is None:
                process.kill()
                await process.wait()


class Sender:
    """Sends batches of counts of its own SKUs, each with higher quantities, and keeps what was acknowledged."""

    def __init__(self, number: int, address: str, headers: dict[str, str]) -> None:
        self.number = number
        self.acknowledged: list[tuple[str, dict[str, int]]] = []
        self._address = address
        self._headers = headers
        self._chance = random.Random(number)  # noqa: S311

    async def send(self, stop: asyncio.Event) -> None:
        turn = 0
        async with httpx.AsyncClient(base_url=self._address, timeout=10, verify=NO_TLS) as client:
            while not stop.is_set():
                turn += 1
                rows = {f"S{n}": turn * 1000 + n for n in self._chance.sample(range(self.number, SKUS, SENDERS), 10)}
                try:
                    answer = await client.put(f"{CATALOG}/stocks", json=self._rows(rows), headers=self._headers)
                except httpx.HTTPError:
                    await asyncio.sleep(0.02)  # nobody there: sent again later, with other rows
                    continue
                if answer.status_code == 204:
                    self.acknowledged.append((answer.headers["batch-id"], rows))
                await asyncio.sleep(0.01)

    def _rows(self, rows: dict[str, int]) -> list[dict[str, Any]]:
        return [
            {"Quantity": quantity, "SellerCode": cnpj, "SkuCode": sku}
            for sku, quantity in rows.items()
            for cnpj in (CENTRO, NORTE, "NONE")
        ]


async def test_each_acknowledged_batch_is_applied_once(own_database_url: str, tmp_path: Path) -> None:
    db = await Database.open(own_database_url, size=3)
    await open_shop(db)
    await put(db, new_product("MANY", skus=[f"S{n}" for n in range(SKUS)]))
    caller, secret = await db.run(
        lambda tx: create_credential(tx, CreateCredential(tenant=LOJA, role=Role.ERP, actor="t"), now_us())
    )
    chance = random.Random()  # noqa: S311
    async with house(own_database_url, tmp_path) as one:
        headers = await _token(one.address, caller.client_id, secret)
        senders = [Sender(n, one.address, headers) for n in range(SENDERS)]
        stop = asyncio.Event()
        sending = [asyncio.create_task(sender.send(stop)) for sender in senders]
        for n in range(KILLS):
            await asyncio.sleep(chance.uniform(0.05, 1.5))
            name = ("worker", "server")[n % 2]
            await one.kill(name)
            await one.start(name)
        async with asyncio.timeout(60):  # both live once more: something more is acknowledged
            known = sum(len(sender.acknowledged) for sender in senders)
            while sum(len(sender.acknowledged) for sender in senders) < known + 3:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        stop.set()
        await asyncio.gather(*sending)
        async with asyncio.timeout(120):
            while await fetch(db, "SELECT 1 FROM import_batch WHERE finished_us IS NULL LIMIT 1"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    await _check(db, senders)
    await db.close()


async def _token(address: str, client_id: str, secret: str) -> dict[str, str]:
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=address, verify=NO_TLS) as client:
        while True:
            try:
                asked = {"clientId": client_id, "clientSecret": secret, "scope": "lori"}
                answer = await client.post("/auth/token/anonymous", json=asked)
                return {"Authorization": f"Bearer {answer.json()['access_token']}"}
            except httpx.HTTPError:
                await asyncio.sleep(0.05)


async def _check(db: Database, senders: list[Sender]) -> None:
    batches = {
        str(row[0]): row[1:]
        for row in await fetch(
            db, "SELECT batch_id, rows, done, inserted, updated, failed, number FROM import_batch ORDER BY number"
        )
    }
    told = {batch_id: rows for sender in senders for batch_id, rows in sender.acknowledged}
    assert len(told) >= 3
    assert told.keys() <= batches.keys()
    # Every count that was sent is larger than those before: each good row of each batch changes its level once.
    ledger = [
        line
        for row in await fetch(db, "SELECT at_us, batch_id, actor, body FROM stock_counts")
        for line in CountSet(*row).lines()
    ]
    lines = Counter(str(line.subject_id) for line in ledger)
    for batch_id, (rows, done, inserted, updated, failed, _) in batches.items():
        assert (rows, done, failed, inserted + updated) == (ROWS, ROWS, 10, 20), batch_id
        assert lines[batch_id] == 20, batch_id
    events = await fetch(db, "SELECT subject, (data->>'inserted')::int + (data->>'updated')::int FROM event"
                             " WHERE type = 'stocks.counted'")  # fmt: skip
    counted: dict[str, int] = {}
    for subject, rows in events:
        counted[subject] = counted.get(subject, 0) + rows
    assert counted == dict.fromkeys(batches, 20)
    # The ledger adds up to the levels, and a level is what the last batch that named it said.
    sums: Counter[object] = Counter()
    for line in ledger:
        sums[line.seller_id, line.sku_id] += line.on_hand_change
    held = await fetch(db, "SELECT seller_id, sku_id, on_hand FROM stock WHERE on_hand > 0")
    assert sums == {(seller_id, sku_id): on_hand for seller_id, sku_id, on_hand in held}
    levels = await fetch(db, "SELECT DISTINCT s.code, k.on_hand FROM stock k JOIN sku s USING (tenant, sku_id)")
    newest = {str(code): 0 for code, _ in levels}
    assert len(newest) == len(levels)  # the same in both stores
    for sender in senders:
        for _, rows in sender.acknowledged:
            newest |= {sku: max(newest.get(sku, 0), quantity) for sku, quantity in rows.items()}
    # What a killed server kept without being able to say so may be newer.
    assert all(int(on_hand) >= newest[str(code)] for code, on_hand in levels)
