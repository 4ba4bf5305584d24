"""`python -m balcao.bench.load.receive`: takes webhooks as they come, answers 200 at once, and notes what came when.

Says `listening PORT`; when its standard input ends it writes what came. Every message is kept whole until then, and
its signature is verified afterwards: it would cost the worker under measurement its processor.
"""

import asyncio
import gc
import sys
from time import perf_counter
from typing import cast

import msgspec
import uvloop
from standardwebhooks import Webhook as Signer

from balcao.bench.load.plan import Received
from balcao.bench.load.report import report

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


class _Event(msgspec.Struct):
    id: str
    subject: str


_event = msgspec.json.Decoder(_Event)


class Taker(asyncio.Protocol):
    """One connection, by hand: it runs on the machine that it measures."""

    def __init__(self, messages: list[tuple[float, bytes, bytes]]) -> None:
        self._messages = messages
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take whole requests, and answer each."""
        data = self._rest + data if self._rest else data
        while (head := data.find(HEAD_END)) >= 0:
            lower = data[:head].lower()
            at = lower.find(LENGTH)
            length = int(lower[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            end = head + len(HEAD_END) + length
            if len(data) < end:
                break
            self._messages.append((perf_counter(), data[:head], data[head + len(HEAD_END) : end]))
            self._transport.write(ANSWER)
            data = data[end:]
        self._rest = data


async def _run() -> tuple[list[tuple[float, bytes, bytes]], str]:
    messages: list[tuple[float, bytes, bytes]] = []
    server = await asyncio.get_running_loop().create_server(lambda: Taker(messages), "127.0.0.1", 0)
    sys.stdout.buffer.write(f"listening {server.sockets[0].getsockname()[1]}\n".encode())
    sys.stdout.buffer.flush()
    secret = await asyncio.to_thread(sys.stdin.buffer.read)
    server.close()
    return messages, secret.decode()


def main() -> None:
    """Take messages; what comes on standard input is the secret by which they are verified."""
    gc.disable()
    messages, secret = uvloop.run(_run())
    signer = Signer(secret) if secret else None
    came, unsigned = [], 0
    for at, head, body in messages:
        if b"webhook-id:" not in head.lower():
            continue
        headers = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n")[1:])
        try:
            if signer is not None:
                signer.verify(body, {name.lower(): value for name, value in headers.items()})
        except Exception:  # noqa: BLE001 - whatever is wrong with it
            unsigned += 1
        event = _event.decode(body)
        came.append((int(event.id), event.subject, at))
    report(Received(messages=came, unsigned=unsigned))


if __name__ == "__main__":
    main()
