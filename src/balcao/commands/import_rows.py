"""`balcao import products|prices|stocks|sellers`: batches from a spreadsheet, applied as those of the ERP are."""

import asyncio
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from balcao.base.batch import BatchResult, RowIssue
from balcao.base.db import Database, Tx
from balcao.base.now import now_us
from balcao.commands.catalogue_sheet import COLUMNS, Sheet, SheetRow, read_lines
from balcao.commands.runtime import ACTOR, data_option, use
from balcao.commands.sheet_file import open_sheet
from balcao.doors.neomode.rows import read_rows
from balcao.imports.receive import ReceiveBatch, receive_batch
from balcao.imports.report import every_issue, wait_finished
from balcao.imports.rules.model import Batch, Kind
from balcao.imports.try_out import try_batch
from balcao.imports.work import apply_batches
from balcao.tenants.tenants import require_tenant

ROWS_MAX: Final = 50_000
PRODUCTS_MAX: Final = 10_000
"""Records of a batch: whoever applies it reads all of them."""
TRIED_MAX: Final = 2_000
"""Rows of a dry run in one transaction: orders wait for it as for a part of a batch."""
SHOWN_MAX: Final = 20
WAIT_MAX_S: Final = 24 * 3600

Issue = tuple[int, str, RowIssue]
"""The line of the file, `error` or `warning`, and what is said."""
Advance = Callable[[int], None]


class _Undo(Exception):
    """Carries what would have come of a batch out of the transaction, and undoes it."""

    def __init__(self, result: BatchResult) -> None:
        super().__init__()
        self.result = result


class Outcome(NamedTuple):
    """What came of some rows."""

    inserted: int
    updated: int
    unchanged: int
    failed: int
    issues: list[Issue]


def _command(kind: Kind) -> click.Command:
    @click.command(kind.value, help=_help(kind))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--tenant", required=True, help="Whose they are.")
    @click.option("--dry-run", is_flag=True, help="Say what would become of every row, change nothing.")
    @click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write errors and warnings there.")
    @data_option
    def command(file: Path, tenant: str, dry_run: bool, errors: Path | None, data: Path | None) -> None:
        with _report_file(errors) as report:
            sheet = _read(kind, file)
            outcomes = use(data, lambda db: _import(db, tenant, kind, sheet, dry_run=dry_run))
            _say([_unread(sheet), *outcomes], report, dry_run=dry_run)

    return command


def _help(kind: Kind) -> str:
    more = (
        " Lines of one product that follow each other are its SKUs. Lists are parted by |, attributes are written as"
        " Tamanho=P|Cor=Branco; both may be JSON as well."
    ) * (kind is Kind.PRODUCTS)
    return (
        f"Import {kind.value} from FILE, CSV or XLSX: each row replaces its whole record, bad rows fail alone.\n\n"
        f"Columns, in any order: {', '.join(COLUMNS[kind])}.{more} Exit code 1 when any row failed.\n\n"
        f"\b\nExamples:\n  balcao import {kind.value} --tenant my-shop {kind.value}.csv\n"
        f"  balcao import {kind.value} --tenant my-shop --dry-run --errors errors.csv {kind.value}.xlsx"
    )


@contextmanager
def _report_file(path: Path | None) -> Iterator[TextIO | None]:
    """Opened before anything is done: what cannot be reported afterwards is not done."""
    if path is None:
        yield None
        return
    try:
        file = path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error
    with file:
        yield file


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Advance]:
    """A bar on the terminal, where there is one."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda rows: bar.advance(task, rows)


def _read(kind: Kind, file: Path) -> Sheet:
    with open_sheet(file) as opened, _progress("Reading", opened.about) as advance:
        sheet = read_lines(kind, opened.header, _counted(opened.rows, advance))
    if sheet.ignored:
        click.echo(f"Ignored columns: {', '.join(sheet.ignored)}.", err=True)
    return sheet


def _counted(rows: Iterable[Any], advance: Advance) -> Iterator[Any]:
    for row in rows:
        advance(1)
        yield row


def _unread(sheet: Sheet) -> Outcome:
    return Outcome(0, 0, 0, sheet.failed, [(line, "error", issue) for line, issue in sheet.issues])


async def _import(db: Database, name: str, kind: Kind, sheet: Sheet, *, dry_run: bool) -> list[Outcome]:
    """Part after part; beside a running worker the quicker one applies them."""
    async with db.read() as tx:
        tenant = await require_tenant(tx, name)
    stop, outcomes = asyncio.Event(), []
    working = asyncio.create_task(asyncio.sleep(0) if dry_run else apply_batches(db, read_rows, now_us, stop=stop))
    at_once = TRIED_MAX if dry_run else PRODUCTS_MAX if kind is Kind.PRODUCTS else ROWS_MAX
    try:
        with _progress("Trying" if dry_run else "Importing", len(sheet.rows)) as advance:
            for start in range(0, len(sheet.rows), at_once):
                part = sheet.rows[start : start + at_once]
                body = b"[" + b",".join(row.body for row in part) + b"]"
                cmd = ReceiveBatch(tenant=tenant, actor=ACTOR, kind=kind, body=body, rows=len(part))
                outcomes.append(await (_try if dry_run else _apply)(db, cmd, part, advance))
    finally:
        stop.set()
        await working
    return outcomes


async def _apply(db: Database, cmd: ReceiveBatch, rows: Sequence[SheetRow], advance: Advance) -> Outcome:
    batch_id = await db.run(lambda tx: receive_batch(tx, cmd, now_us()))
    done = 0

    def watch(seen: Batch) -> None:
        nonlocal done
        advance(seen.done - done)
        done = seen.done

    batch = await wait_finished(db, cmd.tenant, batch_id, timeout_s=WAIT_MAX_S, is_stopping=lambda: False, watch=watch)
    if batch is None:
        raise click.ClickException(f"the batch {batch_id} is gone")
    issues = [
        _issue(rows, issue, "error" if is_error else "warning")
        async for is_error, some in every_issue(db, cmd.tenant, batch_id)
        for issue in some
    ]
    return Outcome(batch.inserted, batch.updated, batch.unchanged, batch.failed, issues)


async def _try(db: Database, cmd: ReceiveBatch, rows: Sequence[SheetRow], advance: Advance) -> Outcome:
    async def work(tx: Tx) -> BatchResult:
        raise _Undo(await try_batch(tx, cmd, read_rows, now_us()))

    result = BatchResult(rows=0)
    try:
        await db.run(work)
    except _Undo as undo:
        result = undo.result
    advance(len(rows))
    issues = [_issue(rows, issue, "error") for issue in result.errors]
    issues += [_issue(rows, issue, "warning") for issue in result.warnings]
    return Outcome(result.inserted, result.updated, result.unchanged, result.failed, issues)


_SKU: Final = re.compile(r"skus\[([0-9]+)\]\.")
_OTHER_ROW: Final = re.compile(r"(?<=replaced by )row ([0-9]+)$")


def _issue(rows: Sequence[SheetRow], issue: RowIssue, level: str) -> Issue:
    """What is said of a row, with the lines of the file in place of the batch's rows."""
    row, of_sku = rows[issue.row - 1], _SKU.match(issue.field)
    line = row.sku_lines[int(of_sku[1])] if of_sku else row.line
    message = _OTHER_ROW.sub(lambda other: f"line {rows[int(other[1]) - 1].line}", issue.message)
    return line, level, msgspec.structs.replace(issue, message=message)


def _say(outcomes: Sequence[Outcome], report: TextIO | None, *, dry_run: bool) -> None:
    issues = sorted((issue for outcome in outcomes for issue in outcome.issues), key=lambda each: each[:2])
    if report is not None:
        written = csv.writer(report)
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
