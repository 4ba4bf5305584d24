"""What a request under an Idempotency-Key consists of, as one hash: method, path, query and every byte of its body.

The bytes are hashed as they pass, so that a streamed or multipart body is never held for it.
"""

import hashlib
from typing import Any, cast

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

HEADER = b"idempotency-key"
_IN_SCOPE = "balcao.body_digest"


class BodyDigest:
    """ASGI wrapper: hashes the body of requests that carry an Idempotency-Key, and leaves the others alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.HTTP or not any(name == HEADER for name, _ in scope["headers"]):
            await self._app(scope, receive, send)
            return
        digest = _Digest(receive)
        cast("dict[str, Any]", scope)[_IN_SCOPE] = digest
        await self._app(scope, cast("Receive", digest.receive), send)


async def request_hash(request: Request[Any, Any, Any]) -> bytes:
    """The hash of the whole request; reads what is left of its body."""
    digest: _Digest = cast("dict[str, Any]", request.scope)[_IN_SCOPE]
    if not digest.is_complete:
        await request.body()
    line = "\n".join((request.scope["method"], request.scope["path"], request.scope["query_string"].decode("latin-1")))
    return hashlib.sha256(line.encode("utf-8", "surrogateescape") + b"\n" + digest.hash.digest()).digest()


class _Digest:
    """The hash of the body's bytes so far."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.hash = hashlib.sha256()
        self.is_complete = False

    async def receive(self) -> HTTPReceiveMessage:
        message = cast("HTTPReceiveMessage", await self._receive())
        if message["type"] == "http.request":
            self.hash.update(message.get("body", b""))
            self.is_complete = not message.get("more_body", False)
        return message
