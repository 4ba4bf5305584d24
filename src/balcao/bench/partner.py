"""A process beside the bench that takes part in it: a reader of the feed, a receiver of webhooks."""

import asyncio
import sys
from typing import Any, Generic, TypeVar

import msgspec

from balcao.bench.failure import BenchFailed

Told = TypeVar("Told")


class Partner(Generic[Told]):
    """Runs from `begin` to `end`; then it tells what it saw. said: its first line."""

    def __init__(self, process: asyncio.subprocess.Process, kind: type[Told], said: str) -> None:
        self._process, self._kind, self.said = process, kind, said

    @classmethod
    async def begin(cls, module: str, kind: type[Told], plan: Any = None) -> "Partner[Told]":
        """Start `balcao.bench.load.<module>`, hand it its plan, and wait until it is ready."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", f"balcao.bench.load.{module}"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            process_group=0,
        )
        if plan is not None and process.stdin is not None:
            data = msgspec.msgpack.encode(plan)
            process.stdin.write(len(data).to_bytes(8, "big") + data)
        line = await process.stdout.readline() if process.stdout else b""
        if not line:
            raise BenchFailed(f"{module} could not start; what it said is above.")
        return cls(process, kind, line.decode().strip())

    async def end(self, last: bytes = b"") -> Told:
        """Tell it to end, and hear what it saw."""
        output, _ = await self._process.communicate(last)
        if self._process.returncode != 0 or int.from_bytes(output[:8], "big") != len(output) - 8:
            raise BenchFailed("A process beside the bench failed; what it said is above.")
        return msgspec.msgpack.decode(output[8:], type=self._kind)
