"""Carriers' freight tables: in force and former, their rows; load a file, restore a version."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.errors import Invalid
from balcao.base.values import strip_document
from balcao.doors.console.headers import ADMINS
from balcao.doors.console.integrations.fields import HERE
from balcao.doors.console.pager import address_of, number_of
from balcao.doors.console.visit import View
from balcao.doors.v1.freight.files import read_bytes
from balcao.doors.v1.freight.shapes import show_clock
from balcao.freight.find import list_carriers, list_tables, list_versions, read_table
from balcao.freight.load_tables import LoadTables, load_tables
from balcao.freight.restore_table import RestoreTable, restore_table
from balcao.freight.rules.sheet import Head
from balcao.freight.rules.versions import STATES
from balcao.sellers.find import list_all_sellers

PATH: Final = f"{HERE}/tables"
ROWS_SHOWN: Final = 100
FILE_BYTES_MAX: Final = 64 * 1024 * 1024
NOTES_SHOWN: Final = 5


@get("/integrations/tables", opt=ADMINS)
async def show_tables(visit: View) -> Response[bytes]:
    """The carriers and their tables in force; with `carrier` that one's versions; the form to load a file."""
    carrier = visit.query.get("carrier")
    async with visit.db.read() as tx:
        carriers = await list_carriers(tx, visit.tenant)
        tables = await (
            list_versions(tx, visit.tenant, carrier) if carrier is not None else list_tables(tx, visit.tenant)
        )
        stores = await list_all_sellers(tx, visit.tenant)
    return visit.page(
        "integrations/tables.html",
        here=HERE,
        carrier=carrier,
        carriers=carriers,
        tables=tables,
        stores={seller.cnpj: seller for seller in stores},
        store_options=sorted((f"{seller.name} · {seller.cnpj}", seller.cnpj) for seller in stores),
        states=sorted(STATES),
    )


@get("/integrations/tables/{table_id:uuid}", opt=ADMINS)
async def show_table(visit: View, table_id: FromPath[UUID]) -> Response[bytes]:
    """A version and its rows."""
    number = number_of(visit.query.get("page"))
    after = min((number - 1) * ROWS_SHOWN, 2**31 - 1)
    async with visit.db.read() as tx:
        table, rows = await read_table(tx, visit.tenant, table_id, after=after, limit=ROWS_SHOWN)
        stores = {seller.cnpj: seller for seller in await list_all_sellers(tx, visit.tenant)}
    return visit.page(
        "integrations/table.html",
        here=HERE,
        table=table,
        rows=rows,
        stores=stores,
        clock=show_clock,
        number=number,
        has_more=after + ROWS_SHOWN < table.row_count,
        address=address_of(visit, f"{PATH}/{table_id}"),
    )


@post("/integrations/tables", opt=ADMINS, request_max_body_size=FILE_BYTES_MAX)
async def do_load(visit: View) -> Response[bytes]:
    """Load a file (CSV or XLSX) in place of the tables before, in one swap; nothing when any line is wrong."""
    file = (await visit.form()).get("file")
    if not isinstance(file, UploadFile):
        raise Invalid(errors={"file": ["CSV, XLSX"]})
    head = Head(
        carrier=await visit.field("carrier") or None,
        description=await visit.field("description") or None,
        seller_cnpj=strip_document(await visit.field("seller")) or None,
        origin_state=await visit.field("state"),
        source=(file.filename or "")[:200],
    )
    sheet, gaps = await read_bytes(await file.read(), head)
    cmd = LoadTables(tenant=visit.tenant, tables=tuple(sheet.tables), actor=visit.caller.client_id, is_checked=True)
    loaded = await visit.db.run(lambda tx: load_tables(tx, cmd, visit.now))
    await visit.house.networks.refresh(visit.tenant)
    rows = sum(table.row_count for table in loaded)
    said = visit.t("Em vigor:", "In force:") + f" {len(loaded)} × {rows}"
    notes = "; ".join(gap.message for gap in gaps[:NOTES_SHOWN])
    return visit.done(PATH, f"{said}. {notes}".strip())


@post("/integrations/tables/{table_id:uuid}/restore", opt=ADMINS)
async def do_restore(visit: View, table_id: FromPath[UUID]) -> Response[bytes]:
    """Put a former version in force again."""
    cmd = RestoreTable(tenant=visit.tenant, table_id=table_id, actor=visit.caller.client_id)
    await visit.db.run(lambda tx: restore_table(tx, cmd, visit.now))
    await visit.house.networks.refresh(visit.tenant)
    return visit.done(f"{PATH}/{table_id}", visit.t("Versão em vigor de novo.", "The version is in force again."))


routes: Sequence[HTTPRouteHandler] = (show_tables, show_table, do_load, do_restore)
