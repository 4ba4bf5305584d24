"""What a bench runs on: a database in a fresh folder, and server processes started and stopped as it needs them."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
import psutil

from balcao.base.db import Database
from balcao.base.embedded import EmbeddedPostgres
from balcao.base.migrate import migrate
from balcao.base.settings import FIELDS, Settings, read_settings
from balcao.bench.failure import BenchFailed
from balcao.bench.options import Options
from balcao.supervise.children import GO, settings_line

HOST: Final = "127.0.0.1"
START_TIMEOUT_S: Final = 60
STOP_TIMEOUT_S: Final = 45
_LISTENING: Final = "listening on "
HOUSE: Final = "balcao.bench.served:house"
BARE: Final = "balcao.bench.served:bare"
WORK: Final = "balcao.worker:main"


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """home: the folder; url and db: the database; postgres_pid: its first process, where it runs on this machine."""

    home: Path
    url: str
    db: Database
    postgres_pid: int | None

    def settings(self, servers: int) -> Settings:
        """Those of the servers: nothing of the environment, so that a run is what its options say."""
        return read_settings({}, home=self.home, database_url=self.url, host=HOST, port=0, workers=servers)


class Served(msgspec.Struct, frozen=True):
    """Running servers: their port, and their parent process."""

    port: int
    pid: int


@asynccontextmanager
async def open_stage(options: Options) -> AsyncIterator[Stage]:
    """The database while the block runs. An embedded one lives in a fresh folder below `data` that is gone afterwards;
    one that is given is migrated and keeps what the bench writes there, under a tenant of its own.
    """
    with tempfile.TemporaryDirectory(prefix="balcao-bench-", dir=options.data) as folder:
        home = _open_to_postgres(Path(folder))
        if options.database_url is not None:
            migrate(options.database_url)
            async with _stage(home, options.database_url) as stage:
                yield stage
            return
        with EmbeddedPostgres(home) as url:
            migrate(url)
            async with _stage(home, url) as stage:
                yield stage


def _open_to_postgres(home: Path) -> Path:
    """Where we are root PostgreSQL runs under another account, which must get at its folder in here."""
    home.chmod(0o711)
    return home


@asynccontextmanager
async def _stage(home: Path, url: str) -> AsyncIterator[Stage]:
    db = await Database.open(url, size=8)
    pid_file = home / "postgres" / "postmaster.pid"
    pid = int(pid_file.read_text().split()[0]) if pid_file.exists() else None
    try:
        yield Stage(home=home, url=url, db=db, postgres_pid=pid)
    finally:
        await db.close()


@asynccontextmanager
async def serving(stage: Stage, servers: int, place: str = HOUSE) -> AsyncIterator[Served]:
    """So many server processes while the block runs, behind one listening socket as `balcao serve` has it."""
    log = stage.home / "server.log"
    process = await _spawn(stage.settings(servers), place, log)
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            url = await _wait_listening(process, log)
        yield Served(int(url.rpartition(":")[2]), process.pid)
    except TimeoutError as error:
        raise BenchFailed(f"The server was not ready within {START_TIMEOUT_S} s.\n{tail(log)}") from error
    finally:
        await _stop(process)


@asynccontextmanager
async def working(stage: Stage) -> AsyncIterator[Served]:
    """A worker while the block runs; it may call this machine."""
    settings = msgspec.structs.replace(stage.settings(1), webhook_allow_private=True)
    process = await _spawn(settings, WORK, stage.home / "worker.log")
    try:
        yield Served(0, process.pid)
    finally:
        await _stop(process)


def server_pids(served: Served) -> list[int]:
    """The processes that answer requests."""
    children = psutil.Process(served.pid).children()
    return [child.pid for child in children if "server" in child.cmdline()]


def tail(log: Path) -> str:
    """The log's last lines."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-10:])


async def _spawn(settings: Settings, place: str, log: Path) -> asyncio.subprocess.Process:
    ours = {field.variable for field in FIELDS}
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "balcao.supervise.child", "bench", place),
            stdin=asyncio.subprocess.PIPE,  # stays open as long as the bench lives: its end is the server's
            stdout=asyncio.subprocess.PIPE,
            stderr=file,
            env={name: value for name, value in os.environ.items() if name not in ours},
            process_group=0,
        )
    if process.stdin is not None:
        process.stdin.write(settings_line(settings) + GO)
    return process


async def _wait_listening(process: asyncio.subprocess.Process, log: Path) -> str:
    if process.stdout is not None:
        async for line in process.stdout:
            _, found, after = line.decode().partition(_LISTENING)
            if found:
                return after.split()[0]
    raise BenchFailed(f"The server could not start.\n{tail(log)}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
