"""Connections shared out among the server processes, which all accept from one socket.

Whichever process looks first may take a connection, and one that has nothing to do yet looks again at once: of a pool
of connections that a client opens together, one process took two thirds, and kept them. So a process takes one, and
looks again a moment later; meanwhile it is the others' turn. One that is busy looks later still, and takes then what it
would have taken meanwhile: where thousands come to busy processes they would wait for seconds otherwise.
"""

import asyncio
import logging
import socket
from collections.abc import Callable

PAUSE_S = 0.001
AT_ONCE_MAX = 32
"""Connections that a process takes in one turn, however late it looks."""
TROUBLE_PAUSE_S = 1.0
"""Without file descriptors or memory for a connection none can be taken, and the next look would say the same."""

_log = logging.getLogger(__name__)


class Sharer:
    """Takes connections from a listening socket for as long as it is not closed; `close` as `asyncio.Server` has it."""

    def __init__(self, listener: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Begins at once, in the running loop."""
        listener.setblocking(False)
        self._listener = listener
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._made: set[asyncio.Task[object]] = set()
        self._is_closed = False
        self._turns = 1
        self._look_at(self._loop.time())

    def close(self) -> None:
        """Take no more; those that are open stay."""
        self._is_closed = True
        self._loop.remove_reader(self._listener)

    def _look_at(self, due: float) -> None:
        """Look from now on, which should have been at `due` (seconds of the loop's clock)."""
        if not self._is_closed:
            self._turns = 1 + min(AT_ONCE_MAX - 1, int((self._loop.time() - due) / PAUSE_S))
            self._loop.add_reader(self._listener, self._take)

    def _take(self) -> None:
        self._loop.remove_reader(self._listener)
        due = self._loop.time() + PAUSE_S
        try:
            for _ in range(self._turns):
                self._welcome(self._listener.accept()[0])
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            pass  # another process was quicker, or the caller is gone again
        except OSError as error:
            _log.error("no connection can be taken: %s", error.strerror or error)
            due += TROUBLE_PAUSE_S
        self._loop.call_at(due, self._look_at, due)

    def _welcome(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made = self._loop.create_task(self._loop.connect_accepted_socket(self._protocol, connection))
        self._made.add(made)
        made.add_done_callback(self._made.discard)
