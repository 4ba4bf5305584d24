"""The catalogue: search it, see a product in every store, why a level is as it is, and what prices were."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.paging import Page, PageAsk, PageParameters, ask_page
from balcao.base.values import SellerId, SkuId
from balcao.catalog.get_product import detail_products, find_product, get_product
from balcao.catalog.price_history import find_price_changes
from balcao.catalog.rules.reading import PRODUCT_SORTS, ProductDetails
from balcao.catalog.search import SearchBy, search_products
from balcao.doors.console.headers import STAFF
from balcao.doors.console.pager import address_of, number_of
from balcao.doors.console.visit import View, Visit
from balcao.offers.list_products import list_products
from balcao.offers.rules import FOUND_SORTS, ProductFilter, ProductLine, status_of
from balcao.sellers.find import list_all_sellers
from balcao.sellers.rules.model import Seller
from balcao.stock.find import find_stock_of_skus
from balcao.stock.ledger import find_lines
from balcao.stock.rules.ledger import with_levels
from balcao.stock.rules.model import StockLine

HERE: Final = "/console/catalogue"
PER_PAGE: Final = 40
LINES_SHOWN_MAX: Final = 200
CHANGES_SHOWN_MAX: Final = 100
QUERY_LENGTH_MAX: Final = 200
SHOWS: Final[dict[str, ProductFilter]] = {
    "": ProductFilter(),
    "available": ProductFilter(is_available=True),
    "out": ProductFilter(is_active=True, has_stock=False),
    "priceless": ProductFilter(is_active=True, has_price=False),
    "inactive": ProductFilter(is_active=False),
}
"""What the list may be narrowed to, by its name in the address."""


class FoundProduct(NamedTuple):
    """A line of the list: what stores can do with the product, and its own facts."""

    line: ProductLine
    details: ProductDetails


@get("/catalogue", opt=STAFF)
async def show_catalogue(visit: View) -> Response[bytes]:
    """Products: searched by words, codes and bar codes; those that are out of stock or have no price."""
    query = visit.query.get("q", "")[:QUERY_LENGTH_MAX].replace("\0", "")
    show = visit.query.get("show", "")
    wanted = SHOWS.get(show, SHOWS[""])
    async with visit.db.read() as tx:
        page = await _list(tx, visit, query, wanted)
    return visit.page(
        "catalogue/list.html", here=HERE, page=page, asked=query, show=show, address=address_of(visit, HERE)
    )


async def _list(tx: Tx, visit: Visit, query: str, wanted: ProductFilter) -> Page[FoundProduct]:
    found = await search_products(tx, visit.tenant, SearchBy.TEXT, query) if query else None
    ask = _ask(visit, searched=found is not None)
    filtered = ProductFilter(
        found=found, is_active=wanted.is_active, has_stock=wanted.has_stock, has_price=wanted.has_price,
        is_available=wanted.is_available,
    )  # fmt: skip
    page = await list_products(tx, visit.tenant, filtered, ask)
    details = await detail_products(tx, visit.tenant, [line.product for line in page.rows])
    return page.replace_rows([FoundProduct(*pair) for pair in zip(page.rows, details, strict=True)])


def _ask(visit: Visit, *, searched: bool) -> PageAsk:
    sent = PageParameters(page=number_of(visit.query.get("page")), per_page=PER_PAGE)
    return ask_page(sent, FOUND_SORTS) if searched else ask_page(sent, PRODUCT_SORTS, ascending=False)


@get("/catalogue/{product_id:uuid}", opt=STAFF)
async def show_product(visit: View, product_id: FromPath[UUID]) -> Response[bytes]:
    """A product: its facts, its stock in every store, its prices and what they were."""
    async with visit.db.read() as tx:
        details = await get_product(tx, visit.tenant, str(product_id))
        levels = await find_stock_of_skus(tx, visit.tenant, [sku.sku_id for sku in details.skus])
        changes = await find_price_changes(tx, visit.tenant, details.product.product_id, limit=CHANGES_SHOWN_MAX)
        stores = {seller.cnpj: seller for seller in await list_all_sellers(tx, visit.tenant)}
    return visit.page(
        "catalogue/product.html",
        here=HERE,
        details=details,
        stock=_by_store(levels, stores),
        stores=stores,
        changes=changes,
        status_of=status_of,
        may_see=lambda cnpj: visit.caller.seller_cnpj in (None, cnpj),
    )


def _by_store(levels: Sequence[StockLine], stores: dict[str, Seller]) -> list[tuple[Seller, dict[SkuId, StockLine]]]:
    """Every store that has counted or sold any of the SKUs, by its name, with its levels."""
    grouped: dict[str, dict[SkuId, StockLine]] = {}
    for line in levels:
        grouped.setdefault(line.seller_cnpj, {})[line.sku_id] = line
    found = [(stores[cnpj], own) for cnpj, own in grouped.items() if cnpj in stores]
    return sorted(found, key=lambda pair: (not pair[0].is_active, pair[0].name, pair[0].cnpj))


@get("/catalogue/{product_id:uuid}/stock/{sku_id:uuid}/{seller_id:uuid}", opt=STAFF)
async def show_ledger(
    visit: View, product_id: FromPath[UUID], sku_id: FromPath[UUID], seller_id: FromPath[UUID]
) -> Response[bytes]:
    """Why a store has as many of a SKU as it has: who changed the level, when and by how much, newest first."""
    async with visit.db.read() as tx:
        product = await find_product(tx, visit.tenant, str(product_id))
        [details] = await detail_products(tx, visit.tenant, [product])
        sku = next((each for each in details.skus if each.sku_id == sku_id), None)
        levels = await find_stock_of_skus(tx, visit.tenant, [SkuId(sku_id)])
        level = next((line for line in levels if line.seller_id == seller_id), None)
        if sku is None or level is None or visit.caller.seller_cnpj not in (None, level.seller_cnpj):
            raise NotFound("This store has no such level.")
        lines = await find_lines(tx, visit.tenant, (SellerId(seller_id), SkuId(sku_id)), limit=LINES_SHOWN_MAX)
        stores = {seller.seller_id: seller for seller in await list_all_sellers(tx, visit.tenant)}
    return visit.page(
        "catalogue/ledger.html",
        here=HERE,
        product=product,
        sku=sku,
        store=stores[SellerId(seller_id)],
        level=level.level,
        lines=list(with_levels(lines, level.level)),
        stock_status=status_of(level.level, sku.min_stock),
    )


routes: Sequence[HTTPRouteHandler] = (show_catalogue, show_product, show_ledger)
