"""`balcao bench`: the benchmarks."""

from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console

NAMES = ("orders", "hot", "payments", "quotes", "reads", "lists", "console", "events", "overload", "feeds", "catalog")


class Numbers(click.ParamType[tuple[int, ...]]):
    """Whole numbers from 1, with commas between them."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """`64,1,256` as numbers."""
        if isinstance(value, tuple):
            return value
        parts = str(value).split(",")
        if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
            self.fail(f"{value!r} is no list of numbers such as 64,1,256", param, ctx)
        return tuple(int(part) for part in parts)


@click.command()
@click.argument("what", type=click.Choice([*NAMES, "all"]))
@click.option("--connections", type=Numbers(), default="64,1,256", show_default=True, help="Callers at a time.")
@click.option("--servers", type=click.IntRange(0, 64), default=0, help="Server processes. [default: as serve]")
@click.option("--generators", type=click.IntRange(1, 64), default=1, show_default=True, help="Generator processes.")
@click.option("--runs", type=click.IntRange(1, 100), default=3, show_default=True, help="Runs to take medians of.")
@click.option("--seconds", type=click.FloatRange(0.1, 3600), default=8.0, show_default=True, help="Length of a run.")
@click.option("--warm-up", "warm_up_s", type=click.FloatRange(0, 600), default=2.0, show_default=True, help="Seconds.")
@click.option(
    "--rate", type=click.FloatRange(1, 100_000), default=1000.0, show_default=True, help="Orders a second, for events."
)
@click.option(
    "--calm", "calm_s", type=click.FloatRange(0.2, 600), default=5.0, show_default=True, help="Before a storm."
)
@click.option(
    "--storm", "storm_s", type=click.FloatRange(0.2, 3600), default=60.0, show_default=True, help="Its seconds."
)
@click.option("--skus", type=click.IntRange(20, 1_000_000), default=1000, show_default=True, help="SKUs in the shop.")
@click.option("--orders", type=click.IntRange(0), default=20_000, show_default=True, help="Orders there before.")
@click.option(
    "--past",
    type=click.IntRange(0, 100_000_000),
    default=0,
    show_default=True,
    help="Orders of many buyers, stores and channels, a year of a shop: for lists and console.",
)
@click.option(
    "--feed-rows",
    type=click.IntRange(20_000, 100_000_000),
    default=1_000_000,
    show_default=True,
    help="Products in the larger of the two shops of feeds.",
)
@click.option(
    "--freight-rows",
    type=click.IntRange(1_000, 10_000_000),
    default=1_000_000,
    show_default=True,
    help="Rows of the carriers' tables, for quotes.",
)
@click.option(
    "--batches",
    type=click.IntRange(0, 100_000),
    default=0,
    show_default=True,
    help="Batches of 50,000 rows one after the other, for catalog: the worker must not grow.",
)
@click.option("--database-url", help="A PostgreSQL to write into.  [default: an embedded one in a fresh folder]")
@click.option(
    "--data",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    metavar="DIR",
    help="Where the fresh folder is made.  [default: the system's folder for temporary files]",
)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures there.")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page with plots there (HTML).")
def bench(what: str, json_file: Path | None, page: Path | None, **given: Any) -> None:
    """Measure orders, hot (one hot SKU), payments, quotes, reads, lists, console, events, overload, feeds, catalog, or
    all.

    Starts servers and load generators of its own, and shows each figure beside the limits of the same machine, measured
    in the same run. Exit code 1 when what lies in the database afterwards is not what was answered.

    \b
    Examples:
      balcao bench orders
      balcao bench lists --past 1000000
      balcao bench all --servers 2 --json figures.json --page figures.html
    """
    from balcao.base.settings import server_processes
    from balcao.bench import run_bench
    from balcao.bench.options import Options
    from balcao.bench.page import render_page

    given["servers"] = server_processes(given["servers"])
    options = Options(suites=NAMES if what == "all" else (what,), **given)
    report = run_bench(options, Console(highlight=False))
    if json_file is not None:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    if page is not None:
        page.write_text(render_page(report), encoding="utf-8")
