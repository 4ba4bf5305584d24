"""Spreadsheets as they come: typed cells, damaged files, files that unfold without end."""

import io
import zipfile
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from openpyxl import Workbook

from balcao.base.errors import Invalid
from balcao.base.sheets import Sheet, read_sheet_file

ROWS: list[list[Any]] = [
    ["name", "whole", "number", "yes", "clock", "lasts", "day", "text"],
    ["  a ", 1, 12.9, True, time(14, 0), timedelta(days=3), datetime.fromisoformat("2026-01-02"), "01001000"],
    [None, 2.0, -0.5, False, None, timedelta(hours=36), datetime.fromisoformat("2026-01-02T03:04"), "=1+1"],
]


def as_xlsx(rows: list[list[Any]], *, first_row: int = 1, first_column: int = 1) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row, cells in enumerate(rows, first_row):
        for column, cell in enumerate(cells, first_column):
            sheet.cell(row, column, cell)
    book.create_sheet("second").append(["never", "read"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def unfolding(rows: list[list[Any]]) -> bytes:
    """A file with these rows, and one cell more in the last column of the last row that there can be."""
    parts = dict(_parts(as_xlsx(rows)))
    sheet = parts["xl/worksheets/sheet1.xml"]
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", far)
    return as_zip(parts)


def opened(body: bytes) -> Sheet:
    return read_sheet_file(io.BytesIO(body), "rates.xlsx")


def refused(body: bytes) -> str:
    with pytest.raises(Invalid) as refusal:
        list(opened(body).rows)
    assert refusal.value.code == "unreadable_file"
    return refusal.value.detail


def test_cells_keep_what_they_are() -> None:
    sheet = opened(as_xlsx(ROWS))
    assert (sheet.header, sheet.about) == (ROWS[0], 3)
    rows = list(sheet.rows)
    assert rows == [(2, ROWS[1]), (3, [*ROWS[2][:-1], None])]
    assert [type(cell) for cell in rows[0][1]] == [str, int, float, bool, time, timedelta, datetime, str]


def test_the_same_from_a_file_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_bytes(as_xlsx(ROWS))
    with path.open("rb") as file:
        assert [line for line, _ in read_sheet_file(file, path.name).rows] == [2, 3]


def test_lines_count_from_the_sheets_first_even_where_that_is_empty() -> None:
    sheet = opened(as_xlsx([["a", "b"], [1, 2]], first_row=4, first_column=3))
    [row] = list(sheet.rows)
    assert (row[0], [cell for cell in row[1] if cell is not None]) == (5, [1, 2])
    assert [cell for cell in sheet.header if cell is not None] == ["a", "b"]


def test_many_rows_come_in_their_order() -> None:
    rows = [[n, f"text {n}"] for n in range(1234)]
    sheet = opened(as_xlsx(rows))
    assert sheet.about == 1234
    assert list(sheet.rows) == [(n + 1, row) for n, row in enumerate(rows) if n]


def test_an_empty_sheet() -> None:
    with pytest.raises(Invalid) as refusal:
        opened(as_xlsx([]))
    assert refusal.value.code == "empty_file"


def test_damaged_files() -> None:
    whole = as_xlsx(ROWS)
    for body in (b"PK\x03\x04" + b"a" * 400, whole[: len(whole) // 2], whole[:-40], as_zip({"x": b"y"})):
        assert refused(body).startswith("rates.xlsx is no XLSX file that can be read: ")


def test_a_file_of_a_few_kilobytes_that_unfolds_to_what_no_machine_holds() -> None:
    assert "unfold to more than fits into memory" in refused(unfolding(ROWS))


def test_who_stops_reading_leaves_no_process_behind() -> None:
    sheet = opened(
        as_xlsx([[f"{n:0200d}"] for n in range(5000)])
    )  # more than the pipe takes, or it would be done by now
    [reader] = _readers()
    assert next(sheet.rows) == (2, [f"{1:0200d}"])
    del sheet
    assert not reader.is_running()
    assert _readers() == []


def _readers() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "balcao.base.xlsx" in one.cmdline()]


def _parts(body: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def as_zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()
