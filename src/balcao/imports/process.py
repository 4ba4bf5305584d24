"""Process a batch: apply its records part by part, each part and its place in one transaction.

A process that dies at any point leaves the batch where its last commit was; whoever goes on begins there, so that every
record is applied once. Parts are small enough that orders, which wait for the tenant's clock too, hardly notice.
"""

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum, auto
from functools import partial
from typing import Any, Final

import structlog

from balcao.base.batch import BatchResult, RowIssue, Sent, TooManyChanges
from balcao.base.db import Database, Tx
from balcao.base.errors import Invalid, Unavailable
from balcao.base.plans import look_up_by_keys, plan_as_usual
from balcao.base.table import Table
from balcao.base.values import Micros, Tenant
from balcao.catalog.find_standing import find_standing
from balcao.imports import store
from balcao.imports.apply import apply_rows
from balcao.imports.rules.last import Kept, keep_last
from balcao.imports.rules.model import ISSUES_MAX, STANDING, Batch, Kind, Progress, RowsRead, Skimmed

PART: Final[Mapping[Kind, int]] = {Kind.PRODUCTS: 1_000, Kind.SKUS: 4_000, Kind.PRICES: 7_500, Kind.STOCKS: 7_500}
"""Records in one transaction, some hundred milliseconds' worth. Categories and stores are applied whole: parents and
points of sale may be passed on from any row to any other."""
WIDER: Final = 2
"""A part after one that changed nothing is so many times as large: that one kept nobody from the tenant's clock."""
WHOLE: Final = frozenset({Kind.PRICES, Kind.STOCKS})
"""Of these kinds all that is left is compared then, since their verbs say when too much of it would change; after that
no more of them than of the others."""
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
        kept = Kept(read.sent, ()) if read.are_distinct else keep_last(batch.kind, read.sent)
        self.tenant = tenant
        self.batch = batch
        self._sent = kept.sent
        self._rows = len(read.sent) + len({issue.row for issue in read.unread})
        self._unread = read.unread
        self._replaced = kept.warnings
        self._position = batch.position
        self._broken = 0
        self.inserted = 0
        self._size = PART.get(batch.kind) or max(len(self._sent), 1)
        self._widest = len(self._sent) if batch.kind in WHOLE else self._size * WIDER
        self._changed = True

    async def turn(self, db: Database, now: Callable[[], Micros]) -> Turn:
        """Apply the next part; `inserted` says how many rows that made.

        A part that breaks is tried again in smaller ones, down to the record that breaks it, which fails alone. Raises
        Unavailable when the database is away or too busy, and whatever breaks many records one by one: try again.
        """
        part = self._next()
        rows = _to_apply(part)
        try:
            done = await db.run(partial(self._apply, part=part, now=now))
        except TooManyChanges:
            self._changed, self._widest = True, self._size * WIDER
            return Turn.MORE
        except Unavailable:
            raise
        except Exception as error:
            if not rows or self._broken >= BROKEN_MAX:
                raise
            if len(rows) > 1:
                self._size, self._changed = max(1, len(rows) // SHRINK), True
                return Turn.MORE
            self._broken += 1
            log.warning("a record broke", tenant=self.tenant, batch=str(self.batch.batch_id), why=repr(error))
            done = await db.run(partial(self._fail, part=part, error=error, now=now))
        self._position += len(part)
        return done

    def _next(self) -> Sequence[Sent[Any]]:
        """The next part: so many records as may be applied at a time, and all that stand around them."""
        most = self._size if self._changed else self._widest
        rest = self._sent[self._position :]
        if self.batch.kind is not Kind.PRODUCTS:
            return rest[:most]
        to_apply = [n for n, sent in enumerate(rest) if sent.value is not STANDING]
        return rest[: to_apply[most]] if len(to_apply) > most else rest

    async def _apply(self, tx: Tx, *, part: Sequence[Sent[Any]], now: Callable[[], Micros]) -> Turn:
        if not await store.lock_at(tx, self.tenant, self.batch.batch_id, self._position):
            return Turn.TAKEN
        began = now()
        await look_up_by_keys(tx)
        result, rows = BatchResult(rows=0), _to_apply(part)
        if rows:
            changes_max = self._size if len(rows) > self._size else None
            result = await apply_rows(tx, self.tenant, self.batch, rows, began, changes_max=changes_max)
        await plan_as_usual(tx)
        return await self._save(tx, part, result, began)

    async def _fail(self, tx: Tx, *, part: Sequence[Sent[Any]], error: Exception, now: Callable[[], Micros]) -> Turn:
        if not await store.lock_at(tx, self.tenant, self.batch.batch_id, self._position):
            return Turn.TAKEN
        reason = error.detail if isinstance(error, Invalid) else "could not be written; the log of the worker says why"
        issues = tuple(RowIssue(row=sent.row, code=None, field="body", message=reason) for sent in _to_apply(part))
        result = BatchResult(rows=len(issues), failed=len(issues), errors=issues)
        return await self._save(tx, part, result, now())

    async def _save(self, tx: Tx, part: Sequence[Sent[Any]], result: BatchResult, now: Micros) -> Turn:
        """Note what the part came to, with what is to be said of the unread and replaced rows around it."""
        self.inserted = result.inserted
        self._changed = bool(result.inserted or result.updated or result.failed)
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


async def find_standing_rows(tx: Tx, tenant: Tenant, skimmed: Skimmed | None) -> Collection[int]:
    """Which of the rows (from 0) say what is there already, as far as that is known without reading them.

    They are applied hereby: whoever changes one of these records from now on comes after the batch.
    """
    return await find_standing(tx, tenant, skimmed.codes, skimmed.digests) if skimmed is not None else ()


def open_batch(tenant: Tenant, batch: Batch, body: bytes, read: Callable[[Batch, bytes], RowsRead]) -> Processing:
    """The batch read and ready to be applied; of one that cannot be read at all that is said, in place of its rows."""
    try:
        rows = read(batch, body)
    except Invalid as error:
        issue = RowIssue(row=1, code=None, field="body", message=error.detail)
        rows = RowsRead(sent=(), unread=(issue,))
    return Processing(tenant, batch, rows)


def _to_apply(part: Sequence[Sent[Any]]) -> Sequence[Sent[Any]]:
    return part if isinstance(part, Table) else [sent for sent in part if sent.value is not STANDING]


def _between(issues: Sequence[RowIssue], after: int, upto: int) -> list[RowIssue]:
    return [issue for issue in issues if after < issue.row <= upto]


def _by_row(issues: Sequence[RowIssue]) -> list[RowIssue]:
    return sorted(issues, key=lambda issue: issue.row)
