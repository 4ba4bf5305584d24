"""The gate: reads tokens, and knows which credentials were revoked of late."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from balcao.base.db import Database
from balcao.base.errors import Unauthenticated
from balcao.base.values import Micros
from balcao.tenants.credentials import list_revoked
from balcao.tenants.rules import Caller
from balcao.tenants.tokens import Tokens

LATE_S: Final = 300
"""How far the machines' clocks may differ: a revocation is remembered that much longer than any token lives."""

log = structlog.get_logger(__name__)


class Gate:
    """Knows tokens and which credentials were revoked of late; asks no database."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.revoked: frozenset[str] = frozenset()

    def enter(self, authorization: str, now: Micros) -> Caller:
        """Who bears `Authorization: Bearer …`; raises Unauthenticated."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("Send an access token as `Authorization: Bearer …`.", code="token_missing")
        caller = self.tokens.read(token.strip(), now)
        if caller.client_id in self.revoked:
            raise Unauthenticated("The credential of this access token was revoked.", code="credential_revoked")
        return caller

    def revoke(self, *client_ids: str) -> None:
        """Refuse these credentials' tokens from now on in this process; the others learn it from the database."""
        self.revoked |= frozenset(client_ids)


async def watch_revocations(gate: Gate, db: Database, poll_s: float, clock: Callable[[], Micros]) -> None:
    """Every `poll_s` seconds, learn which credentials were revoked while tokens of theirs may still live.

    While the database is away the last answer stays in force.
    """
    memory_us = (gate.tokens.ttl_s + LATE_S) * 1_000_000
    while True:
        try:
            async with db.read() as tx:
                gate.revoke(*await list_revoked(tx, since=Micros(clock() - memory_us)))
        except Exception as error:  # noqa: BLE001 - whatever it is, a watch that ended would let the revoked in
            log.warning("revocations not read", reason=str(error))
        await asyncio.sleep(poll_s)
