"""Connections from one socket are shared out among the processes that accept from it."""

import asyncio
import errno
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import cast

import pytest

from balcao.supervise import sharing
from balcao.supervise.sharing import Sharer


class _Counting(asyncio.Protocol):
    """Adds itself to its process's connections."""

    def __init__(self, made: list[asyncio.Transport]) -> None:
        self._made = made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        self._made.append(cast("asyncio.Transport", transport))


def _counting(made: list[asyncio.Transport]) -> Callable[[], asyncio.Protocol]:
    return lambda: _Counting(made)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listening on a port of its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as made:
        yield made


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 (what a socket does tells nobody)
            await asyncio.sleep(0.001)


async def test_two_that_accept_take_turns(listener: socket.socket) -> None:
    """Twenty connections that are made at once: ten each, whoever looks first."""
    here: list[asyncio.Transport] = []
    there: list[asyncio.Transport] = []
    with ExitStack() as stack:
        callers = [stack.enter_context(socket.create_connection(listener.getsockname())) for _ in range(20)]
        other = stack.enter_context(listener.dup())
        sharers = [Sharer(listener, _counting(here)), Sharer(other, _counting(there))]
        await _until(lambda: len(here) + len(there) == len(callers))
        assert (len(here), len(there)) == (10, 10)
        for transport in (*here, *there):
            transport.close()
        for sharer in sharers:
            sharer.close()


async def test_one_that_is_busy_takes_what_it_would_have_taken_meanwhile(listener: socket.socket) -> None:
    made: list[asyncio.Transport] = []
    with ExitStack() as stack:
        for _ in range(41):
            stack.enter_context(socket.create_connection(listener.getsockname()))
        sharer = Sharer(listener, _counting(made))
        for _ in range(25):  # fewer turns of the loop than connections
            time.sleep(0.02)  # noqa: ASYNC251 (what it is busy with)
            await asyncio.sleep(0)
        assert len(made) == 41
        for transport in made:
            transport.close()
        sharer.close()


async def test_nothing_is_taken_after_the_end(listener: socket.socket) -> None:
    """Those that are open stay; who comes now is left to the other processes."""
    made: list[asyncio.Transport] = []
    sharer = Sharer(listener, _counting(made))
    with socket.create_connection(listener.getsockname()), ExitStack() as stack:
        await _until(lambda: len(made) == 1)
        sharer.close()
        stack.enter_context(socket.create_connection(listener.getsockname()))
        await asyncio.sleep(10 * sharing.PAUSE_S)
        assert len(made) == 1
        assert not made[0].is_closing()
        made[0].close()


class _Full:
    """A listening socket of a process that has no file descriptor left, at first."""

    def __init__(self, real: socket.socket) -> None:
        self._real = real
        self.refusals = 2

    def accept(self) -> tuple[socket.socket, object]:
        """As the system answers."""
        if self.refusals:
            self.refusals -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return self._real.accept()

    def setblocking(self, flag: bool) -> None:
        """As the real one."""
        self._real.setblocking(flag)

    def fileno(self) -> int:
        """As the real one."""
        return self._real.fileno()


async def test_without_file_descriptors_it_looks_again_later(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And says so each time, instead of ending or turning in circles."""
    monkeypatch.setattr(sharing, "TROUBLE_PAUSE_S", 0.002)
    full, made = _Full(listener), list[asyncio.Transport]()
    with socket.create_connection(listener.getsockname()):
        sharer = Sharer(cast("socket.socket", full), _counting(made))
        await _until(lambda: len(made) == 1)
        assert [record.getMessage() for record in caplog.records if record.name == "balcao.supervise.sharing"] == [
            "no connection can be taken: Too many open files"
        ] * 2
        made[0].close()
        sharer.close()
