"""Carriers' tables over HTTP: load, list, read, restore."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from balcao.base.db import Tx
from balcao.base.errors import Forbidden, NotFound
from balcao.base.values import strip_document
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.problems import problem_responses
from balcao.doors.v1.freight.files import TableDTO, is_file, read_file
from balcao.doors.v1.freight.shapes import (
    LoadedTable,
    LoadedTables,
    TableAsked,
    TableRows,
    Tables,
    TableShown,
    read_rates,
    show_rate,
    shown,
)
from balcao.doors.wire import WireResponse
from balcao.freight.find import list_tables, list_versions, read_table
from balcao.freight.load_tables import LoadTables, load_tables
from balcao.freight.restore_table import RestoreTable, restore_table
from balcao.freight.rules.rates import widen
from balcao.freight.rules.sheet import Head
from balcao.freight.rules.table import gaps_of
from balcao.freight.rules.versions import Gap, NewTable
from balcao.tenants.rules import Role

OFFICE = roles(Role.ERP, Role.ADMIN)
TAGS = ["freight"]
BODY_LIMIT_BYTES = 128 * 1024 * 1024
"""A million rows of a CSV file are some seventy megabytes."""
ROWS_SHOWN_MAX = 5000


async def read_head(
    *,
    carrier: Annotated[str | None, QueryParameter(description="Of a file: for rows that name no carrier.")] = None,
    description: Annotated[str | None, QueryParameter(description="Of a file: what shoppers read.")] = None,
    seller: Annotated[str | None, QueryParameter(name="sellerCnpj", description="Of a file: the origin store.")] = None,
    origin: Annotated[
        str | None, QueryParameter(name="originState", description="Of a file: the origin state.")
    ] = None,
) -> Head:
    """What holds for a file's rows that do not say otherwise."""
    return Head(
        carrier=carrier,
        description=description,
        seller_cnpj=strip_document(seller or "") or None,
        origin_state=(origin or "").strip().upper(),
    )


@put(
    "/v1/freight-tables",
    opt=OFFICE,
    tags=TAGS,
    operation_id="loadFreightTable",
    dto=TableDTO,
    dependencies={"head": Provide(read_head)},
    request_max_body_size=BODY_LIMIT_BYTES,
    responses=problem_responses(401, 403, 409, 503),
)
async def put_table(
    door: Door, request: Request[Any, Any, Any], head: NamedDependency[Head], data: JSONBody[TableAsked]
) -> Response[LoadedTable | LoadedTables]:
    """Load a carrier's table in place of the one before, in one swap; nothing is loaded when any row is wrong.

    An empty `rows` says that the carrier does not serve there. Instead of JSON the body may be a spreadsheet (CSV as
    `text/csv`, or XLSX), in our columns or VTEX's, with several tables; the answer lists them then. A credential bound
    to a store loads only that store's.
    """
    if is_file(request.headers):
        sheet, gaps = await read_file(request, head)
        tables = sheet.tables
    else:
        tables = [_asked(data)]
        gaps = gaps_of(tables)
    bound = door.caller.seller_cnpj
    if bound is not None and any(table.seller_cnpj != bound for table in tables):
        raise Forbidden("This credential may only load tables of its own store.", code="wrong_seller")
    checked = is_file(request.headers)
    cmd = LoadTables(tenant=door.tenant, tables=tuple(tables), actor=door.caller.client_id, is_checked=checked)

    async def work(tx: Tx) -> WireResponse[LoadedTable | LoadedTables]:
        loaded = await load_tables(tx, cmd, door.now)
        if not checked:
            return WireResponse(LoadedTable(**shown(loaded[0]), notes=_notes(gaps)))
        rows = sum(table.row_count for table in loaded)
        some = [TableShown(**shown(table)) for table in loaded]
        return WireResponse(LoadedTables(tables=some, rows=rows, notes=_notes(gaps)))

    answer = await door.write(work)
    await door.house.networks.refresh(door.tenant)
    return answer


@get(
    "/v1/freight-tables",
    opt=OFFICE,
    tags=TAGS,
    operation_id="listFreightTables",
    responses=problem_responses(401, 403, 503),
)
async def get_tables(
    door: Door,
    versions_of: Annotated[
        str | None, QueryParameter(name="versionsOf", description="A carrier: its versions, former ones too.")
    ] = None,
) -> Response[Tables]:
    """The tables in force, or a carrier's hundred newest versions, newest first.

    A credential bound to a store sees its own and those for more than one store.
    """
    bound = door.caller.seller_cnpj
    async with door.db.read() as tx:
        if versions_of is None:
            tables = await list_tables(tx, door.tenant, seller_cnpj=bound)
        else:
            tables = await list_versions(tx, door.tenant, versions_of, seller_cnpj=bound)
    return WireResponse(Tables(tables=[TableShown(**shown(table)) for table in tables]))


@get(
    "/v1/freight-tables/{table_id:uuid}",
    opt=OFFICE,
    tags=TAGS,
    operation_id="readFreightTable",
    responses=problem_responses(401, 403, 404, 503),
)
async def get_table(
    door: Door,
    table_id: FromPath[UUID],
    after: Annotated[int, QueryParameter(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=ROWS_SHOWN_MAX)] = 1000,
) -> Response[TableRows]:
    """A version, in force or former, with at most `limit` rows, those after the line `after`."""
    async with door.db.read() as tx:
        table, rows = await read_table(tx, door.tenant, table_id, after=after, limit=limit)
    if door.caller.seller_cnpj is not None and table.seller_cnpj not in (None, door.caller.seller_cnpj):
        raise NotFound("There is no version of a freight table with this id.", code="freight_table_not_found")
    last = rows[-1][0] if rows else table.row_count
    rates = [show_rate(line, row) for line, row in rows]
    return WireResponse(TableRows(**shown(table), rows=rates, next=last if last < table.row_count else None))


@post(
    "/v1/freight-tables/{table_id:uuid}/restore",
    opt=OFFICE,
    tags=TAGS,
    operation_id="restoreFreightTable",
    status_code=200,
    responses=problem_responses(401, 403, 404, 409, 503),
)
async def post_restore(door: Door, table_id: FromPath[UUID]) -> Response[TableShown]:
    """Put a former version in force again, in place of its carrier's table for that origin."""
    cmd = RestoreTable(
        tenant=door.tenant, table_id=table_id, actor=door.caller.client_id, seller_cnpj=door.caller.seller_cnpj
    )

    async def work(tx: Tx) -> WireResponse[TableShown]:
        return WireResponse(TableShown(**shown(await restore_table(tx, cmd, door.now))))

    answer = await door.write(work)
    await door.house.networks.refresh(door.tenant)
    return answer


def _asked(data: TableAsked) -> NewTable:
    return NewTable(
        reference=data.reference.strip(),
        description=data.description,
        seller_cnpj=strip_document(data.seller_cnpj) if data.seller_cnpj else None,
        origin_state=(data.origin_state or "").strip().upper(),
        rows=widen(read_rates(data.rows)),
    )


def _notes(gaps: Sequence[Gap]) -> list[str]:
    return [f"rows[{gap.row}]: {gap.message}" for gap in gaps]


routes: Sequence[HTTPRouteHandler] = (put_table, get_tables, get_table, post_restore)
