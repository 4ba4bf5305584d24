"""A child of `balcao serve`: `python -m balcao.supervise.child ROLE MODULE:NAME [SOCKET]`.

It imports its program, takes its settings from a line on standard input, a server builds its application, and at an
empty line, once the database is ready, it works. Standard input stays open as long as the parent lives, so its end is
the parent's end.
"""

import importlib
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from balcao.base.errors import BalcaoError
from balcao.base.lighten import lighten, settle
from balcao.base.stopping import STOPPING

KEEP_ALIVE_S = 75
"""Longer than the idle timeouts of usual proxies (60 s): they close a connection, never we under their next request."""
ANSWER_MAX_S = 25
"""How long a request under way may take to end once told to stop; then it is cancelled."""
ORPHAN_MAX_S = 5


def main() -> None:
    """Become the server or the worker. Exits with 1 when the settings are refused."""
    role, place, *rest = sys.argv[1:]
    lighten()
    program = _find(place)
    line = _read_line()
    if not line:
        return  # the parent ended before it got that far
    os.environ.update(json.loads(line))
    try:
        work = _server(program(), int(rest[0])) if role == "server" else program
        settle()
        if not _read_line():
            return
        threading.Thread(target=_end_with_parent, daemon=True).start()
        work()
    except BalcaoError as error:
        sys.exit(f"balcao: the {role} cannot start: {error.detail}")


def _find(place: str) -> Callable[[], Any]:
    """The function that `module:name` says."""
    module, _, name = place.partition(":")
    program: Callable[[], Any] = getattr(importlib.import_module(module), name)
    return program


def _server(app: Any, handle: int) -> Callable[[], None]:
    import uvicorn

    from balcao.supervise.corked import OnePiece
    from balcao.supervise.sharing import Sharer

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup([])
            self.sharers = [Sharer(listener, self._protocol) for listener in sockets or ()]

        def _protocol(self) -> OnePiece:
            return OnePiece(config, self.server_state, self.lifespan.state)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            STOPPING.set()
            for sharer in self.sharers:
                sharer.close()
            await super().shutdown(sockets)

    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=OnePiece,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=ANSWER_MAX_S,
    )
    return lambda: Server(config).run([socket.socket(fileno=handle)])


def _read_line() -> bytes:
    # Without Python's own buffer: its lock would be held by the thread below when the process ends.
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 1)  # not what may stand behind it
        if not part:
            return b""
        line += part
    return line


def _end_with_parent() -> None:
    while os.read(0, 65536):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_MAX_S)
    os._exit(1)


if __name__ == "__main__":
    main()
