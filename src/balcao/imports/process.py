"""Process a batch: apply its records part by part, each part and its place in one transaction.

A process that dies at any point leaves the batch where its last commit was; whoever goes on begins there, so that every
record is applied once. Parts are small enough that orders, which wait for the tenant's clock too, hardly notice.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from functools import partial
from typing import Any, Final

import structlog

from balcao.base.batch import BatchResult, RowIssue, Sent
from balcao.base.db import Database, Tx
from balcao.base.errors import Invalid, Unavailable
from balcao.base.plans import look_up_by_keys, plan_as_usual
from balcao.base.values import Micros, Tenant
from balcao.imports import store
from balcao.imports.apply import apply_rows
from balcao.imports.rules.last import keep_last
from balcao.imports.rules.model import ISSUES_MAX, Batch, Kind, Progress, ReadRows, RowsRead

PART: Final[Mapping[Kind, int]] = {Kind.PRODUCTS: 1_000, Kind.SKUS: 4_000, Kind.PRICES: 7_500, Kind.STOCKS: 7_500}
"""Records in one transaction, some hundred milliseconds' worth. Categories and stores are applied whole: parents and
points of sale may be passed on from any row to any other."""
WIDER: Final = 2
"""A part after one that changed nothing is so many times as large: that one kept nobody from the tenant's clock."""
SHRINK: Final = 8
BROKEN_MAX: Final = 20
"""Records that may break by themselves. Where more do it is not they that are broken, and the batch waits."""

log = structlog.get_logger(__name__)


class Turn(Enum):
    """What came of a turn: there is more to do, the batch is finished, or another process works on it."""

    MORE = auto()
    FINISHED = auto()
    TAKEN = auto()


class Processing:
    """One batch under way in this process; each `turn` applies its next part."""

    def __init__(self, tenant: Tenant, batch: Batch, read: RowsRead) -> None:
        kept = keep_last(batch.kind, read.sent)
        self.tenant = tenant
        self.batch = batch
        self._sent = kept.sent
        self._rows = len(read.sent) + len({issue.row for issue in read.unread})
        self._unread = read.unread
        self._replaced = kept.warnings
        self._position = batch.position
        self._broken = 0
        self.inserted = 0
        self.changed = 0
        self._size = PART.get(batch.kind) or max(len(self._sent), 1)
        self._wider = 1

    async def turn(self, db: Database, now: Callable[[], Micros]) -> Turn:
        """Apply the next part; `inserted` says how many rows that made.

        A part that breaks is tried again in smaller ones, down to the record that breaks it, which fails alone. Raises
        Unavailable when the database is away or too busy, and whatever breaks many records one by one: try again.
        """
        part = self._sent[self._position : self._position + self._size * self._wider]
        try:
            done = await db.run(partial(self._apply, part=part, now=now))
        except Unavailable:
            raise
        except Exception as error:
            if not part or self._broken >= BROKEN_MAX:
                raise
            if len(part) > 1:
                self._size, self._wider = max(1, len(part) // SHRINK), 1
                return Turn.MORE
            self._broken += 1
            log.warning("a record broke", tenant=self.tenant, batch=str(self.batch.batch_id), why=repr(error))
            done = await db.run(partial(self._fail, part=part, error=error, now=now))
        self._position += len(part)
        self._wider = 1 if self.changed else WIDER
        return done

    async def _apply(self, tx: Tx, *, part: Sequence[Sent[Any]], now: Callable[[], Micros]) -> Turn:
        if not await store.lock_at(tx, self.tenant, self.batch.batch_id, self._position):
            return Turn.TAKEN
        began = now()
        await look_up_by_keys(tx)
        result = await apply_rows(tx, self.tenant, self.batch, part, began) if part else BatchResult(rows=0)
        await plan_as_usual(tx)
        return await self._save(tx, part, result, began)

    async def _fail(self, tx: Tx, *, part: Sequence[Sent[Any]], error: Exception, now: Callable[[], Micros]) -> Turn:
        if not await store.lock_at(tx, self.tenant, self.batch.batch_id, self._position):
            return Turn.TAKEN
        reason = error.detail if isinstance(error, Invalid) else "could not be written; the log of the worker says why"
        issues = tuple(RowIssue(row=sent.row, code=None, field="body", message=reason) for sent in part)
        return await self._save(tx, part, BatchResult(rows=len(part), failed=len(part), errors=issues), now())

    async def _save(self, tx: Tx, part: Sequence[Sent[Any]], result: BatchResult, now: Micros) -> Turn:
        """Note what the part came to, with what is to be said of the unread and replaced rows around it."""
        self.inserted, self.changed = result.inserted, result.inserted + result.updated + result.failed
        position = self._position + len(part)
        is_last = position >= len(self._sent)
        after = self._sent[self._position - 1].row if self._position else 0
        upto = sys.maxsize if is_last else part[-1].row
        unread = _between(self._unread, after, upto)
        progress = Progress(
            position=position,
            done=self._rows if is_last else upto,
            inserted=result.inserted,
            updated=result.updated,
            failed=result.failed + len({issue.row for issue in unread}),
        )
        errors = _by_row([*result.errors, *unread])
        warnings = _by_row([*result.warnings, *_between(self._replaced, after, upto)])
        tenant, batch_id = self.tenant, self.batch.batch_id
        await store.insert_issues(tx, tenant, batch_id, errors, is_error=True, most=ISSUES_MAX)
        await store.insert_issues(tx, tenant, batch_id, warnings, is_error=False, most=ISSUES_MAX)
        await store.save_progress(tx, tenant, batch_id, progress, now)
        if not is_last:
            return Turn.MORE
        await store.finish(tx, tenant, batch_id, rows=self._rows, now=now)
        return Turn.FINISHED


def open_batch(tenant: Tenant, batch: Batch, body: bytes, read: ReadRows) -> Processing:
    """The batch read and ready to be applied; of one that cannot be read at all that is said, in place of its rows."""
    try:
        rows = read(batch, body)
    except Invalid as error:
        issue = RowIssue(row=1, code=None, field="body", message=error.detail)
        rows = RowsRead(sent=(), unread=(issue,))
    return Processing(tenant, batch, rows)


def _between(issues: Sequence[RowIssue], after: int, upto: int) -> list[RowIssue]:
    return [issue for issue in issues if after < issue.row <= upto]


def _by_row(issues: Sequence[RowIssue]) -> list[RowIssue]:
    return sorted(issues, key=lambda issue: issue.row)
