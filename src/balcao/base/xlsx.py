"""Reads an XLSX file's first sheet, in a process of its own: `python -m balcao.base.xlsx HANDLE`.

A few kilobytes of ZIP can unfold to what no machine holds, and the quick library for it then ends the process that it
is in. So that is this one: it may take so much memory, and whatever becomes of it, who asked hears a refusal. It also
reads while the other one works.

It writes to standard output: the number of rows, or why there are none, and then the rows, some at a time, pickled.
"""

import os
import pickle
import resource
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, BinaryIO, Final

MEMORY_MAX_BYTES: Final = 3 * 1024**3
"""A million rows of twelve cells take a fifth of it."""
ROWS_AT_ONCE: Final = 500
_EMPTY: Final = (None, "")


def main() -> None:
    """Read the file of that handle. Damaged ones raise whatever they do: it is said before any row."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = sys.stdout.buffer
    with os.fdopen(int(sys.argv[1]), "rb") as file:
        for part in _parts(file):
            pickle.dump(part, out, protocol=5)


def _parts(file: BinaryIO) -> Iterator[Any]:
    from python_calamine import CalamineError, load_workbook

    try:
        file.seek(0)
        sheet = load_workbook(file).get_sheet_by_index(0)
    except (CalamineError, OSError, ValueError, IndexError, MemoryError) as error:
        yield str(error) or type(error).__name__
        return
    yield sheet.total_height + 1  # the last one, counted from 0
    some: list[Sequence[Any]] = []
    for cells in sheet.iter_rows():
        some.append([_plain(cell) for cell in cells])
        if len(some) >= ROWS_AT_ONCE:
            yield some
            some = []
    yield some


def _plain(cell: Any) -> Any:
    """Whole numbers as such, nothing for an empty cell, days as midnights: as a spreadsheet means them."""
    if cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if type(cell) is date:
        return datetime.combine(cell, time())
    return cell


if __name__ == "__main__":
    main()
