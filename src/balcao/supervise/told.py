"""What the system tells the parent: to stop, once or again, or that a child ended."""

import asyncio
import os
import select
import signal
import time
from types import FrameType, TracebackType
from typing import Self

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


SAME_KEY_S = 0.5
"""Within so short a time it is the same Ctrl-C, from the terminal and from a program that passes it on."""


class Told:
    """While open, signals are counted rather than deadly.

    Until `started`, the first one to stop raises KeyboardInterrupt where it strikes: starting is abandoned in the
    middle. From then on it is for `wait` and `stops` to tell; `forced` is set by a Ctrl-C after the first signal.
    """

    def __init__(self) -> None:
        self.stops = 0
        self.forced = False
        self._interrupt = True
        self._first_at = 0.0

    def started(self) -> None:
        """From here on nothing is interrupted any more."""
        self._interrupt = False

    def wait(self, timeout_s: float) -> None:
        """Sleep until something is told, `timeout_s` at most."""
        readable, _, _ = select.select([self._read], [], [], timeout_s)
        if readable:
            os.read(self._read, 4096)

    def __enter__(self) -> Self:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._wakeup_before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._stop) for number in _wanted()}
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _wake)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._read)
        os.close(self._write)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        self.stops += 1
        if self.stops == 1:
            self._first_at = now
        elif number == signal.SIGINT and now - self._first_at > SAME_KEY_S:
            self.forced = True
        if self._interrupt:
            self._interrupt = False  # a second one must not break the tidying up
            raise KeyboardInterrupt


def cancel_when_told() -> None:
    """From now on the first signal to stop cancels the task that runs, which tidies up and ends; later ones do, too."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is not None:
        for number in _wanted():
            loop.add_signal_handler(number, task.cancel)


def _wanted() -> list[signal.Signals]:
    return [number for number in STOP if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]  # nohup


def _wake(_number: int, _frame: FrameType | None) -> None:
    """Having a handler is enough for the signal to wake `wait`."""
