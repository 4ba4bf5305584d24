"""Batches: which there are, how far they are, and what is to be said of their rows."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.paging import PageParameters, ask_page
from balcao.doors.console.headers import ADMINS
from balcao.doors.console.integrations.fields import HERE
from balcao.doors.console.pager import address_of, number_of
from balcao.doors.console.visit import View
from balcao.imports.report import get_batch, list_batches, report_batch
from balcao.imports.rules.model import BATCH_SORTS, BatchFilter, Kind, State

PATH: Final = f"{HERE}/batches"
PER_PAGE: Final = 40
ISSUES_SHOWN: Final = 100


@get("/integrations/batches", opt=ADMINS)
async def show_batches(visit: View) -> Response[bytes]:
    """The batches of the last 30 days, newest first, by kind and by how far they are."""
    kind, state = visit.query.get("kind", ""), visit.query.get("state", "")
    wanted = BatchFilter(
        kind=Kind(kind) if kind in tuple(Kind) else None, state=State(state) if state in tuple(State) else None
    )
    sent = PageParameters(page=number_of(visit.query.get("page")), per_page=PER_PAGE)
    ask = ask_page(sent, BATCH_SORTS, ascending=False)
    async with visit.db.read() as tx:
        page = await list_batches(tx, visit.tenant, wanted, ask)
    return visit.page(
        "integrations/batches.html",
        here=HERE,
        page=page,
        kinds=tuple(Kind),
        states=tuple(State),
        wanted=wanted,
        address=address_of(visit, PATH),
    )


@get("/integrations/batches/{batch_id:uuid}", opt=ADMINS)
async def show_batch(visit: View, batch_id: FromPath[UUID]) -> Response[bytes]:
    """A batch: its progress, live while it is applied, and the errors and warnings of its rows."""
    number = number_of(visit.query.get("page"))
    async with visit.db.read() as tx:
        batch = await get_batch(tx, visit.tenant, batch_id, seller_cnpj=None)
        skip = min((number - 1) * ISSUES_SHOWN, batch.rows * 2)
        report = await report_batch(tx, visit.tenant, batch, skip=skip, limit=ISSUES_SHOWN)
    most = max(report.errors.total, report.warnings.total)
    return visit.page(
        "integrations/batch.html",
        here=HERE,
        batch=batch,
        report=report,
        number=number,
        has_more=skip + ISSUES_SHOWN < most,
        address=address_of(visit, f"{PATH}/{batch_id}"),
    )


routes: Sequence[HTTPRouteHandler] = (show_batches, show_batch)
