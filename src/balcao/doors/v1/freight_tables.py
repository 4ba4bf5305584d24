"""Carriers' tables over HTTP: load one, list those in force, read one's rows."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import Response, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from balcao.base.db import Tx
from balcao.base.errors import Forbidden, NotFound
from balcao.base.values import strip_document
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.problems import problem_responses
from balcao.doors.v1.freight_rows import TableAsked, TableRows, Tables, TableShown, read_rates, show_rate, shown
from balcao.doors.wire import WireResponse
from balcao.freight.find import list_tables, read_table
from balcao.freight.load_tables import LoadTables, load_tables
from balcao.freight.rules.model import NewTable
from balcao.tenants.rules import Role

OFFICE = roles(Role.ERP, Role.ADMIN)
TAGS = ["freight"]
BODY_LIMIT_BYTES = 32 * 1024 * 1024
ROWS_SHOWN_MAX = 5000


@put(
    "/v1/freight-tables",
    opt=OFFICE,
    tags=TAGS,
    operation_id="loadFreightTable",
    request_max_body_size=BODY_LIMIT_BYTES,
    responses=problem_responses(401, 403, 409, 503),
)
async def put_table(door: Door, data: JSONBody[TableAsked]) -> Response[TableShown]:
    """Load a carrier's table in place of the one before, in one swap; nothing is loaded when any row is wrong.

    An empty `rows` says that the carrier does not serve there. A credential bound to a store loads only that store's.
    """
    cnpj = strip_document(data.seller_cnpj) if data.seller_cnpj else None
    if door.caller.seller_cnpj not in (None, cnpj):
        raise Forbidden("This credential may only load tables of its own store.", code="wrong_seller")
    table = NewTable(
        reference=data.reference.strip(), description=data.description, seller_cnpj=cnpj, rows=read_rates(data.rows)
    )
    cmd = LoadTables(tenant=door.tenant, tables=(table,), actor=door.caller.client_id)

    async def work(tx: Tx) -> WireResponse[TableShown]:
        [loaded] = await load_tables(tx, cmd, door.now)
        return WireResponse(TableShown(**shown(loaded)))

    return await door.write(work)


@get(
    "/v1/freight-tables",
    opt=OFFICE,
    tags=TAGS,
    operation_id="listFreightTables",
    responses=problem_responses(401, 403, 503),
)
async def get_tables(door: Door) -> Response[Tables]:
    """The tables in force; a credential bound to a store sees its own and those for every store."""
    async with door.db.read() as tx:
        tables = await list_tables(tx, door.tenant, seller_cnpj=door.caller.seller_cnpj)
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
    """A table in force with at most `limit` rows, those after the line `after`."""
    async with door.db.read() as tx:
        table, rows = await read_table(tx, door.tenant, table_id, after=after, limit=limit)
    if door.caller.seller_cnpj is not None and table.seller_cnpj not in (None, door.caller.seller_cnpj):
        raise NotFound("There is no freight table in force with this id.", code="freight_table_not_found")
    last = rows[-1][0] if rows else table.row_count
    rates = [show_rate(line, row) for line, row in rows]
    return WireResponse(TableRows(**shown(table), rows=rates, next=last if last < table.row_count else None))


routes: Sequence[HTTPRouteHandler] = (put_table, get_tables, get_table)
