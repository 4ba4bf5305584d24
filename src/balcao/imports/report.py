"""What became of batches: one with what is to be said about its rows, or a list."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from balcao.base.batch import RowIssue
from balcao.base.db import Database, Tx
from balcao.base.errors import NotFound
from balcao.base.paging import Page, PageAsk
from balcao.base.values import Micros, Tenant
from balcao.imports import store
from balcao.imports.rules.model import Batch, BatchFilter, State

WAIT_FIRST_S: Final = 0.01
WAIT_LAST_S: Final = 0.1
ISSUES_AT_ONCE: Final = 5_000


class Issues(NamedTuple):
    """What is to be said about rows, from a place on, and how much there is altogether."""

    issues: Sequence[RowIssue]
    total: int


class Report(NamedTuple):
    """A batch, and a page of its errors and of its warnings."""

    batch: Batch
    errors: Issues
    warnings: Issues


async def get_batch(tx: Tx, tenant: Tenant, batch_id: UUID, *, seller_cnpj: str | None) -> Batch:
    """The batch. Raises NotFound, also where a credential that is bound to a store asks for somebody else's."""
    batch = await store.find_batch(tx, tenant, batch_id)
    if batch is None or seller_cnpj not in (None, batch.seller_cnpj):
        raise NotFound(f"There is no batch {batch_id}.", code="batch_not_found")
    return batch


async def report_batch(tx: Tx, tenant: Tenant, batch: Batch, *, skip: int, limit: int) -> Report:
    """The batch with its errors and warnings after the first `skip` of each, at most `limit`."""
    errors = await store.list_issues(tx, tenant, batch.batch_id, is_error=True, after=skip, limit=limit)
    warnings = await store.list_issues(tx, tenant, batch.batch_id, is_error=False, after=skip, limit=limit)
    error_count, warning_count = await store.count_issues(tx, tenant, batch.batch_id)
    return Report(batch, Issues(errors, error_count), Issues(warnings, warning_count))


async def list_batches(tx: Tx, tenant: Tenant, wanted: BatchFilter, ask: PageAsk) -> Page[Batch]:
    """Batches, sorted by one of `BATCH_SORTS`."""
    return await store.list_batches(tx, tenant, wanted, ask)


async def list_failed(tx: Tx, tenant: Tenant, since: Micros, *, limit: int) -> list[Batch]:
    """The newest batches received since then, finished, of which rows failed."""
    return await store.list_failed(tx, tenant, since, limit)


async def every_issue(db: Database, tenant: Tenant, batch_id: UUID) -> AsyncIterator[tuple[bool, list[RowIssue]]]:
    """All that is said about a batch's rows, some thousands at a time: whether these are errors, and they."""
    for is_error in (True, False):
        after = 0
        while True:
            async with db.read() as tx:
                some = await store.list_issues(
                    tx, tenant, batch_id, is_error=is_error, after=after, limit=ISSUES_AT_ONCE
                )
            if not some:
                break
            yield is_error, some
            after += len(some)


async def wait_finished(
    db: Database,
    tenant: Tenant,
    batch_id: UUID,
    *,
    timeout_s: float,
    is_stopping: Callable[[], bool],
    pause_max_s: float = WAIT_LAST_S,
    watch: Callable[[Batch], None] | None = None,
) -> Batch | None:
    """The batch once it is finished, or as it is when time is up or the process stops; None where there is none.

    pause_max_s: between two looks, once some have been in vain; watch: is shown what each look sees.
    """
    until, pause_s = time.monotonic() + timeout_s, WAIT_FIRST_S
    while True:
        async with db.read() as tx:
            batch = await store.find_batch(tx, tenant, batch_id)
        if batch is not None and watch is not None:
            watch(batch)
        if batch is None or batch.state is State.FINISHED or is_stopping() or time.monotonic() >= until:
            return batch
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 1.5, pause_max_s)
