"""Answers kept under an Idempotency-Key, so that the same request gets the same answer again."""

from typing import Final

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.tenants import store
from balcao.tenants.rules import Caller

KEPT_S: Final = 48 * 3600
PURGE_MAX: Final = 1000


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A successful answer, and the hash of the request that it was given to; header names in lower case."""

    request_hash: bytes
    status: int
    headers: dict[str, str]
    body: bytes


async def claim_answer(tx: Tx, caller: Caller, key: str, request_hash: bytes, *, now: Micros) -> Answer | None:
    """None when the key is now this transaction's to answer, or the answer that it has already.

    While another transaction holds the key this waits for it to end: its commit gives the answer, its undoing the key.
    """
    while True:
        if await store.insert_new_answer(tx, caller, key, request_hash, now):
            return None
        row = await store.find_answer(tx, caller, key)
        if row is not None:
            return msgspec.convert(row, Answer)
        # The row was purged between the two statements: the key is free again.


async def keep_answer(tx: Tx, caller: Caller, key: str, answer: Answer) -> None:
    """Store the answer under the key that this transaction claimed."""
    await store.update_answer(tx, caller, key, (answer.status, answer.headers, answer.body))


async def forget_answer(tx: Tx, caller: Caller, key: str) -> None:
    """Give back the key that this transaction claimed: refusals are not kept, a later attempt may succeed."""
    await store.delete_answer(tx, caller, key)


async def purge_answers(tx: Tx, tenant: Tenant, *, now: Micros) -> int:
    """Delete at most a thousand of the tenant's answers that are older than 48 hours; how many it were."""
    return await store.delete_answers_before(tx, tenant, Micros(now - KEPT_S * 1_000_000), limit=PURGE_MAX)
