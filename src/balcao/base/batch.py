"""What was sent as a batch, and what became of each of its rows. Pure.

Bad rows fail alone and the good ones go in (contract, section 6). Rows are counted from 1, in the order sent.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")

ANNOUNCED_MAX = 1_000
"""So many codes at most travel in a batch's event; readers that want them all ask the change feeds."""


class Sent(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """One record as it was sent: in which row, and (`part`) where in it when the row holds several: `children[0].`.

    A struct: a batch makes tens of thousands of these, and a named tuple takes five times as long to make.
    """

    row: int
    value: T
    part: str = ""


class RowIssue(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said about one row; `code` is its record's own, where it could be read."""

    row: int
    code: str | None
    field: str
    message: str


class TooManyChanges(Exception):
    """More rows would change than may at a time: nothing was written."""


class BatchResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the rows: each is inserted, updated, unchanged or failed.

    `warnings` tell of rows that a later row for the same record replaced: they count as unchanged.
    """

    rows: int
    inserted: int = 0
    updated: int = 0
    failed: int = 0
    errors: tuple[RowIssue, ...] = ()
    warnings: tuple[RowIssue, ...] = ()

    @property
    def unchanged(self) -> int:
        """Rows that were as they should be already."""
        return self.rows - self.inserted - self.updated - self.failed

    def with_unread(self, unread: Iterable[RowIssue]) -> "BatchResult":
        """The result of the whole batch when these further rows could not even be read."""
        issues = tuple(unread)
        rows = len({issue.row for issue in issues})
        errors = tuple(sorted((*self.errors, *issues), key=lambda issue: issue.row))
        return msgspec.structs.replace(self, rows=self.rows + rows, failed=self.failed + rows, errors=errors)


class Tally:
    """Collects what becomes of a batch's rows while a verb works on it."""

    def __init__(self) -> None:
        self._errors: list[RowIssue] = []
        self._warnings: list[RowIssue] = []
        self._failed: set[tuple[int, str]] = set()

    def fail(self, sent: Sent[Any], field: str, message: str, *, code: str | None = None) -> None:
        """This record does not go in, because of this field."""
        self._errors.append(RowIssue(row=sent.row, code=code, field=sent.part + field, message=message))
        self._failed.add((sent.row, sent.part))

    def keep_good(
        self, rows: Sequence[Sent[T]], check: Callable[[T], Iterable[tuple[str, str]]], code: Callable[[T], str]
    ) -> list[Sent[T]]:
        """The rows of which `check` has nothing to say; what it says of the others (field, message) is kept."""
        good: list[Sent[T]] = []
        for sent in rows:
            is_good = True
            for field, message in check(sent.value):
                is_good = False
                self.fail(sent, field, message, code=code(sent.value))
            if is_good:
                good.append(sent)
        return good

    def keep_last(
        self, rows: Sequence[Sent[T]], key: Callable[[T], Hashable], *, field: str, code: Callable[[T], str]
    ) -> list[Sent[T]]:
        """Of the rows for the same record the last one; each of the others is told which row replaced it."""
        rows = list(rows)  # columns make a row anew whenever it is asked for
        if len({key(sent.value) for sent in rows}) == len(rows):
            return rows
        last = {key(sent.value): sent for sent in rows}
        for sent in rows:
            by = last[key(sent.value)]
            if by is not sent:
                self.warn(sent, field, f"replaced by row {by.row}", code=code(sent.value))
        return list(last.values())

    def warn(self, sent: Sent[Any], field: str, message: str, *, code: str) -> None:
        """This record counts as unchanged, and this is why."""
        self._warnings.append(RowIssue(row=sent.row, code=code, field=sent.part + field, message=message))

    def result(self, rows: int, *, inserted: int = 0, updated: int = 0) -> BatchResult:
        """The result, once it is known how many rows changed something."""
        return BatchResult(
            rows=rows,
            inserted=inserted,
            updated=updated,
            failed=len(self._failed),
            errors=tuple(sorted(self._errors, key=lambda issue: issue.row)),
            warnings=tuple(sorted(self._warnings, key=lambda issue: issue.row)),
        )


def announcement(codes: Iterable[str], *, inserted: int, updated: int) -> dict[str, Any]:
    """An event's data for a batch that changed the records with these codes."""
    distinct = list(dict.fromkeys(codes))
    return {
        "inserted": inserted,
        "updated": updated,
        "codes": distinct[:ANNOUNCED_MAX],
        "codesTruncated": len(distinct) > ANNOUNCED_MAX,
    }
