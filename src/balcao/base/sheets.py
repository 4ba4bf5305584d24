"""Read a spreadsheet's first sheet, CSV or XLSX, row by row: a million rows need no more memory than one."""

import codecs
import csv
import warnings
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, BinaryIO, Final, NamedTuple

from balcao.base.errors import Invalid

Row = tuple[int, Sequence[Any]]
"""A line as a text editor or a spreadsheet numbers it, and its cells."""
_PIECE: Final = 1 << 20
_CELL_MAX: Final = 1 << 20


class Sheet(NamedTuple):
    """The first line that is not empty, the ones after it, and about how many those are (None: not known)."""

    header: Sequence[Any]
    rows: Iterator[Row]
    about: int | None


def read_sheet_file(file: BinaryIO, name: str) -> Sheet:
    """The file, by its content and not by its name: XLSX, or CSV parted by `;`, `,` or tabs, in UTF-8 or Windows-1252.

    Raises Invalid for what is neither, and for an empty file; while rows are read, for what is no CSV. The file must be
    one that can be read from the start again, and stay open.
    """
    is_xlsx = file.read(4) == b"PK\x03\x04"
    file.seek(0)
    rows, about = _read_xlsx(file, name) if is_xlsx else _read_csv(file, name)
    header = next((cells for _, cells in rows if any(cell not in (None, "") for cell in cells)), None)
    if header is None:
        raise Invalid(f"{name} is empty.", code="empty_file")
    return Sheet(header, rows, about)


def _read_csv(file: BinaryIO, name: str) -> tuple[Iterator[Row], int | None]:
    encoding, lines = _look_through(file)
    # A spreadsheet's empty first lines say nothing about what parts its cells.
    start = next((line for line in _decoded(file, encoding) if line.strip()), "")
    file.seek(0)
    return _csv_rows(name, _decoded(file, encoding), max(";,\t", key=start.count)), lines


def _decoded(file: BinaryIO, encoding: str) -> Iterator[str]:
    for n, line in enumerate(file):
        text = line.decode(encoding, "replace")
        yield text.removeprefix("\ufeff") if n == 0 else text


def _look_through(file: BinaryIO) -> tuple[str, int]:
    """The encoding that it is in, and how many lines it has."""
    decoder, lines, encoding = codecs.getincrementaldecoder("utf-8")(), 0, "utf-8"
    while piece := file.read(_PIECE):
        lines += piece.count(b"\n")
        try:
            if encoding == "utf-8":
                decoder.decode(piece)
        except UnicodeDecodeError:
            encoding = "cp1252"
    file.seek(0)
    return encoding, lines


def _csv_rows(name: str, lines: Iterator[str], delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(_CELL_MAX)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise Invalid(f"{name}, line {reader.line_num}: {error}.", code="unreadable_file") from error


def _read_xlsx(file: BinaryIO, name: str) -> tuple[Iterator[Row], int | None]:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings(action="ignore"):  # about styles and validations, which nobody asked for
            book = load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # The first row is read here, so that a damaged file is noticed here.
        cells = enumerate(sheet.iter_rows(values_only=True), 1)
        first = list(zip(range(1), cells, strict=False))
    except Exception as error:  # a damaged file raises whatever its ZIP and XML parts do
        raise Invalid(f"{name} is no XLSX file that can be read: {error}.", code="unreadable_file") from error
    return chain((row for _, row in first), _sound(cells, name)), sheet.max_row


def _sound(cells: Iterator[Row], name: str) -> Iterator[Row]:
    try:
        yield from cells
    except Exception as error:  # as above, further down the file
        raise Invalid(f"{name} is no XLSX file that can be read: {error}.", code="unreadable_file") from error
