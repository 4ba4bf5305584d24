"""What the demo says: coloured and folded where somebody watches, one plain line a step where it goes to a file."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from balcao.demo.client import Answer

PARTY_WIDTH = 9
KIND_WIDTH = 40
MARGIN = 6
"""Columns of a step beside its party and its text."""
FILE_WIDTH = 200
"""Columns enough for a table without folds."""


class Link(NamedTuple):
    """An address, and what it leads to."""

    name: str
    url: str


class Row(NamedTuple):
    """A line of the table of what was played."""

    order: str
    path: str
    status: str
    total: str
    store: str


def brl(amount: Decimal) -> str:
    """The amount as Brazilians write it: R$ 1.234,56."""
    return f"R$ {amount:,.2f}".translate(str.maketrans(",.", ".,"))


class Report:
    """Says things on a console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._plain = not console.is_terminal
        if self._plain:
            console.width = FILE_WIDTH

    def heading(self, text: str) -> None:
        """A new part."""
        self._console.print()
        self._console.print(Text(text, style="bold cyan"), soft_wrap=self._plain)

    def say(self, text: str) -> None:
        """A sentence."""
        self._console.print(Text(text), soft_wrap=self._plain)

    def address(self, name: str, url: str) -> None:
        """An address in one piece, to be copied."""
        style = "blue" if self._plain else f"blue link {url}"
        self._console.print(Text.assemble(f"  {name:<12} ", (url, style)), soft_wrap=True)

    def verbatim(self, text: str) -> None:
        """Lines to be copied as they stand."""
        self._console.print(Text(text, style="green"), soft_wrap=True)

    def step(self, answer: Answer, told: str, *, sent: str = "") -> None:
        """Who asked what, what was sent, what was answered: done as it should be."""
        method, _, path = answer.request.partition(" ")
        asked = Text.assemble((method, "bold"), f" {path}", (f"  {sent}" if sent else "", "dim"))
        heard = Text.assemble("→ ", (str(answer.status), "bold green"), f" {told}")
        if self._plain:
            asked = Text.assemble(f"  ok  {answer.party:<{PARTY_WIDTH}} ", asked, "  ", heard)
            self._console.print(asked, soft_wrap=True)
            return
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=1, style="green")
        grid.add_column(width=PARTY_WIDTH, style="magenta")
        grid.add_column(overflow="fold")
        fits = asked.cell_len + heard.cell_len + PARTY_WIDTH + MARGIN <= self._console.width
        grid.add_row("✓", answer.party, Text("  " if fits else "\n  ").join((asked, heard)))
        self._console.print(Padding(grid, (0, 0, 0, 1)))

    def failure(self, message: str) -> None:
        """Why the demo ends here."""
        self._console.print()
        self._console.print(Text.assemble(("FAILED  ", "bold red"), message), soft_wrap=self._plain)

    @contextmanager
    def loading(self, kind: str, total: int) -> Iterator[Callable[[int], object]]:
        """A progress bar; the block calls what it gets with each number of rows done."""
        if self._plain:
            yield lambda _rows: None
            self._console.print(f"  ok  {kind:<{KIND_WIDTH}} {total:>6}", markup=False, soft_wrap=True)
            return
        columns = (
            TextColumn(f"   {escape(kind):<{KIND_WIDTH}}"),
            BarColumn(bar_width=20),
            TextColumn("{task.completed:>5.0f} / {task.total:.0f}"),
        )
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task(kind, total=total)
            yield lambda rows: progress.advance(task, rows)

    def table(self, rows: Sequence[Row]) -> None:
        """What was played."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for head in Row._fields:
            table.add_column(head, justify="right" if head == "total" else "left", overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        self._console.print(table)
