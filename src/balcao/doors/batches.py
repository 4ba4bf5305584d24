"""Batches on the wire: a bare array in, kept as it came, and what became of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any, Final, Generic, NamedTuple, TypeVar, cast, get_args
from uuid import UUID

import msgspec
from litestar import Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.typing import FieldDefinition

from balcao.base.batch import RowIssue, Sent
from balcao.base.db import Tx
from balcao.base.errors import FieldErrors, Forbidden, Invalid, TooLarge
from balcao.base.stopping import STOPPING
from balcao.base.table import Table
from balcao.base.values import iso
from balcao.doors.door import Door
from balcao.doors.problems import problem_responses
from balcao.doors.wire import Instant, Rows, Wire, WireDTO, WireResponse, parse
from balcao.doors.wire.nodes import WHOLE
from balcao.imports.receive import ReceiveBatch, receive_batch
from balcao.imports.report import Report, report_batch, wait_finished
from balcao.imports.rules.model import Batch, How, Kind, RowsRead, State

W = TypeVar("W")

ROWS_MAX: Final = 50_000
BYTES_MAX: Final = 32 * 1024 * 1024
VALUES_MAX: Final = 2_000_000
"""Commas in a body: an array of more tiny values than any batch has would take hundreds of megabytes to be counted."""
ISSUES_SHOWN_MAX: Final = 1_000
BATCHES: Final = "/cp/management/catalog/batches"

Wait = Annotated[
    bool,
    QueryParameter(description="Answer 200 with what became of each row once the batch is applied, not a bare 204."),
]


class RowIssueBody(Wire, kw_only=True):
    """What is to be said about one row, counted from 1; `code` is its record's own where it could be read."""

    row: int
    code: str | None
    field: str
    message: str


class BatchLine(Wire, kw_only=True):
    """A batch: `received`, `processing` while parts of it are applied, or `finished`.

    Once it is finished, rows = inserted + updated + unchanged + failed. `done` says how many rows have been looked at.
    """

    id: UUID
    kind: str
    state: str
    received: Instant
    bytes: int
    rows: int
    done: int
    inserted: int
    updated: int
    unchanged: int
    failed: int
    started_at: Instant | None
    finished_at: Instant | None


class BatchBody(BatchLine, kw_only=True):
    """A batch with a page of its errors and of its warnings, in the order of the rows.

    `warnings` tell of rows that a later one for the same record replaced, and of counts older than those that are
    there: they count as unchanged.
    """

    error_count: int
    warning_count: int
    errors: list[RowIssueBody]
    warnings: list[RowIssueBody]


BATCH_RESPONSES: Final = problem_responses(401, 403, 409, 413, 503) | {
    202: ResponseSpec(
        data_container=BatchBody,
        generate_examples=False,
        description="Kept, with `?wait=true`, but not yet applied when the waiting ended: ask at `Location`.",
    ),
    204: ResponseSpec(
        data_container=None,
        generate_examples=False,
        description="Kept: it will be applied, once, whatever happens. `Location` (and `Batch-Id`) name its report.",
    ),
}
"""What a handler of a batch documents beside its summary."""


class RawRows(Generic[W]):
    """The body of a batch as it came, known to be a JSON array of so many rows.

    As a handler's annotation (`data: JSONBody[RawRows[PriceRow]]`) it is documented as an array of `PriceRow`.
    """

    def __init__(self, body: bytes, rows: int) -> None:
        self.body = body
        self.rows = rows


class BatchDTO(WireDTO[Any]):
    """Counts the rows of a batch and leaves them as they are; the worker reads them."""

    def decode_bytes(self, value: bytes) -> Any:
        """The body of a request; raises Invalid for what is no array, TooLarge beyond 50,000 rows."""
        body = value.removeprefix(b"\xef\xbb\xbf")
        return RawRows(body, count_rows(body))

    def decode_builtins(self, value: dict[str, Any]) -> Any:  # noqa: ARG002
        """A form is no batch."""
        raise Invalid("A JSON array is required.", code="malformed_body")

    @classmethod
    def create_for_field_definition(
        cls, field_definition: FieldDefinition, handler_id: str, backend_cls: type[Any] | None = None
    ) -> None:
        """Nothing to compile."""

    @classmethod
    def create_openapi_schema(cls, field_definition: FieldDefinition, handler_id: str, schema_creator: Any) -> Any:
        """An array of the rows."""
        (row,) = get_args(field_definition.annotation)
        rows = FieldDefinition.from_annotation(list[row])  # type: ignore[valid-type]
        return super().create_openapi_schema(rows, handler_id, schema_creator)


class OneOrMany(BatchDTO):
    """Reads a single object as an array of one."""

    def decode_bytes(self, value: bytes) -> Any:
        """The rows of the body."""
        return super().decode_bytes(b"[%b]" % value if value.lstrip().startswith(b"{") else value)


_skim = msgspec.json.Decoder(list[msgspec.Raw]).decode


def count_rows(body: bytes) -> int:
    """How many rows a batch has. Raises Invalid for what is no JSON array, TooLarge beyond 50,000 rows."""
    if len(body) > 2 * VALUES_MAX and body.count(b",") > VALUES_MAX:  # none takes less than a sign and its comma
        raise TooLarge(f"A batch holds at most {ROWS_MAX} rows and {VALUES_MAX} values; this one has more.")
    try:
        body.decode()
        rows = len(_skim(body))
    except (ValueError, RecursionError):
        rows = len(_explain(body))
    if rows > ROWS_MAX:
        raise TooLarge(f"A batch holds at most {ROWS_MAX} rows; this one has {rows}.", rows=rows)
    return rows


def _explain(body: bytes) -> list[Any]:
    """What is wrong with the body, said by whoever reads it whole."""
    rows = parse(body)
    if not isinstance(rows, list):
        raise Invalid(errors={WHOLE: ["must be an array"]})
    return rows


async def take_batch(
    door: Door, data: RawRows[W], kind: Kind, *, how: How | None = None, wait: bool
) -> Response[BatchBody]:
    """Keep the batch and answer 204; with `wait` 200 and the summary once it is applied, 202 when that takes long."""

    async def keep(tx: Tx) -> Response[BatchBody]:
        caller = door.caller
        cmd = ReceiveBatch(
            tenant=door.tenant,
            actor=caller.client_id,
            kind=kind,
            body=data.body,
            rows=data.rows,
            how=how or How(),
            seller_cnpj=caller.seller_cnpj,
        )
        batch_id = str(await receive_batch(tx, cmd, door.now))
        headers = {"Batch-Id": batch_id, "Location": door.url(f"{BATCHES}/{batch_id}")}
        return Response(cast("BatchBody", None), status_code=204, headers=headers)

    kept = await door.write(keep)
    return await _answer_applied(door, kept) if wait else kept


async def _answer_applied(door: Door, kept: Response[Any]) -> Response[BatchBody]:
    """Also for a batch that was sent before under the same Idempotency-Key."""
    headers = dict(kept.headers)
    batch_id = UUID(next(value for name, value in headers.items() if name.lower() == "batch-id"))
    timeout_s = door.settings.batch_wait_s
    batch = await wait_finished(door.db, door.tenant, batch_id, timeout_s=timeout_s, is_stopping=STOPPING.is_set)
    if batch is None:  # replayed, and its report is no longer kept
        return kept
    async with door.db.read() as tx:
        report = await report_batch(tx, door.tenant, batch, skip=0, limit=ISSUES_SHOWN_MAX)
    return WireResponse(show_report(report), status_code=200 if batch.state is State.FINISHED else 202, headers=headers)


def show_report(report: Report) -> BatchBody:
    """The batch with its errors and warnings."""
    line = show_batch(report.batch)
    return BatchBody(
        **{name: getattr(line, name) for name in line.__struct_fields__},
        error_count=report.errors.total,
        warning_count=report.warnings.total,
        errors=[_show_issue(issue) for issue in report.errors.issues],
        warnings=[_show_issue(issue) for issue in report.warnings.issues],
    )


def show_batch(batch: Batch) -> BatchLine:
    """The batch as it is listed."""
    return BatchLine(
        id=batch.batch_id,
        kind=batch.kind,
        state=batch.state,
        received=iso(batch.received_us),
        bytes=batch.bytes,
        rows=batch.rows,
        done=batch.done,
        inserted=batch.inserted,
        updated=batch.updated,
        unchanged=batch.unchanged,
        failed=batch.failed,
        started_at=None if batch.started_us is None else iso(batch.started_us),
        finished_at=None if batch.finished_us is None else iso(batch.finished_us),
    )


def _show_issue(issue: RowIssue) -> RowIssueBody:
    return RowIssueBody(row=issue.row, code=issue.code, field=issue.field, message=issue.message)


class Parts(NamedTuple):
    """How a row becomes several records, each with its place in the row."""

    of: Callable[[Any], Iterable[tuple[str, Any]]]


class InColumns(NamedTuple):
    """How all rows become the columns of their records, each row one."""

    record: Callable[..., msgspec.Struct]
    of: Callable[[Rows[Any]], Mapping[str, Sequence[Any]]]


Convert = Callable[[Any], Any] | Parts | InColumns
"""How a row becomes its record, or its records. Raises Invalid where a row cannot be one."""


def convert_rows(rows: Rows[Any], convert: Convert) -> RowsRead:
    """The records of the rows, and what is wrong with those that are none."""
    unread = [issue for index, errors in rows.bad.items() for issue in _issues(index + 1, errors)]
    if isinstance(convert, InColumns):
        numbers = [index + 1 for index in rows.indexes]
        return RowsRead(sent=Table(convert.record, numbers, convert.of(rows)), unread=unread)
    sent: list[Sent[Any]] = []
    if not isinstance(convert, Parts):
        with suppress(Invalid):  # hardly ever; then row by row
            sent = [Sent(index + 1, convert(row)) for index, row in rows.good]
            return RowsRead(sent=sent, unread=unread)
    for index, row in rows.good:
        try:
            if isinstance(convert, Parts):
                sent += [Sent(index + 1, record, part) for part, record in convert.of(row)]
            else:
                sent.append(Sent(index + 1, convert(row)))
        except Invalid as error:
            unread += _issues(index + 1, error.errors)
    return RowsRead(sent=sent, unread=unread)


def _issues(row: int, errors: FieldErrors | Mapping[str, Sequence[str]]) -> Iterator[RowIssue]:
    for field, messages in errors.items():
        for message in messages:
            yield RowIssue(row=row, code=None, field=field, message=message)


def refuse_bound(door: Door, what: str) -> None:
    """Raise Forbidden when the credential is bound to one store: `what` belongs to all of them."""
    if door.caller.seller_cnpj is not None:
        raise Forbidden(
            f"A credential bound to a store may not write {what}: they are every store's.", code="bound_credential"
        )
