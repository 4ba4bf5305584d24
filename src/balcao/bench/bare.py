"""A bare ASGI answer: the most that the same server can do, with no framework, no work and no database."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODY = (
    b'{"id":"0190b2a4-0000-7000-8000-000000000000","externalId":"BENCH-0000000000","friendlyCode":"2222222","status":1}'
)
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]
BIG = b'{"order":"' + b"x" * 3_500 + b'"}'
"""As large as the full body of an order with one line."""
BIG_HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BIG)).encode())]


def create_app() -> Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]:
    """POST and PUT are answered 201 with a creation's body once theirs is read, GET 200 with an order's size."""
    return _answer


async def _answer(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    if scope["method"] == "GET":
        await send({"type": "http.response.start", "status": 200, "headers": BIG_HEADERS})
        await send({"type": "http.response.body", "body": BIG})
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 201, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
