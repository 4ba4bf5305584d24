"""What became of batches, over HTTP: a list, one with its errors, its errors as a file."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from typing import Annotated, Final, TypeVar
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from balcao.base.batch import RowIssue
from balcao.base.errors import Invalid, NotFound
from balcao.base.paging import PAGE_MAX, PageParameters, ask_page
from balcao.doors.batches import ISSUES_SHOWN_MAX, BatchBody, BatchLine, show_batch, show_report
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.paging import PAGING, Envelope, enveloped
from balcao.doors.problems import problem_responses
from balcao.doors.wire import WireResponse
from balcao.imports.report import every_issue, get_batch, list_batches, report_batch
from balcao.imports.rules.model import BATCH_SORTS, BatchFilter, Kind, State
from balcao.sellers.rules.match import read_id
from balcao.tenants.rules import Role

C = TypeVar("C", bound=StrEnum)

READERS = roles(Role.ERP, Role.OPERATOR, Role.ADMIN)
TAGS = ["batches"]
CSV_TYPE: Final = "text/csv"
HEADS: Final = ("row", "severity", "code", "field", "message")
PER_PAGE: Final = 200


class BatchPage(Envelope, kw_only=True):
    """One page of batches, the last received first."""

    batches: list[BatchLine]


@get(
    "/management/catalog/batches",
    opt=READERS,
    tags=TAGS,
    operation_id="listBatches",
    responses=problem_responses(401, 403, 503),
    dependencies={"paging": PAGING},
)
async def read_batches(
    door: Door,
    paging: NamedDependency[PageParameters],
    kind: Annotated[str | None, QueryParameter(description=", ".join(Kind))] = None,
    in_state: Annotated[str | None, QueryParameter(name="state", description=", ".join(State))] = None,
) -> WireResponse[BatchPage]:
    """The batches of the last 30 days, the last received first.

    A credential that is bound to a store sees those of credentials bound to it.
    """
    wanted = BatchFilter(
        kind=_choice(Kind, kind, "kind"),
        state=_choice(State, in_state, "state"),
        seller_cnpj=door.caller.seller_cnpj,
    )
    scope = ("batches", wanted.kind, wanted.state, wanted.seller_cnpj)
    ask = ask_page(paging, BATCH_SORTS, ascending=False, scope=scope)
    async with door.db.read() as tx:
        page = await list_batches(tx, door.tenant, wanted, ask)
    return WireResponse(BatchPage(**enveloped(page), batches=[show_batch(batch) for batch in page.rows]))


@get(
    "/management/catalog/batches/{batch_id:str}",
    opt=READERS,
    tags=TAGS,
    operation_id="getBatch",
    responses=problem_responses(401, 403, 404, 503),
)
async def read_batch(
    door: Door,
    batch_id: FromPath[str],
    page: Annotated[int, QueryParameter(description="Of the errors and of the warnings alike, from 1.")] = 1,
    per_page: Annotated[int, QueryParameter(name="perPage", description="At most 1,000.")] = PER_PAGE,
) -> WireResponse[BatchBody]:
    """What became of a batch, with a page of its errors and of its warnings. Kept for 30 days."""
    errors = {name: ["must be 1 or more"] for name, n in (("page", page), ("perPage", per_page)) if n < 1}
    if errors or page > PAGE_MAX:
        raise Invalid(errors=errors or {"page": ["is too large"]})
    limit = min(per_page, ISSUES_SHOWN_MAX)
    async with door.db.read() as tx:
        batch = await get_batch(tx, door.tenant, _read_id(batch_id), seller_cnpj=door.caller.seller_cnpj)
        report = await report_batch(tx, door.tenant, batch, skip=min((page - 1) * limit, 2**31 - 1), limit=limit)
    return WireResponse(show_report(report))


@get(
    "/management/catalog/batches/{batch_id:str}/errors.csv",
    opt=READERS,
    tags=TAGS,
    operation_id="getBatchErrors",
    media_type=CSV_TYPE,
    responses={
        200: ResponseSpec(data_container=str, generate_examples=False, media_type="text/csv", description="The file.")
    }
    | problem_responses(401, 403, 404, 503),
)
async def read_errors(door: Door, batch_id: FromPath[str]) -> Stream:
    """Every error and warning of a batch as CSV: row, severity (error or warning), code, field, message."""
    async with door.db.read() as tx:
        batch = await get_batch(tx, door.tenant, _read_id(batch_id), seller_cnpj=door.caller.seller_cnpj)
    disposition = f'attachment; filename="batch-{batch.batch_id}.csv"'
    return Stream(_csv_lines(door, batch.batch_id), media_type=CSV_TYPE, headers={"Content-Disposition": disposition})


async def _csv_lines(door: Door, batch_id: UUID) -> AsyncIterator[str]:
    yield _as_csv([HEADS])
    async for is_error, issues in every_issue(door.db, door.tenant, batch_id):
        severity = "error" if is_error else "warning"
        yield _as_csv([_cells(issue, severity) for issue in issues])


def _cells(issue: RowIssue, severity: str) -> tuple[object, ...]:
    return issue.row, severity, issue.code or "", issue.field, issue.message


def _as_csv(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _read_id(text: str) -> UUID:
    batch_id = read_id(text)
    if batch_id is None:
        raise NotFound(f"There is no batch {text}.", code="batch_not_found")
    return batch_id


def _choice(kind: type[C], text: str | None, parameter: str) -> C | None:
    if text is None:
        return None
    try:
        return kind(text.strip().lower())
    except ValueError:
        raise Invalid(errors={parameter: [f"must be one of {', '.join(kind)}"]}) from None


routes: Sequence[HTTPRouteHandler] = (read_batches, read_batch, read_errors)
