"""Open a spreadsheet that a command is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from balcao.base.sheets import Sheet, read_sheet_file


@contextmanager
def open_sheet(path: Path) -> Iterator[Sheet]:
    """The file's first sheet while the block runs. Raises what `read_sheet_file` does."""
    with path.open("rb") as file:
        yield read_sheet_file(file, path.name)
