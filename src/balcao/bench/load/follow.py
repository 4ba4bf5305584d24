"""`python -m balcao.bench.load.follow`: follows the feed, and notes when each new order was seen.

Reads a plan, says `ready` once it listens, and writes what it saw when its standard input ends.
"""

import asyncio
import gc
import sys
from time import perf_counter

import msgspec

from balcao.bench.load.plan import FollowPlan, Seen
from balcao.bench.load.report import report

PAUSE_S = 0.05


class _Data(msgspec.Struct, rename="camel"):
    external_id: str = ""


class _Event(msgspec.Struct):
    type: str
    data: _Data


class _Page(msgspec.Struct):
    events: list[_Event]
    next: int


_page = msgspec.json.Decoder(_Page)
_line = msgspec.json.Decoder(_Event)


class Follower:
    """One reader; orders: their external ids in the order seen, with the clock (`perf_counter`)."""

    def __init__(self, plan: FollowPlan) -> None:
        self._plan = plan
        self._after = plan.after
        self.orders: list[tuple[str, float]] = []

    async def follow(self) -> None:
        """Until cancelled."""
        reader, writer = await asyncio.open_connection(self._plan.host, self._plan.port, limit=16 * 1024 * 1024)
        try:
            if self._plan.by_stream:
                await self._stream(reader, writer)
            else:
                while True:
                    await self._poll(reader, writer)
        finally:
            writer.close()

    async def _poll(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ask(writer, f"/v1/events?after={self._after}&limit=1000&wait=30", "application/json")
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        at = perf_counter()
        page = _page.decode(body)
        self._after = page.next
        self.orders += [(event.data.external_id, at) for event in page.events if event.type == "order.placed"]

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ask(writer, f"/v1/events?after={self._after}", "application/x-ndjson")
        await reader.readuntil(b"\r\n\r\n")
        rest = b""
        while size := int(await reader.readline(), 16):
            chunk = await reader.readexactly(size + 2)
            at = perf_counter()
            *lines, rest = (rest + chunk[:-2]).split(b"\n")
            events = [_line.decode(line) for line in lines if line]
            self.orders += [(event.data.external_id, at) for event in events if event.type == "order.placed"]

    def _ask(self, writer: asyncio.StreamWriter, path: str, accept: str) -> None:
        head = f"GET {path} HTTP/1.1\r\nHost: {self._plan.host}\r\nAuthorization: Bearer {self._plan.token}\r\n"
        writer.write(f"{head}Accept: {accept}\r\n\r\n".encode())


async def _run(plan: FollowPlan) -> Seen:
    follower = Follower(plan)
    following = asyncio.create_task(follower.follow())
    await asyncio.sleep(PAUSE_S)
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.buffer.read))
    await asyncio.wait((following, ended), return_when=asyncio.FIRST_COMPLETED)
    if following.done():
        await following
    following.cancel()
    return Seen(orders=follower.orders)


def main() -> None:
    """Do the plan on standard input."""
    size = int.from_bytes(sys.stdin.buffer.read(8), "big")
    plan = msgspec.msgpack.decode(sys.stdin.buffer.read(size), type=FollowPlan)
    gc.disable()
    report(asyncio.run(_run(plan)))


if __name__ == "__main__":
    main()
