"""Read a spreadsheet's first sheet, CSV or XLSX: its header and its rows with their lines."""

import csv
import io
import warnings
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from balcao.base.errors import Invalid

Row = tuple[int, Sequence[Any]]
"""A line as a text editor or a spreadsheet numbers it, and its cells."""


class SheetFile(NamedTuple):
    """The first line that is not empty, the ones after it, and about how many those are (None: not known)."""

    header: Sequence[Any]
    rows: Iterator[Row]
    about: int | None


def open_sheet(path: Path) -> SheetFile:
    """The file, by its content and not by its name: XLSX, or CSV parted by `;`, `,` or tabs, in UTF-8 or Windows-1252.

    Raises Invalid for what is neither, and for an empty file.
    """
    with path.open("rb") as file:
        is_xlsx = file.read(4) == b"PK\x03\x04"
    rows, about = _read_xlsx(path) if is_xlsx else _read_csv(path)
    header = next((cells for _, cells in rows if any(cell not in (None, "") for cell in cells)), None)
    if header is None:
        raise Invalid(f"{path.name} is empty.", code="empty_file")
    return SheetFile(header, rows, about)


def _read_csv(path: Path) -> tuple[Iterator[Row], int | None]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    head = text.lstrip().partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    return _csv_rows(path, text, delimiter), text.count("\n")


def _csv_rows(path: Path, text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise Invalid(f"{path.name}, line {reader.line_num}: {error}.", code="unreadable_file") from error


def _read_xlsx(path: Path) -> tuple[Iterator[Row], int | None]:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings(action="ignore"):  # about styles and validations, which nobody asked for
            book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # The first row is read here, so that a damaged file is noticed here.
        cells = enumerate(sheet.iter_rows(values_only=True), 1)
        first = list(zip(range(1), cells, strict=False))
    except Exception as error:  # a damaged file raises whatever its ZIP and XML parts do
        raise Invalid(f"{path.name} is no XLSX file that can be read: {error}.", code="unreadable_file") from error
    return chain((row for _, row in first), cells), sheet.max_row
