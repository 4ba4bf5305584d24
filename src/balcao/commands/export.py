"""`balcao export`: products, stocks and prices as CSV or NDJSON, some thousands of rows at a time."""

import asyncio
import csv
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
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
from balcao.commands.runtime import data_option, use
from balcao.offers.list_products import list_products
from balcao.offers.rules import ProductFilter
from balcao.stock.find import list_stock
from balcao.stock.rules.model import STOCK_SORTS, StockFilter
from balcao.tenants.tenants import require_tenant

AT_ONCE: Final = 2_000
Cells = dict[str, Any]
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
@click.option("--format", "form", type=click.Choice(["csv", "ndjson"]), default="csv", show_default=True)
@data_option
def export(what: str, file: Path | None, tenant: str, form: str, data: Path | None) -> None:
    """Write products, stocks or prices to FILE, or to the standard output: what `balcao import` takes.

    Oldest change first, so that what changes meanwhile comes again at the end.

    \b
    Examples:
      balcao export stocks --tenant my-shop stocks.csv
      balcao export products --tenant my-shop --format ndjson > products.ndjson
    """
    if file is None:
        use(data, lambda db: _export(db, tenant, what, form, sys.stdout))
        return
    with file.open("w", newline="", encoding="utf-8") as out:
        use(data, lambda db: _export(db, tenant, what, form, out))


async def _export(db: Database, name: str, what: str, form: str, out: TextIO) -> None:
    async with db.read() as tx:
        tenant = await require_tenant(tx, name)
    is_first = True
    async for rows in _parts(db, tenant, what):
        text = _as_csv(rows, head=is_first) if form == "csv" else _as_lines(rows)
        await asyncio.to_thread(out.write, text)
        is_first = False


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
    ]
    last = page.rows[-1] if page.rows else None
    return _Part(rows, _after(page, Position(last.last_update_us, last.sku_id)) if last else None)


async def _prices(tx: Tx, tenant: Tenant, ask: PageAsk) -> _Part:
    page = await list_prices(tx, tenant, PriceFilter(), ask)
    rows = [
        {
            "ProductCode": line.product_code,
            "SellerCode": line.seller_cnpj or "",
            "Price": line.price.price,
            "OldPrice": line.price.old_price,
            "LastUpdate": iso(line.price.last_update_us),
        }
        for line in page.rows
    ]
    last = page.rows[-1].price if page.rows else None
    return _Part(rows, _after(page, Position(last.last_update_us, last.product_id)) if last else None)


async def _products(tx: Tx, tenant: Tenant, ask: PageAsk) -> _Part:
    page = await list_products(tx, tenant, ProductFilter(), ask)
    found = [line.product for line in page.rows]
    rows = []
    for details in await detail_products(tx, tenant, found):
        product, body = details.product, details.product.body
        common = {
            "code": product.code,
            "name": product.name,
            "referenceCode": product.reference_code,
            "auxCode": product.aux_code,
            "description": body.description,
            "brand": body.brand,
            "keywords": body.keywords,
            "isActive": product.is_active,
            "height": product.height_cm,
            "length": product.length_cm,
            "width": product.width_cm,
            "weight": product.weight_kg,
            "categories": "|".join(category.code for category in details.categories),
            "images": "|".join(image.image_url for image in body.images),
        }
        rows += [common | _sku(sku) for sku in details.skus or (None,)]
    last = found[-1] if found else None
    return _Part(rows, _after(page, Position(last.last_update_us, last.product_id)) if last else None)


def _sku(sku: Any) -> Cells:
    return {
        "skuCode": sku and sku.code,
        "skuName": sku and sku.name,
        "barcode": sku and sku.barcode,
        "skuAuxCode": sku and sku.aux_code,
        "minStock": sku and sku.min_stock,
    }


def _after(page: Page[Any], last: Position) -> PageAsk | None:
    if page.next is None:
        return None
    return msgspec.structs.replace(page.ask, after=last, count=page.count)


def _as_csv(rows: Sequence[Cells], *, head: bool) -> str:
    text = io.StringIO()
    written = csv.DictWriter(text, list(rows[0]))
    if head:
        written.writeheader()
    written.writerows(rows)
    return text.getvalue()


def _as_lines(rows: Sequence[Cells]) -> str:
    return "".join(_encode(row).decode() + "\n" for row in rows)


_KINDS: Final[dict[str, tuple[_Read, Sort]]] = {
    "products": (_products, CHANGE_SORTS[0]),
    "stocks": (_stocks, STOCK_SORTS[0]),
    "prices": (_prices, CHANGE_SORTS[0]),
}
