"""A process beside the bench that takes part in it: generator of load, reader of the feed, receiver of webhooks."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from balcao.bench.failure import BenchFailed

Told = TypeVar("Told")


class Partner(Generic[Told]):
    """Runs from `begin` to `end`; then it tells what it saw. said: its first line.

    It tells it in a file: where that went through a pipe, the end was missing now and then.
    """

    def __init__(self, process: asyncio.subprocess.Process, kind: type[Told], said: str, report: Path) -> None:
        self._process, self._kind, self.said, self._report = process, kind, said, report

    @classmethod
    async def begin(cls, module: str, kind: type[Told], plan: Any = None) -> "Partner[Told]":
        """Start `balcao.bench.load.<module>`, hand it its plan, and wait until it is ready."""
        handle, report = tempfile.mkstemp(prefix="balcao-bench-")
        os.close(handle)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", f"balcao.bench.load.{module}", report),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            process_group=0,
        )
        if plan is not None:
            data = msgspec.msgpack.encode(plan)
            _write(process, len(data).to_bytes(8, "big") + data)
        line = await process.stdout.readline() if process.stdout else b""
        if not line:
            raise BenchFailed(f"{module} could not start; what it said is above.")
        return cls(process, kind, line.decode().strip(), Path(report))

    def say(self, words: bytes) -> None:
        """Tell it on its standard input."""
        _write(self._process, words)

    async def end(self, last: bytes = b"") -> Told:
        """Tell it to end, or wait until it has, and hear what it saw."""
        await self._process.communicate(last)
        data = self._report.read_bytes()
        self._report.unlink()
        if self._process.returncode != 0 or not data:
            raise BenchFailed(f"A process beside the bench failed (exit code {self._process.returncode}); see above.")
        return msgspec.msgpack.decode(data, type=self._kind)


def _write(process: asyncio.subprocess.Process, data: bytes) -> None:
    if process.stdin is not None:
        process.stdin.write(data)
