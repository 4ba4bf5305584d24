"""`balcao export`: products, stocks and prices as CSV or NDJSON, some thousands of rows at a time."""

import asyncio
import csv
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

import click
import msgspec

from balcao.base.db import Database, Tx
from balcao.base.paging import Page, PageAsk, Position, Sort
from balcao.base.values import Tenant, iso
from balcao.catalog.get_product import detail_products
from balcao.catalog.lists import list_prices
from balcao.catalog.rules.reading import CHANGE_SORTS, PriceFilter
from balcao.commands.catalogue_sheet import COLUMNS
from balcao.commands.product_lines import Cells, lines_of
from balcao.commands.runtime import data_option, use
from balcao.imports.rules.model import Kind
from balcao.offers.list_products import list_products
from balcao.offers.rules import ProductFilter
from balcao.stock.find import list_stock
from balcao.stock.rules.model import STOCK_SORTS, StockFilter
from balcao.tenants.tenants import require_tenant

AT_ONCE: Final = 2_000
_THREE_DECIMALS: Final = -3
_TEN_THOUSANDTH: Final = Decimal("0.0001")
_encode = msgspec.json.Encoder(decimal_format="number").encode


class _Part(NamedTuple):
    """Rows to write, and where the next ones begin."""

    rows: list[Cells]
    next: PageAsk | None


_Read = Callable[[Tx, Tenant, PageAsk], Awaitable[_Part]]


@click.command()
@click.argument("what", type=click.Choice(["products", "stocks", "prices"]))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--tenant", required=True, help="Whose they are.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "excel", "ndjson"]),
    default="csv",
    show_default=True,
    help="excel: CSV as Excel opens it in Brazil, with semicolons, decimal commas and its mark of UTF-8.",
)
@data_option
def export(what: str, file: Path | None, tenant: str, form: str, data: Path | None) -> None:
    """Write products, stocks or prices to FILE, or to the standard output: what `balcao import` takes.

    Oldest change first, so that what changes meanwhile comes again at the end. FILE appears, or is replaced, once all
    of it is there.

    \b
    Examples:
      balcao export stocks --tenant my-shop stocks.csv
      balcao export products --tenant my-shop --format ndjson > products.ndjson
    """
    if file is None:
        use(data, lambda db: _export(db, tenant, what, form, sys.stdout))
        return
    with _whole(file) as out:
        rows = use(data, lambda db: _export(db, tenant, what, form, out))
    click.echo(f"{rows:,} lines in {file}", err=True)


@contextmanager
def _whole(file: Path) -> Iterator[TextIO]:
    """Write beside the file, and put it in its place at the end: a half one would pass for all."""
    beside = file.with_name(f".{file.name}.part")
    try:
        out = beside.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
    try:
        with out:
            yield out
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


async def _export(db: Database, name: str, what: str, form: str, out: TextIO) -> int:
    """Write all of it; how many lines."""
    async with db.read() as tx:
        tenant = await require_tenant(tx, name)
    write = _WRITERS[form]
    await asyncio.to_thread(out.write, write(_HEADS[what], None))
    lines = 0
    async for rows in _parts(db, tenant, what):
        await asyncio.to_thread(out.write, write(_HEADS[what], rows))
        lines += len(rows)
    return lines


async def _parts(db: Database, tenant: Tenant, what: str) -> AsyncIterator[list[Cells]]:
    read, sort = _KINDS[what]
    ask: PageAsk | None = PageAsk(sort=sort, per_page=AT_ONCE)
    while ask is not None:
        async with db.read() as tx:
            part = await read(tx, tenant, ask)
        if part.rows:
            yield part.rows
        ask = part.next


async def _stocks(tx: Tx, tenant: Tenant, ask: PageAsk) -> _Part:
    page = await list_stock(tx, tenant, StockFilter(), ask)
    rows = [
        {
            "SkuCode": line.sku_code,
            "SellerCode": line.seller_cnpj,
            "Quantity": line.level.on_hand,
            "Reserved": line.level.reserved,
            "Available": line.level.available,
            "LastUpdate": iso(line.last_update_us),
        }
        for line in page.rows
        if not line.is_deleted
    ]
    last = page.rows[-1] if page.rows else None
    return _Part(rows, _after(page, Position(last.last_update_us, last.sku_id)) if last else None)


async def _prices(tx: Tx, tenant: Tenant, ask: PageAsk) -> _Part:
    page = await list_prices(tx, tenant, PriceFilter(), ask)
    rows = [
        {
            "ProductCode": line.product_code,
            "SellerCode": line.seller_cnpj or "",
            "Price": _amount(line.price.price),
            "OldPrice": _amount(line.price.old_price),
            "LastUpdate": iso(line.price.last_update_us),
        }
        for line in page.rows
        if not line.price.is_deleted
    ]
    last = page.rows[-1].price if page.rows else None
    return _Part(rows, _after(page, Position(last.last_update_us, last.product_id)) if last else None)


def _amount(price: Decimal | None) -> Decimal | None:
    """Never with three decimals: `1.199` would be taken for a thousand as well."""
    if price is None or price.as_tuple().exponent != _THREE_DECIMALS:
        return price
    return price.quantize(_TEN_THOUSANDTH)


async def _products(tx: Tx, tenant: Tenant, ask: PageAsk) -> _Part:
    page = await list_products(tx, tenant, ProductFilter(), ask)
    found = [line.product for line in page.rows]
    rows = [line for details in await detail_products(tx, tenant, found) for line in lines_of(details)]
    last = found[-1] if found else None
    return _Part(rows, _after(page, Position(last.last_update_us, last.product_id)) if last else None)


def _after(page: Page[Any], last: Position) -> PageAsk | None:
    if page.next is None:
        return None
    return msgspec.structs.replace(page.ask, after=last, count=page.count)


def _write_csv(heads: Sequence[str], rows: Sequence[Cells] | None) -> str:
    return _as_csv(heads, rows, ",")


def _write_excel(heads: Sequence[str], rows: Sequence[Cells] | None) -> str:
    if rows is None:
        return "\ufeff" + _as_csv(heads, None, ";")
    return _as_csv(heads, [{name: _with_comma(value) for name, value in row.items()} for row in rows], ";")


def _with_comma(value: Any) -> Any:
    return str(value).replace(".", ",") if isinstance(value, Decimal) else value


def _write_lines(_: Sequence[str], rows: Sequence[Cells] | None) -> str:
    return "".join(_encode(row).decode() + "\n" for row in rows or ())


def _as_csv(heads: Sequence[str], rows: Sequence[Cells] | None, delimiter: str) -> str:
    """The rows, or where there are none yet their heads."""
    text = io.StringIO()
    written = csv.DictWriter(text, heads, delimiter=delimiter)
    if rows is None:
        written.writeheader()
    written.writerows(rows or ())
    return text.getvalue()


_WRITERS: Final[dict[str, Callable[[Sequence[str], Sequence[Cells] | None], str]]] = {
    "csv": _write_csv,
    "excel": _write_excel,
    "ndjson": _write_lines,
}
_KINDS: Final[dict[str, tuple[_Read, Sort]]] = {
    "products": (_products, CHANGE_SORTS[0]),
    "stocks": (_stocks, STOCK_SORTS[0]),
    "prices": (_prices, CHANGE_SORTS[0]),
}
_HEADS: Final[dict[str, Sequence[str]]] = {
    "products": tuple(COLUMNS[Kind.PRODUCTS]),
    "stocks": ("SkuCode", "SellerCode", "Quantity", "Reserved", "Available", "LastUpdate"),
    "prices": ("ProductCode", "SellerCode", "Price", "OldPrice", "LastUpdate"),
}
