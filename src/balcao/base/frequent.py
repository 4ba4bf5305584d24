"""Log lines that come by the thousand a second: cheaply made, and written together a moment later."""

import asyncio
from typing import Any, BinaryIO, Final

import msgspec

from balcao.base.now import now_us
from balcao.base.values import iso

WRITTEN_AFTER_S: Final = 0.1
_encode = msgspec.json.Encoder(enc_hook=repr, decimal_format="number").encode


class FrequentLines:
    """JSON lines of level info on their way to `out`, in the order said. What a killed process said last is lost."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._lines: list[bytes] = []

    def say(self, event: str, fields: dict[str, Any]) -> None:
        """One line, written within a tenth of a second by the running loop; nothing is masked."""
        if not self._lines:
            asyncio.get_running_loop().call_later(WRITTEN_AFTER_S, self.write)
        self._lines.append(_encode({**fields, "event": event, "level": "info", "timestamp": iso(now_us())}))

    def write(self) -> None:
        """Write what was said so far: also to be called at the process's end."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._out.write(b"\n".join(lines) + b"\n")
            self._out.flush()
