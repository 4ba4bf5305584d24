"""Batches on the wire: a bare array in, row by row, and what became of it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Final, TypeVar, cast

from litestar import Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from balcao.base.batch import BatchResult, RowIssue, Sent
from balcao.base.db import Tx
from balcao.base.errors import FieldErrors, Forbidden, Invalid, TooLarge
from balcao.doors.door import Door
from balcao.doors.problems import problem_responses
from balcao.doors.wire import Rows, Wire, WireDTO, WireResponse

W = TypeVar("W")
D = TypeVar("D")

ROWS_MAX: Final = 50_000
BYTES_MAX: Final = 32 * 1024 * 1024
ISSUES_SHOWN_MAX: Final = 1_000

Wait = Annotated[
    bool, QueryParameter(description="Answer 200 with what became of each row in the place of a bare 204.")
]


BATCH_RESPONSES: Final = problem_responses(401, 403, 409, 413, 503) | {
    204: ResponseSpec(
        data_container=None,
        generate_examples=False,
        description="The good rows are in. `Batch-Rows` says how many came, `Batch-Failed` how many did not go in.",
    )
}
"""What a handler of a batch documents beside its summary."""


class RowIssueBody(Wire, kw_only=True):
    """What is to be said about one row, counted from 1; `code` is its record's own where it could be read."""

    row: int
    code: str | None
    field: str
    message: str


class BatchBody(Wire, kw_only=True):
    """What became of a batch: rows = inserted + updated + unchanged + failed.

    `warnings` tell of rows that a later one for the same record replaced; they count as unchanged. Of `errors` and
    `warnings` the first 1,000 are told.
    """

    state: str
    rows: int
    done: int
    inserted: int
    updated: int
    unchanged: int
    failed: int
    errors: list[RowIssueBody]
    warnings: list[RowIssueBody]


class OneOrMany(WireDTO[Any]):
    """Reads a single object as an array of one."""

    def decode_bytes(self, value: bytes) -> Any:
        """The rows of the body."""
        return super().decode_bytes(b"[%b]" % value if value.lstrip().startswith(b"{") else value)


async def answer_batch(
    door: Door,
    rows: Rows[W],
    convert: Callable[[W], Iterable[tuple[str, D]]],
    write: Callable[[Tx, list[Sent[D]]], Awaitable[BatchResult]],
    *,
    wait: bool,
) -> Response[BatchBody]:
    """Apply the good rows in one transaction and answer 204, or with `wait` 200 and the summary.

    `convert` gives the records of a row, each with its place in it (`whole` where the row is one record); it raises
    Invalid where the row cannot be one. Raises TooLarge beyond 50,000 rows.
    """
    if rows.total > ROWS_MAX:
        raise TooLarge(f"A batch holds at most {ROWS_MAX} rows; this one has {rows.total}.", rows=rows.total)
    sent, unread = _convert(rows, convert)

    async def work(tx: Tx) -> Response[BatchBody]:
        result = (await write(tx, sent)).with_unread(unread)
        headers = {"Batch-Rows": str(result.rows), "Batch-Failed": str(result.failed)}
        if wait:
            return WireResponse(_show(result), status_code=200, headers=headers)
        return Response(cast("BatchBody", None), status_code=204, headers=headers)

    return await door.write(work)


def whole(convert: Callable[[W], D]) -> Callable[[W], Iterable[tuple[str, D]]]:
    """A `convert` for rows that are one record each."""
    return lambda row: [("", convert(row))]


def _convert(rows: Rows[W], convert: Callable[[W], Iterable[tuple[str, D]]]) -> tuple[list[Sent[D]], list[RowIssue]]:
    unread = [issue for index, errors in rows.bad.items() for issue in _issues(index + 1, errors)]
    sent: list[Sent[D]] = []
    for index, row in rows.good:
        try:
            sent += [Sent(index + 1, record, part) for part, record in convert(row)]
        except Invalid as error:
            unread += _issues(index + 1, error.errors)
    return sent, unread


def _issues(row: int, errors: FieldErrors | Mapping[str, list[str]]) -> Iterator[RowIssue]:
    for field, messages in errors.items():
        for message in messages:
            yield RowIssue(row=row, code=None, field=field, message=message)


def _show(result: BatchResult) -> BatchBody:
    return BatchBody(
        state="finished",
        rows=result.rows,
        done=result.rows,
        inserted=result.inserted,
        updated=result.updated,
        unchanged=result.unchanged,
        failed=result.failed,
        errors=[_show_issue(issue) for issue in result.errors[:ISSUES_SHOWN_MAX]],
        warnings=[_show_issue(issue) for issue in result.warnings[:ISSUES_SHOWN_MAX]],
    )


def _show_issue(issue: RowIssue) -> RowIssueBody:
    return RowIssueBody(row=issue.row, code=issue.code, field=issue.field, message=issue.message)


def refuse_bound(door: Door, what: str) -> None:
    """Raise Forbidden when the credential is bound to one store: `what` belongs to all of them."""
    if door.caller.seller_cnpj is not None:
        raise Forbidden(
            f"A credential bound to a store may not write {what}: they are every store's.", code="bound_credential"
        )
