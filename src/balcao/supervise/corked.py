"""What is written in one turn of the event loop goes out in one piece.

uvicorn writes an answer's head and its body apart, and uvloop sends each at once: two calls of the system, two
segments, and a client that is woken twice. That was a seventh of a server process's time.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HELD_MAX_BYTES: Final = 64 * 1024
"""Beyond it nothing is held back, so that the connection's own flow control sees a large answer as it is written."""


class Corked(asyncio.Transport):
    """A connection that holds back what is written until the loop's next turn; all else is the real one's."""

    __slots__ = ("_held", "_held_bytes", "_loop", "_real")

    def __init__(self, real: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._real = real
        self._loop = loop
        self._held: list[Any] = []
        self._held_bytes = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send it, soon."""
        if not self._held:
            self._loop.call_soon(self.flush)
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes > HELD_MAX_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what is held back; a connection that is lost meanwhile gets nothing any more."""
        if self._held:
            held, self._held, self._held_bytes = self._held, [], 0
            if not self._real.is_closing():
                self._real.writelines(held)

    def close(self) -> None:
        """After everything that was written."""
        self.flush()
        self._real.close()

    def abort(self) -> None:
        """At once."""
        self._held = []
        self._real.abort()

    def is_closing(self) -> bool:
        """As the real one."""
        return self._real.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As the real one."""
        return self._real.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """As the real one."""
        self._real.pause_reading()

    def resume_reading(self) -> None:
        """As the real one."""
        self._real.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """As the real one."""
        self._real.set_protocol(protocol)


class OnePiece(HttpToolsProtocol):
    """uvicorn's protocol on corked connections."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn does."""
        super().connection_made(Corked(transport, self.loop))
