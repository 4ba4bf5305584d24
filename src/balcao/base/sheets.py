"""Read a spreadsheet's first sheet, CSV or XLSX, row by row: a million rows need no more memory than one.

An XLSX file unfolds in a process beside, which `balcao.base.xlsx` says more of.
"""

import codecs
import csv
import io
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
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
    parts = _unfold(file, name)
    count = next(parts)
    if not isinstance(count, int):
        parts.close()
        raise Invalid(f"{name} is no XLSX file that can be read: {count}.", code="unreadable_file")
    return enumerate(chain.from_iterable(parts), 1), count


def _unfold(file: BinaryIO, name: str) -> Generator[Any, None, None]:
    """What `balcao.base.xlsx` says of the file."""
    with _on_disk(file) as handle, _start_reader(handle) as reader:
        try:
            while True:
                yield pickle.load(reader.stdout)  # type: ignore[arg-type]  # noqa: S301 - from a process of ours
        except (EOFError, pickle.UnpicklingError):
            if reader.wait() != 0:
                why = "it may be damaged, or unfold to more than fits into memory"
                raise Invalid(f"{name} is no XLSX file that can be read: {why}.", code="unreadable_file") from None
        finally:
            reader.kill()


def _start_reader(handle: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - nothing of it comes from outside
        [sys.executable, "-m", "balcao.base.xlsx", str(handle)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=[handle],
    )


@contextmanager
def _on_disk(file: BinaryIO) -> Iterator[int]:
    """A handle that another process can read the file by."""
    if not isinstance(file, io.BytesIO):
        yield file.fileno()
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        copy.flush()
        yield copy.fileno()
