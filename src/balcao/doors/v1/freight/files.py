"""A carriers' spreadsheet as the body of a request: read aside, checked whole."""

import asyncio
import io
from typing import Any, Final, TypeVar

from litestar import Request
from litestar.datastructures import Headers

from balcao.base.errors import FieldErrors, Invalid
from balcao.base.sheets import read_sheet_file
from balcao.doors.v1.freight.shapes import TableAsked
from balcao.doors.wire.dto import WireDTO
from balcao.freight.rules.sheet import Head, LineError, Sheet, read_sheet
from balcao.freight.rules.table import check_tables, gaps_of
from balcao.freight.rules.versions import Gap, RowError

T = TypeVar("T")
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TableDTO(WireDTO[T]):
    """Reads the JSON form; a spreadsheet the handler reads itself."""

    def decode_bytes(self, value: bytes) -> Any:
        """The body of a request; raises `Invalid`."""
        if is_file(self.asgi_connection.headers):
            return TableAsked(reference="", rows=[])
        return super().decode_bytes(value)


def is_file(headers: Headers) -> bool:
    """Whether the body is a spreadsheet."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() in (CSV, XLSX)


async def read_file(request: Request[Any, Any, Any], head: Head) -> tuple[Sheet, list[Gap]]:
    """The file's tables, sound, and what they leave out. Raises Invalid, which names every wrong line.

    Read in a thread, so that the process goes on answering meanwhile; a million rows are better left to the command.
    """
    return await read_bytes(await request.body(), head)


async def read_bytes(body: bytes, head: Head) -> tuple[Sheet, list[Gap]]:
    """The same of a file's bytes."""
    return await asyncio.to_thread(_read, body, head)


def _read(body: bytes, head: Head) -> tuple[Sheet, list[Gap]]:
    opened = read_sheet_file(io.BytesIO(body), "The file")
    sheet = read_sheet(opened.header, opened.rows, head)
    errors = [*sheet.errors, *(_located(error, sheet) for error in check_tables(sheet.tables))]
    if errors:
        raise Invalid("Nothing was loaded: the file has wrong lines.", errors=_by_field(errors), code="invalid_tables")
    if not sheet.tables:
        raise Invalid("The file has no rows: nothing was loaded.", code="empty_file")
    return sheet, gaps_of(sheet.tables)


def _located(error: RowError, sheet: Sheet) -> LineError:
    lines = sheet.lines[error.table]
    other = "" if error.other is None else f" line {lines[error.other]}"
    return LineError(lines[error.row or 0], error.field, error.message + other)


def _by_field(errors: list[LineError]) -> FieldErrors:
    found: FieldErrors = {}
    for error in sorted(errors):
        found.setdefault(f"line {error.line}: {error.column}", []).append(error.message)
    return found
