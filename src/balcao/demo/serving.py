"""Start the server as `balcao serve` does, in a process group of its own, and stop it in order."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from balcao.base.settings import FIELDS, Settings, read_settings
from balcao.demo.failure import StepFailed
from balcao.supervise.children import GO, settings_line

HOST: Final = "127.0.0.1"
START_TIMEOUT_S: Final = 90
STOP_TIMEOUT_S: Final = 45
"""Longer than the server takes to end its own children."""
LOG_LINES: Final = 15
_LISTENING = "listening on "


class Served(msgspec.Struct, frozen=True):
    """A running server: its address, its process, and the file that it logs to."""

    url: str
    process: asyncio.subprocess.Process
    log: Path

    async def ended(self) -> None:
        """Wait for its end, which the demo did not ask for: raises StepFailed."""
        await self.process.wait()
        raise StepFailed(f"The server ended by itself.\n{tail(self.log)}")


def demo_settings(home: Path, port: int) -> Settings:
    """The demo's own: nothing of the environment, so that it never touches another database or file store."""
    return read_settings(
        {}, home=home, host=HOST, port=port, workers=1, log_format="console", webhook_allow_private=True
    )


def find_port(wanted: int) -> int:
    """The port if it is free, else 0, which lets the system choose."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
            probe.listen()
        except OSError:
            return 0
    return wanted


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Served]:
    """The server while the block runs, ready to answer. Raises StepFailed when it cannot start, or stop in order."""
    log = settings.home / "demo.log"
    process = await _spawn(settings, log)
    try:
        yield Served(await _wait_listening(process, log), process, log)
    finally:
        stopped = await _stop(process)
    if not stopped:
        raise StepFailed(f"The server did not stop in order.\n{tail(log)}")


def tail(log: Path) -> str:
    """The log's last lines, and where the rest is."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join((f"The last of {log}:", *lines[-LOG_LINES:]))


async def _spawn(settings: Settings, log: Path) -> asyncio.subprocess.Process:
    ours = {field.variable for field in FIELDS}
    env = {name: value for name, value in os.environ.items() if name not in ours}
    with _open(log) as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "balcao.supervise.child", "demo", "balcao.demo.served:main"),
            stdin=asyncio.subprocess.PIPE,  # stays open as long as the demo lives: its end is the server's
            stdout=asyncio.subprocess.PIPE,
            stderr=file,
            env=env,
            process_group=0,  # a terminal's Ctrl-C is for the demo, which tells the server
        )
    if process.stdin is not None:
        process.stdin.write(settings_line(settings) + GO)
    return process


def _open(log: Path) -> BinaryIO:
    try:
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return log.open("wb")
    except OSError as error:
        raise StepFailed(f"{log.parent} cannot be used ({error.strerror}): choose another with --data.") from error


async def _wait_listening(process: asyncio.subprocess.Process, log: Path) -> str:
    said = process.stdout or asyncio.StreamReader()
    with suppress(TimeoutError):
        async with asyncio.timeout(START_TIMEOUT_S):
            async for line in said:
                _, found, after = line.decode().partition(_LISTENING)
                if found:
                    return after.split()[0]
    raise StepFailed(f"The server could not start.\n{tail(log)}")


async def _stop(process: asyncio.subprocess.Process) -> bool:
    """Whether it ended in order: within its time, with exit code 0."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            return await process.wait() == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
