"""`balcao import freight`: carriers' tables from a spreadsheet."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from balcao.base.db import Tx
from balcao.base.now import now_us
from balcao.base.sheets import Sheet as SheetFile
from balcao.commands.runtime import ACTOR, data_option, say_table, write
from balcao.commands.sheet_file import open_sheet
from balcao.freight.load_tables import LoadTables, load_tables
from balcao.freight.rules.cells import read_cnpj
from balcao.freight.rules.sheet import Head, LineError, Sheet, read_sheet
from balcao.freight.rules.table import InvalidTables, check_tables, gaps_of
from balcao.freight.rules.versions import RowError, Table
from balcao.tenants.tenants import require_tenant

GAPS_SHOWN = 10


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
@data_option
def import_freight(file: Path, tenant: str, dry_run: bool, data: Path | None, **said: str | None) -> None:
    """Load carriers' tables from FILE, CSV or XLSX, each in place of the one before, in one swap.

    Columns are cepStart, cepEnd, weightStartKg, weightEndKg, price and days, where wanted pricePercent, extraPerKg,
    minInsurance, maxVolumeCm3 and cutOff, with carrier, description and sellerCnpj or originState where one file holds
    several tables; or those of VTEX's shipping rate template. Decimal commas are understood. When any row is wrong,
    the wrong rows are listed and nothing is loaded; gaps between ranges are told and allowed.

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
    with open_sheet(file) as opened:
        sheet = _read(opened, head)
    _refuse_if(list(_all_errors(sheet)))
    try:
        tables = write(data, lambda tx: _load(tx, tenant, sheet, dry_run=dry_run))
    except InvalidTables as refusal:
        _refuse_if([_located(error, sheet) for error in refusal.rows])
        raise
    except _Undo as undo:
        tables = undo.tables
    _tell_gaps(sheet)
    _say(tables, dry_run=dry_run)


def _read(opened: SheetFile, head: Head) -> Sheet:
    """With a progress bar where somebody watches."""
    console = Console(stderr=True)
    rows = track(opened.rows, "Reading", opened.about, console=console, disable=not console.is_terminal)
    sheet = read_sheet(opened.header, rows, head)
    if not sheet.tables and not sheet.errors:
        raise click.ClickException("the file has no rows: nothing was loaded")
    return sheet


def _all_errors(sheet: Sheet) -> Iterator[LineError]:
    """What is wrong with the cells and, for the rows that could be read, with the ranges."""
    yield from sheet.errors
    yield from (_located(error, sheet) for error in check_tables(sheet.tables))


def _located(error: RowError, sheet: Sheet) -> LineError:
    lines = sheet.lines[error.table]
    other = "" if error.other is None else f" line {lines[error.other]}"
    return LineError(lines[error.row or 0], error.field, error.message + other)


def _refuse_if(errors: Sequence[LineError]) -> None:
    if not errors:
        return
    for error in sorted(errors):
        click.echo(f"line {error.line}: {error.column}: {error.message}", err=True)
    click.echo(f"{len(errors)} mistakes: nothing was loaded.", err=True)
    raise click.exceptions.Exit(1)


def _tell_gaps(sheet: Sheet) -> None:
    gaps = gaps_of(sheet.tables)
    for gap in gaps[:GAPS_SHOWN]:
        click.echo(f"note: before line {sheet.lines[gap.table][gap.row]}: {gap.message}", err=True)
    if len(gaps) > GAPS_SHOWN:
        click.echo(f"note: and {len(gaps) - GAPS_SHOWN} more gaps", err=True)


async def _load(tx: Tx, tenant: str, sheet: Sheet, *, dry_run: bool) -> list[Table]:
    cmd = LoadTables(tenant=await require_tenant(tx, tenant), tables=tuple(sheet.tables), actor=ACTOR, is_checked=True)
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
