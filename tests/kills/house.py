"""An installation under load: a durable database, two servers and a worker, each of which can be killed and comes back.

As `balcao serve` has it, only that the pause before a child is started again is none: there are many deaths to die.
"""

import asyncio
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil

from balcao.base.db import Database
from balcao.base.embedded import EmbeddedPostgres
from balcao.base.migrate import migrate
from tests.races.crowd import Server, spawn

BACK_S = 30
"""So long anything may take to be back, on a slow and busy machine."""
SETTINGS = {"BALCAO_WEBHOOK_ALLOW_PRIVATE": "true", "BALCAO_LOG_LEVEL": "error"}
_STARTED = "SELECT extract(epoch FROM min(backend_start)) FROM pg_stat_activity WHERE backend_type LIKE '%writer'"
_TIME_PASSES = "UPDATE webhook_delivery SET lease_us = 1 WHERE tenant = $1 AND lease_us > 1"


class House:
    """The running installation. servers: both, whichever processes they are at the moment."""

    def __init__(self, url: str, home: Path, db: Database) -> None:
        self.url, self.home, self.db = url, home, db
        self.servers = [self._server() for _ in range(2)]
        self.worker = self._worker()

    @property
    def log(self) -> Path:
        """Where servers and worker write what should never happen."""
        return self.home / "errors.log"

    def complaints(self) -> list[str]:
        """What should never have happened. PgQueuer complains of connections that it loses, and is taken up again."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if "/pgqueuer/" not in line]

    async def ready(self) -> None:
        """Once both servers answer."""
        for server in self.servers:
            await asyncio.to_thread(server.wait_ready)

    async def kill_server(self, chance: random.Random) -> None:
        """One of the two, and it is started again."""
        n = chance.randrange(2)
        await asyncio.to_thread(self.servers[n].end, signal.SIGKILL)
        self.servers[n] = self._server()
        await asyncio.to_thread(self.servers[n].wait_ready)

    async def kill_worker(self, tenant: str, *, waits: bool) -> None:
        """It is started again; waits: what it had claimed waits for its claim to run out, else as if that were so."""
        await asyncio.to_thread(_end, self.worker, signal.SIGKILL)
        if not waits:
            async with self.db.transaction() as tx:
                await tx.execute(_TIME_PASSES, tenant)
        self.worker = self._worker()

    async def kill_database(self, chance: random.Random) -> None:
        """The postmaster, or one connection's process, upon which PostgreSQL ends all others and recovers."""
        postmaster = psutil.Process(int((self.home / "postgres" / "postmaster.pid").read_text().split()[0]))
        victim = chance.choice([postmaster, postmaster, *_connections(postmaster)[:1]])
        os.kill(victim.pid, signal.SIGKILL)
        await _until(self._has_new_connections(time.time()))

    def close(self) -> None:
        """End everything."""
        for server in self.servers:
            server.end()
        _end(self.worker, signal.SIGTERM)

    def _server(self) -> Server:
        return Server(self.url, self.home, log=self.log, **SETTINGS)

    def _worker(self) -> "subprocess.Popen[bytes]":
        return spawn(["balcao", "worker"], self.url, self.home, self.log, SETTINGS)

    def _has_new_connections(self, since: float) -> Callable[[], Awaitable[bool]]:
        """Whether the database answers, as started after that moment."""

        async def look() -> bool:
            try:
                connection = await asyncpg.connect(self.url, timeout=1)
                try:
                    return float(await connection.fetchval(_STARTED)) > since
                finally:
                    await connection.close()
            except (OSError, asyncpg.PostgresError):  # not yet, or the one that is dying
                return False

        return look


@asynccontextmanager
async def open_house(home: Path) -> AsyncIterator[House]:
    """A new installation with a database that keeps its promises: fsync is on."""
    embedded = EmbeddedPostgres(home)
    url = await asyncio.to_thread(embedded.start)
    stopped = threading.Event()
    watcher = threading.Thread(target=embedded.watch, args=[stopped], daemon=True)
    watcher.start()
    try:
        await asyncio.to_thread(migrate, url)
        db = await Database.open(url, size=4)
        house = House(url, home, db)
        try:
            await house.ready()
            yield house
        finally:
            await asyncio.to_thread(house.close)
            await db.close()
    finally:
        stopped.set()
        await asyncio.to_thread(watcher.join)
        await asyncio.to_thread(embedded.stop)


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(BACK_S):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def _connections(postmaster: psutil.Process) -> list[psutil.Process]:
    """The processes of connections, in no order."""
    found = [each for each in postmaster.children() if " balcao " in " ".join(each.cmdline())]
    random.shuffle(found)
    return found


def _end(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    process.send_signal(number)
    process.wait(BACK_S)
