"""The list as a file: CSV for a spreadsheet, written as it is read."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from balcao.base.paging import PER_PAGE_MAX, Page, PageAsk, PageParameters, ask_page
from balcao.base.values import iso
from balcao.doors.console.headers import SECURITY, STAFF
from balcao.doors.console.orders.filters import Filters, narrow
from balcao.doors.console.visit import View, Visit
from balcao.orders.find import list_orders
from balcao.orders.rules.listing import CREATED, OrderFilter, OrderLine
from balcao.orders.rules.status import wire_name
from balcao.tenants.rules import Caller

HEADS: Final = (
    "id",
    "externalId",
    "friendlyCode",
    "sellerOrderId",
    "channel",
    "seller",
    "status",
    "createDate",
    "lastUpdate",
    "totalAmount",
    "freight",
    "isDelivery",
    "invoiceKey",
    "trackingCode",
)
LINES_MAX: Final = 50_000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@get("/orders.csv", opt=STAFF)
async def export_orders(visit: View) -> Stream:
    """The orders that the list's address asks for, as CSV; buyers are not in it."""
    filters = Filters.of(visit.request.query_params.multi_items())
    caller, wanted = narrow(visit.caller, filters.seller), filters.wanted()
    first = await _part(visit, caller, wanted, _ask(filters, None))
    headers = SECURITY | {
        "Content-Disposition": 'attachment; filename="orders.csv"',
        "Cache-Control": "no-store",
    }
    return Stream(_lines(visit, caller, filters, first), media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(visit: Visit, caller: Caller, filters: Filters, page: Page[OrderLine]) -> AsyncIterator[bytes]:
    yield b"\xef\xbb\xbf" + _written([HEADS])
    written = 0
    while page.rows and written < LINES_MAX:
        yield _written([_row(line) for line in page.rows])
        written += len(page.rows)
        if page.next is None:
            return
        page = await _part(visit, caller, filters.wanted(), _ask(filters, page.next))


async def _part(visit: Visit, caller: Caller, wanted: OrderFilter, ask: PageAsk) -> Page[OrderLine]:
    async with visit.db.read() as tx:
        return await list_orders(tx, caller, wanted, ask)


def _ask(filters: Filters, cursor: str | None) -> PageAsk:
    scope = ("console-export", msgspec.structs.replace(filters, cursor=""))
    sent = PageParameters(per_page=PER_PAGE_MAX, cursor=cursor)
    return ask_page(sent, (CREATED,), ascending=False, scope=scope)


def _row(line: OrderLine) -> list[str]:
    values = (
        line.order_id,
        line.external_id,
        line.friendly_code,
        line.seller_order_id or "",
        line.channel,
        line.seller_cnpj,
        wire_name(line.status),
        iso(line.create_us),
        iso(line.last_update_us),
        line.total_amount,
        line.freight_reference,
        "true" if line.is_delivery else "false",
        line.invoice_key or "",
        line.tracking_code or "",
    )
    return [_plain(str(value)) for value in values]


def _plain(text: str) -> str:
    """No spreadsheet takes it for a formula: those begin with one of these signs (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


routes: Sequence[HTTPRouteHandler] = (export_orders,)
