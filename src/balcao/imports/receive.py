"""Receive a batch: keep it as it was sent, in its place, and answer; the worker applies it."""

from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant, new_id
from balcao.imports import store
from balcao.imports.rules.model import Batch, How, Kind


class ReceiveBatch(msgspec.Struct, frozen=True, kw_only=True):
    """body: a JSON array of so many rows; seller_cnpj: the one store that the credential is bound to, if it is."""

    tenant: Tenant
    actor: str
    kind: Kind
    body: bytes
    rows: int
    how: How = How()
    seller_cnpj: str | None = None


async def receive_batch(tx: Tx, cmd: ReceiveBatch, now: Micros) -> UUID:
    """Keep the batch; its id. Once that is committed it will be applied, once, after those received before it."""
    batch_id = new_id()
    await store.insert_body(tx, cmd.tenant, batch_id, cmd.body)
    batch = as_batch(cmd, number=await store.take_number(tx, cmd.tenant), now=now, batch_id=batch_id)
    await store.insert_batch(tx, cmd.tenant, batch)
    return batch_id


def as_batch(cmd: ReceiveBatch, *, number: int, now: Micros, batch_id: UUID | None = None) -> Batch:
    """The batch of which nothing is done yet."""
    return Batch(
        batch_id=batch_id or new_id(),
        number=number,
        kind=cmd.kind,
        actor=cmd.actor,
        seller_cnpj=cmd.seller_cnpj,
        how=cmd.how,
        bytes=len(cmd.body),
        rows=cmd.rows,
        position=0,
        done=0,
        inserted=0,
        updated=0,
        failed=0,
        received_us=now,
        started_us=None,
        finished_us=None,
    )
