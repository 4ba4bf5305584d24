"""Batches for the tests of the noun `imports`: received as the doors receive them, applied a turn at a time."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from balcao.base.db import Database
from balcao.base.values import Micros, Tenant
from balcao.doors.neomode.rows import read_rows
from balcao.imports import store
from balcao.imports.process import Processing, Turn, find_standing_rows, open_batch
from balcao.imports.receive import ReceiveBatch, receive_batch
from balcao.imports.report import Report, get_batch, report_batch
from balcao.imports.rules.model import WAITS_FOR, How, Kind, Lane
from tests.verbs.catalogue_shop import CENTRO, LOJA, NOW


def count(sku: str, quantity: object, seller: str = CENTRO) -> dict[str, Any]:
    return {"Quantity": quantity, "SellerCode": seller, "SkuCode": sku}


async def receive(
    db: Database, kind: Kind, rows: Sequence[Any] | bytes, *, tenant: Tenant = LOJA, now: Micros = NOW, **given: Any
) -> UUID:
    body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    number = 0 if isinstance(rows, bytes) else len(rows)
    cmd = ReceiveBatch(tenant=tenant, actor="erp.1", kind=kind, body=body, rows=number, how=given.pop("how", How()))
    return await db.run(lambda tx: receive_batch(tx, cmd, now))


async def begin(db: Database, lane: Lane, *, tenant: Tenant = LOJA) -> Processing | None:
    """The lane's next batch, read as a worker does; None where none is ready."""
    async with db.read() as tx:
        batch = await store.find_next(tx, tenant, lane, WAITS_FOR[lane])
        if batch is None:
            return None
        body = await store.get_body(tx, tenant, batch.batch_id)
        skimmed = read_rows.skim(batch, body)
        standing = await find_standing_rows(tx, tenant, skimmed)
    return open_batch(tenant, batch, body, partial(read_rows, skimmed=skimmed, standing=standing))


async def turn(db: Database, processing: Processing | None) -> Turn:
    assert processing is not None
    return await processing.turn(db, lambda: NOW)


async def apply_all(db: Database, lane: Lane, *, tenant: Tenant = LOJA) -> int:
    """Everything that is ready in a lane; how many batches."""
    done = 0
    while (processing := await begin(db, lane, tenant=tenant)) is not None:
        while await turn(db, processing) is Turn.MORE:
            pass
        done += 1
    return done


async def report(db: Database, batch_id: UUID, *, tenant: Tenant = LOJA) -> Report:
    async with db.read() as tx:
        batch = await get_batch(tx, tenant, batch_id, seller_cnpj=None)
        return await report_batch(tx, tenant, batch, skip=0, limit=1_000)


def counts(told: Report) -> tuple[str, int, int, int, int, int, int]:
    """State, rows, done, inserted, updated, unchanged, failed."""
    one = told.batch
    return one.state.value, one.rows, one.done, one.inserted, one.updated, one.unchanged, one.failed
