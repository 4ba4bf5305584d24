"""The small shop behind two server processes of their own, and many requests at once."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from balcao.tenants.rules import Role
from tests.doors.shop import Api

START_S = 30


def spawn(
    words: Sequence[str], database_url: str, home: Path, log: Path | None, settings: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    """A process of ours: `python -m …` with these settings."""
    ours = {"BALCAO_HOME": str(home), "DATABASE_URL": database_url, "BALCAO_SECRET_KEY": "k" * 43}
    env = {**os.environ, "BALCAO_LOG_LEVEL": "warning", **ours, **settings}
    with ExitStack() as stack:
        stderr = stack.enter_context(log.open("ab")) if log else None
        return subprocess.Popen([sys.executable, "-m", *words], env=env, stderr=stderr)


class Server:
    """A server process of its own; log: where it complains, our own standard error unless told."""

    def __init__(self, database_url: str, home: Path, *, log: Path | None = None, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        words = ["uvicorn", "balcao.server:create_app", "--factory", "--port", str(self.port), "--log-level", "warning"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = spawn(words, database_url, home, log, settings)

    def wait_ready(self) -> "Server":
        late = time.monotonic() + START_S
        while True:
            assert self.process.poll() is None, "the server ended"
            try:
                if httpx.get(f"{self.url}/health/ready").status_code == 200:
                    return self
            except httpx.TransportError:
                assert time.monotonic() < late, "the server does not answer"
            time.sleep(0.05)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(30)


class Servers(dict[str, list[Server]]):
    """Two processes for each database: starting them costs two seconds."""

    def of(self, database_url: str, home: Path) -> list[Server]:
        if database_url not in self:
            self[database_url] = [Server(database_url, home) for _ in range(2)]
        return [server.wait_ready() for server in self[database_url]]


class Crowd:
    """The small shop behind two processes; requests go to one and the other in turn."""

    def __init__(self, apis: list[Api]) -> None:
        self.apis = apis
        self.shop = apis[0].shop

    async def send(self, method: str, path: str, *bodies: Any, role: Role, keyed: int = 0) -> list[httpx.Response]:
        """Send all at once. keyed: every so manieth under an Idempotency-Key, and so in a transaction of its own."""
        headers = await self.apis[0].token(role)
        return await asyncio.gather(
            *(
                self.apis[n % 2].client.request(
                    method,
                    path,
                    json=body,
                    headers=headers | ({"Idempotency-Key": f"{path}{n}"} if keyed and n % keyed == 0 else {}),
                )
                for n, body in enumerate(bodies)
            )
        )
