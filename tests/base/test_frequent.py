"""Lines by the thousand: whole, in order, together, a moment later or at the end."""

import asyncio
import io
import json

from balcao.base.frequent import WRITTEN_AFTER_S, FrequentLines


class Out(io.BytesIO):
    """Counts how often it was written to."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.written = asyncio.Event()

    def write(self, text: object) -> int:
        self.writes += 1
        self.written.set()
        return super().write(text)  # type: ignore[arg-type]


async def test_lines_are_written_together_in_order() -> None:
    out = Out()
    lines = FrequentLines(out)
    for n in range(3):
        lines.say("request", {"n": n, "route": "/á"})
    assert out.getvalue() == b""
    await out.written.wait()
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["event"], line["level"], line["n"], line["route"]) for line in said] == [
        ("request", "info", n, "/á") for n in range(3)
    ]
    assert all(line["timestamp"].endswith("Z") for line in said)
    assert out.writes == 1


async def test_the_rest_is_written_at_the_end_once() -> None:
    out = Out()
    lines = FrequentLines(out)
    lines.say("request", {"n": 1})
    lines.write()
    lines.write()
    await asyncio.sleep(WRITTEN_AFTER_S * 1.5)  # when the loop would have written it
    assert len(out.getvalue().splitlines()) == 1
