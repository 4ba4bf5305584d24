"""`balcao import freight`: carriers' tables from a spreadsheet."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, track

from balcao.base.db import Tx
from balcao.base.now import now_us
from balcao.base.sheets import Sheet as SheetFile
from balcao.commands.runtime import ACTOR, data_option, say_table, write
from balcao.commands.sheet_file import open_sheet
from balcao.freight.load_tables import LoadTables, load_tables
from balcao.freight.rules.cells import read_cnpj
from balcao.freight.rules.sheet import Head, LineError, Sheet, read_sheet
from balcao.freight.rules.table import ERRORS_MAX, InvalidTables, check_tables, gaps_of
from balcao.freight.rules.versions import RowError, Table
from balcao.tenants.tenants import require_tenant

GAPS_SHOWN = 10
ERRORS_SHOWN = 100


class _Undo(Exception):
    """Carries what would have been loaded out of the transaction, and undoes it."""

    def __init__(self, tables: list[Table]) -> None:
        super().__init__()
        self.tables = tables


@click.command("freight")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", required=True, help="Whose carriers they are.")
@click.option("--carrier", metavar="REF", help="The carrier's reference, for rows that name none.")
@click.option("--description", metavar="TEXT", help="What shoppers read, for rows that name none.")
@click.option("--seller", metavar="CNPJ", help="The store, for rows that name none. [default: every store]")
@click.option("--state", metavar="UF", default="", help="The state whose stores they are for, for rows that name none.")
@click.option("--dry-run", is_flag=True, help="Check everything, load nothing.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write errors and gaps there.")
@data_option
def import_freight(
    file: Path, tenant: str, dry_run: bool, errors: Path | None, data: Path | None, **said: str | None
) -> None:
    """Load carriers' tables from FILE, CSV or XLSX, each in place of the one before, in one swap.

    Columns are cepStart, cepEnd, weightStartKg, weightEndKg, price and days, where wanted pricePercent, extraPerKg,
    minInsurance, maxVolumeCm3 and cutOff, with carrier, description and sellerCnpj or originState where one file holds
    several tables; or those of VTEX's shipping rate template. Decimal commas are understood. When any row is wrong,
    the wrong rows are listed, a thousand at most, and nothing is loaded; gaps between ranges are told and allowed.

    \b
    Examples:
      balcao import freight --tenant my-shop rates.csv
      balcao import freight --tenant my-shop --carrier LOGGI --description "Loggi Expresso" vtex.xlsx
      balcao import freight --tenant my-shop --carrier SEDEX --seller 04109169000135 --dry-run sedex.csv
    """
    head = Head(
        carrier=said["carrier"],
        description=said["description"],
        seller_cnpj=read_cnpj(said["seller"]),
        origin_state=(said["state"] or "").strip().upper(),
        source=file.name,
    )
    console = Console(stderr=True)
    with open_sheet(file) as opened:
        sheet = _read(opened, head, console)
    with console.status("Checking"):
        wrong, gaps = _check(sheet)
    if errors is not None:
        _note(errors, wrong, gaps)
    _refuse_if(wrong)
    try:
        with _writing(sheet, console) as written:
            tables = write(data, lambda tx: _load(tx, tenant, sheet, dry_run=dry_run, written=written))
    except InvalidTables as refusal:
        _refuse_if([_located(error, sheet) for error in refusal.rows])
        raise
    except _Undo as undo:
        tables = undo.tables
    _tell_gaps(gaps)
    _say(tables, dry_run=dry_run)


def _read(opened: SheetFile, head: Head, console: Console) -> Sheet:
    """With a progress bar where somebody watches."""
    rows = track(opened.rows, "Reading", opened.about, console=console, disable=not console.is_terminal)
    sheet = read_sheet(opened.header, rows, head)
    if not sheet.tables and not sheet.errors:
        raise click.ClickException("the file has no rows: nothing was loaded")
    return sheet


def _check(sheet: Sheet) -> tuple[list[LineError], list[LineError]]:
    """What is wrong with the cells and, for the rows that could be read, with the ranges; and the gaps."""
    wrong = sorted([*sheet.errors, *(_located(error, sheet) for error in check_tables(sheet.tables))])[:ERRORS_MAX]
    gaps = [] if wrong else gaps_of(sheet.tables)
    return wrong, [LineError(sheet.lines[gap.table][gap.row], "", gap.message) for gap in gaps]


@contextmanager
def _writing(sheet: Sheet, console: Console) -> Iterator[Callable[[int], None]]:
    """To be told how many more rows are written."""
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Writing", total=sum(len(table.rows) for table in sheet.tables))
        yield lambda count: progress.advance(task, count)


def _located(error: RowError, sheet: Sheet) -> LineError:
    lines = sheet.lines[error.table]
    other = "" if error.other is None else f" line {lines[error.other]}"
    return LineError(lines[error.row or 0], error.field, error.message + other)


def _refuse_if(errors: Sequence[LineError]) -> None:
    if not errors:
        return
    for error in errors[:ERRORS_SHOWN]:
        click.echo(f"line {error.line}: {error.column}: {error.message}", err=True)
    if len(errors) > ERRORS_SHOWN:
        click.echo(f"… and {len(errors) - ERRORS_SHOWN} more; --errors FILE writes them all.", err=True)
    many = "" if len(errors) < ERRORS_MAX else " or more"
    click.echo(f"{len(errors)}{many} mistakes: nothing was loaded.", err=True)
    raise click.exceptions.Exit(1)


def _note(file: Path, errors: Sequence[LineError], gaps: Sequence[LineError]) -> None:
    """Errors and gaps, in the columns that the other imports write them in."""
    with file.open("w", newline="", encoding="utf-8") as opened:
        written = csv.writer(opened)
        written.writerow(("line", "severity", "code", "field", "message"))
        written.writerows((one.line, "error", "", one.column, one.message) for one in errors)
        written.writerows((one.line, "warning", "", "", f"before this line: {one.message}") for one in gaps)


def _tell_gaps(gaps: Sequence[LineError]) -> None:
    for gap in gaps[:GAPS_SHOWN]:
        click.echo(f"note: before line {gap.line}: {gap.message}", err=True)
    if len(gaps) > GAPS_SHOWN:
        click.echo(f"note: and {len(gaps) - GAPS_SHOWN} more gaps", err=True)


async def _load(tx: Tx, tenant: str, sheet: Sheet, *, dry_run: bool, written: Callable[[int], None]) -> list[Table]:
    cmd = LoadTables(
        tenant=await require_tenant(tx, tenant),
        tables=tuple(sheet.tables),
        actor=ACTOR,
        is_checked=True,
        written=written,
    )
    tables = await load_tables(tx, cmd, now_us())
    if dry_run:
        raise _Undo(tables)
    return tables


def _say(tables: Sequence[Table], *, dry_run: bool) -> None:
    rows = [[one.reference, one.description, _origin(one), one.row_count] for one in tables]
    say_table(["Carrier", "Description", "Store", "Rows"], rows)
    total = sum(one.row_count for one in tables)
    click.echo(f"{total} rows in {len(tables)} tables {'would be' if dry_run else 'were'} loaded.")


def _origin(table: Table) -> str:
    return table.seller_cnpj or (f"those in {table.origin_state}" if table.origin_state else "every store")
