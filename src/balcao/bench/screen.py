"""What a bench shows: what it is doing, and at the end a table and what it was measured on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from balcao.bench.figures import Figure, Report

BUSY = 0.1
"""From this share of the machine on, other programs are worth a warning."""


class Screen:
    """Says things on a console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str) -> None:
        """A sentence."""
        self._console.print(text, markup=False, highlight=False)

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[int], object]]:
        """A bar where somebody watches; the block calls what it gets with each number done."""
        if not self._console.is_terminal:
            yield lambda _done: None
            return
        columns = (TextColumn(f"  {what:<44}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(what, total=total)
            yield lambda done: progress.advance(task, done)

    def run(self, figure: Figure) -> None:
        """The newest run of a figure."""
        run = figure.runs[-1]
        errors = f", {sum(run.errors.values())} ERRORS {run.examples}" if run.errors else ""
        busy = f", others took {run.elsewhere:.0%} of the machine" if run.elsewhere > BUSY else ""
        self.say(
            f"  run {len(figure.runs)}  {figure.name}, {figure.connections} connections: "
            f"{run.rate:,.0f} {figure.unit}/s, p50 {run.p50_ms:.1f} ms, p99 {run.p99_ms:.1f} ms{errors}{busy}"
        )

    def report(self, report: Report) -> None:
        """Everything, readable."""
        self._console.print()
        self._console.print(_figures(report))
        self._console.print(_limits(report))
        self._console.print(_processors(report))
        for figure in report.figures:
            for name, fact in figure.facts.items():
                self.say(f"{figure.suite}: {figure.name}: {name} {fact:,.2f}")
        for name, value in report.environment.items():
            self.say(f"{name}: {value}")
        busiest = max((run.elsewhere for figure in report.figures for run in figure.runs), default=0.0)
        if busiest > BUSY:
            self.say(f"The machine was busy: other programs took up to {busiest:.0%} of it. Trust ratios, not rates.")


def _table(title: str, *heads: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, justify="left" if head in ("work", "limit", "of") else "right", overflow="fold")
    return table


def _figures(report: Report) -> Table:
    heads = ("work", "callers", "rate/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "requests", "errors")
    table = _table("Medians of the runs", *heads)
    for figure in report.figures:
        times = (f"{figure.median(field):,.1f}" for field in ("p50_ms", "p95_ms", "p99_ms", "max_ms"))
        sent, errors = sum(run.sent for run in figure.runs), sum(figure.errors.values())
        rate = f"{figure.median('rate'):,.0f}"
        table.add_row(
            f"{figure.suite}: {figure.name}", str(figure.connections), rate, *times, f"{sent:,}", f"{errors:,}"
        )
    return table


def _limits(report: Report) -> Table:
    table = _table("Beside the limits measured in the same runs", "work", "callers", "limit", "limit/s", "ratio")
    for figure in report.figures:
        for limit in figure.limits:
            ratio = f"{figure.ratio(limit):.2f}"
            name = f"{figure.suite}: {figure.name}"
            table.add_row(name, str(figure.connections), limit.name, f"{limit.rate:,.0f}", ratio)
    return table


def _processors(report: Report) -> Table:
    groups = list(dict.fromkeys(who for figure in report.figures for who in figure.cpu_us()))
    table = _table("Microseconds of processor for one request", "work", "callers", *groups, "others' share")
    for figure in report.figures:
        spent = figure.cpu_us()
        cells = [f"{spent[who]:,.0f}" if who in spent else "-" for who in groups]
        share = f"{figure.median('elsewhere'):.0%}"
        table.add_row(f"{figure.suite}: {figure.name}", str(figure.connections), *cells, share)
    return table
