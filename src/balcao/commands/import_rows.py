"""`balcao import products|prices|stocks|sellers`: batches from a spreadsheet, applied as those of the ERP are."""

import asyncio
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from balcao.base.batch import BatchResult, RowIssue
from balcao.base.db import Database, Tx
from balcao.base.now import now_us
from balcao.commands.catalogue_sheet import COLUMNS, SheetRows, read_lines
from balcao.commands.runtime import ACTOR, data_option, use
from balcao.commands.sheet_file import open_sheet
from balcao.doors.neomode.rows import read_rows
from balcao.imports.receive import ReceiveBatch, receive_batch
from balcao.imports.report import every_issue, wait_finished
from balcao.imports.rules.model import Kind
from balcao.imports.try_out import try_batch
from balcao.imports.work import apply_batches
from balcao.tenants.tenants import require_tenant

ROWS_MAX: Final = 50_000
SHOWN_MAX: Final = 20
WAIT_MAX_S: Final = 24 * 3600
_encode = msgspec.json.Encoder(decimal_format="number").encode


class _Undo(Exception):
    """Carries what would have come of a batch out of the transaction, and undoes it."""

    def __init__(self, result: BatchResult) -> None:
        super().__init__()
        self.result = result


class Outcome(NamedTuple):
    """What came of some rows; issues: the line of the file, `error` or `warning`, and what is said."""

    inserted: int
    updated: int
    unchanged: int
    failed: int
    issues: list[tuple[int, str, RowIssue]]


def _command(kind: Kind) -> click.Command:
    @click.command(kind.value, help=_help(kind))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--tenant", required=True, help="Whose they are.")
    @click.option("--dry-run", is_flag=True, help="Say what would become of every row, change nothing.")
    @click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write errors and warnings there.")
    @data_option
    def command(file: Path, tenant: str, dry_run: bool, errors: Path | None, data: Path | None) -> None:
        with open_sheet(file) as opened:
            sheet = read_lines(kind, opened.header, opened.rows)
        outcomes = use(data, lambda db: _import(db, tenant, kind, sheet, dry_run=dry_run))
        _say(outcomes, errors, dry_run=dry_run)

    return command


def _help(kind: Kind) -> str:
    more = " Lines of one product that follow each other are its SKUs; lists are parted by |." * (kind is Kind.PRODUCTS)
    return (
        f"Import {kind.value} from FILE, CSV or XLSX: each row replaces its whole record, bad rows fail alone.\n\n"
        f"Columns, in any order: {', '.join(COLUMNS[kind])}.{more} Exit code 1 when any row failed.\n\n"
        f"\b\nExamples:\n  balcao import {kind.value} --tenant my-shop {kind.value}.csv\n"
        f"  balcao import {kind.value} --tenant my-shop --dry-run --errors errors.csv {kind.value}.xlsx"
    )


async def _import(db: Database, name: str, kind: Kind, sheet: SheetRows, *, dry_run: bool) -> list[Outcome]:
    """Part after part; beside a running worker the quicker one applies them."""
    async with db.read() as tx:
        tenant = await require_tenant(tx, name)
    console, stop, outcomes = Console(stderr=True), asyncio.Event(), []
    working = asyncio.create_task(asyncio.sleep(0) if dry_run else apply_batches(db, read_rows, now_us, stop=stop))
    try:
        with Progress(console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task("Importing", total=len(sheet.rows))
            for start in range(0, len(sheet.rows), ROWS_MAX):
                part = SheetRows(sheet.rows[start : start + ROWS_MAX], sheet.lines[start : start + ROWS_MAX])
                cmd = ReceiveBatch(tenant=tenant, actor=ACTOR, kind=kind, body=_encode(part.rows), rows=len(part.rows))
                outcomes.append(await (_try if dry_run else _apply)(db, cmd, part.lines))
                bar.advance(task, len(part.rows))
    finally:
        stop.set()
        await working
    return outcomes


async def _apply(db: Database, cmd: ReceiveBatch, lines: Sequence[int]) -> Outcome:
    batch_id = await db.run(lambda tx: receive_batch(tx, cmd, now_us()))
    batch = await wait_finished(db, cmd.tenant, batch_id, timeout_s=WAIT_MAX_S, is_stopping=lambda: False)
    if batch is None:
        raise click.ClickException(f"the batch {batch_id} is gone")
    issues = [
        (lines[issue.row - 1], "error" if is_error else "warning", issue)
        async for is_error, some in every_issue(db, cmd.tenant, batch_id)
        for issue in some
    ]
    return Outcome(batch.inserted, batch.updated, batch.unchanged, batch.failed, issues)


async def _try(db: Database, cmd: ReceiveBatch, lines: Sequence[int]) -> Outcome:
    async def work(tx: Tx) -> BatchResult:
        raise _Undo(await try_batch(tx, cmd, read_rows, now_us()))

    result = BatchResult(rows=0)
    try:
        await db.run(work)
    except _Undo as undo:
        result = undo.result
    issues = [(lines[issue.row - 1], "error", issue) for issue in result.errors]
    issues += [(lines[issue.row - 1], "warning", issue) for issue in result.warnings]
    return Outcome(result.inserted, result.updated, result.unchanged, result.failed, issues)


def _say(outcomes: Sequence[Outcome], errors: Path | None, *, dry_run: bool) -> None:
    issues = sorted((issue for outcome in outcomes for issue in outcome.issues), key=lambda each: each[:2])
    if errors is not None:
        with errors.open("w", newline="", encoding="utf-8") as file:
            written = csv.writer(file)
            written.writerow(("line", "severity", "code", "field", "message"))
            written.writerows((line, level, one.code or "", one.field, one.message) for line, level, one in issues)
    for line, level, one in issues[:SHOWN_MAX]:
        click.echo(f"line {line}: {level}: {one.field}: {one.message}", err=True)
    if len(issues) > SHOWN_MAX:
        click.echo(f"… and {len(issues) - SHOWN_MAX} more; --errors FILE writes them all.", err=True)
    names = ("inserted", "updated", "unchanged", "failed")
    inserted, updated, unchanged, failed = (sum(getattr(outcome, name) for outcome in outcomes) for name in names)
    would = "would be " if dry_run else ""
    click.echo(f"{would}inserted {inserted}, updated {updated}, unchanged {unchanged}, failed {failed}")
    if failed:
        raise click.exceptions.Exit(1)


import_products, import_prices = _command(Kind.PRODUCTS), _command(Kind.PRICES)
import_stocks, import_sellers = _command(Kind.STOCKS), _command(Kind.SELLERS)
