"""The children of `balcao serve`: started, started again when they die, and stopped."""

import json
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from balcao.base.settings import Settings, settings_env
from balcao.supervise.told import Told

GO = b"\n"
"""What a child is told, after its settings, when the database is ready."""
LONG_LIFE_S = 10.0
"""A child that lived so long is started again at once; others after a pause that doubles each time."""
PAUSE_FIRST_S = 0.5
PAUSE_MAX_S = 30.0
STOP_TIMEOUT_S = 35.0
"""Longer than a server's or worker's own grace (25 and 30 s)."""

_log = logging.getLogger(__name__)


def settings_line(settings: Settings) -> bytes:
    """What a child is told first."""
    return json.dumps(settings_env(settings)).encode() + b"\n"


class Child:
    """One process that ought to run."""

    def __init__(self, words: Sequence[str], env: Mapping[str, str], *, socket: int | None = None) -> None:
        """`words`: role, place, and its further arguments; `socket`: the listening one that it inherits."""
        self.role = words[0]
        self._words = words
        self._env = env
        self._sockets = () if socket is None else (socket,)
        self._told = b""
        self._pause_s = 0.0
        self._again_at = 0.0
        self._spawn()

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The latest one."""
        return self._process

    def tell(self, words: bytes) -> None:
        """Tell it on its standard input, and those that will take its place."""
        self._told += words
        self._write(words)

    def tend(self) -> None:
        """Start it again if it died, once its pause is over."""
        if self._process.poll() is None:
            return
        now = time.monotonic()
        if self._again_at == 0:
            lived_long = now - self._spawned_at > LONG_LIFE_S
            self._again_at = now + (0 if lived_long else self._pause_s)
            self._pause_s = PAUSE_FIRST_S if lived_long else min(max(self._pause_s * 2, PAUSE_FIRST_S), PAUSE_MAX_S)
            pause_s = max(self._again_at - now, 0)
            _log.error("the %s process %s; next one in %.1f s", self.role, how_ended(self._process), pause_s)
        if now >= self._again_at:
            self.close()
            self._spawn()
            self._write(self._told)

    def close(self) -> None:
        """Let go of a process that has ended."""
        self._process.wait()
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def _spawn(self) -> None:
        self._spawned_at, self._again_at = time.monotonic(), 0.0
        command = [sys.executable, "-P", "-m", "balcao.supervise.child", *self._words]
        self._process = subprocess.Popen(  # noqa: S603 (our own words)
            command,
            stdin=subprocess.PIPE,
            env=self._env,
            pass_fds=self._sockets,
            process_group=0,  # a terminal's Ctrl-C is for the parent, which tells its children
        )

    def _write(self, words: bytes) -> None:
        pipe = self._process.stdin
        if pipe is not None:
            with suppress(BrokenPipeError):  # it died meanwhile: `tend` sees to that
                pipe.write(words)
                pipe.flush()


def stop(children: Sequence[Child], told: Told) -> bool:
    """Let them finish, and return whether they did: too slow, or forced, they are killed."""
    for child in children:
        child.signal(signal.SIGTERM)
    end = time.monotonic() + STOP_TIMEOUT_S
    while (running := _running(children)) and not told.forced and time.monotonic() < end:
        told.wait(0.2)
    for child in running:
        _log.error("the %s process did not stop in time and was killed", child.role)
        child.signal(signal.SIGKILL)
    for child in children:
        child.close()
    return not running


def how_ended(process: "subprocess.Popen[bytes]") -> str:
    """`ended with exit code 1` or `was killed by SIGKILL`."""
    code = process.returncode
    if code is not None and code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _running(children: Sequence[Child]) -> list[Child]:
    return [child for child in children if child.process.poll() is None]
