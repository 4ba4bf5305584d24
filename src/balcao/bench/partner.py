"""A process beside the bench that takes part in it: generator of load, reader of the feed, receiver of webhooks."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, BinaryIO, Generic, TypeVar

import msgspec

from balcao.bench.failure import BenchFailed

Told = TypeVar("Told")


class Partner(Generic[Told]):
    """Runs from `begin` to `end`; then it tells what it saw. said: its first line.

    It tells it in a file without a name: where that went through a pipe, the end was missing now and then.
    """

    def __init__(self, process: asyncio.subprocess.Process, kind: type[Told], said: str, report: BinaryIO) -> None:
        self._process, self._kind, self.said, self._report = process, kind, said, report

    @classmethod
    @asynccontextmanager
    async def begin(cls, module: str, kind: type[Told], plan: Any = None) -> "AsyncIterator[Partner[Told]]":
        """Start `balcao.bench.load.<module>`, hand it its plan, and wait until it is ready. After the block it does not
        run any more, whatever ended that.
        """
        with tempfile.TemporaryFile(buffering=0) as report:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", f"balcao.bench.load.{module}", f"/dev/fd/{report.fileno()}"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                pass_fds=(report.fileno(),),
                process_group=0,
            )
            try:
                if plan is not None:
                    data = msgspec.msgpack.encode(plan)
                    _write(process, len(data).to_bytes(8, "big") + data)
                line = await process.stdout.readline() if process.stdout else b""
                if not line:
                    raise BenchFailed(f"{module} could not start; what it said is above.")
                yield cls(process, kind, line.decode().strip(), report)
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
                await _forget(process)

    def say(self, words: bytes) -> None:
        """Tell it on its standard input."""
        _write(self._process, words)

    async def end(self, last: bytes = b"") -> Told:
        """Tell it to end, or wait until it has, and hear what it saw."""
        await self._process.communicate(last)
        self._report.seek(0)
        data = self._report.read()
        if self._process.returncode != 0 or not data:
            raise BenchFailed(f"A process beside the bench failed (exit code {self._process.returncode}); see above.")
        return msgspec.msgpack.decode(data, type=self._kind)


def _write(process: asyncio.subprocess.Process, data: bytes) -> None:
    if process.stdin is not None:
        process.stdin.write(data)


async def _forget(process: asyncio.subprocess.Process) -> None:
    """What it was still to hear."""
    if process.stdin is not None:
        process.stdin.close()
        with suppress(ConnectionError):
            await process.stdin.wait_closed()
