"""Read products over HTTP."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from balcao.base.db import Tx
from balcao.base.paging import PageParameters, ask_page
from balcao.base.values import iso
from balcao.catalog.get_product import find_product
from balcao.catalog.lists import list_changes
from balcao.catalog.rules.reading import CHANGE_SORTS, PRODUCT_SORTS
from balcao.catalog.search import SearchBy, search_products
from balcao.doors.door import Door
from balcao.doors.neomode.catalog import body
from balcao.doors.neomode.catalog.reading import FOUND, LISTED, READERS, TAGS, IsActive, Since, Text, micros
from balcao.doors.neomode.catalog.show import newest, show_line
from balcao.doors.neomode.catalog.whole import show_products
from balcao.doors.paging import PAGING, enveloped
from balcao.doors.wire import WireResponse
from balcao.offers.list_products import list_products
from balcao.offers.rules import FOUND_SORTS, ProductFilter

WHOLE_MAX = 50
"""Products in full on a page: with three hundred stores each has some hundred kilobytes."""

HasStock = Annotated[bool | None, QueryParameter(name="hasStock", description="A unit that may be sold somewhere.")]
HasPrice = Annotated[bool | None, QueryParameter(name="hasPrice", description="A price somewhere.")]
IsAvailable = Annotated[
    bool | None, QueryParameter(name="isAvailable", description="Active, with a price and a unit to sell.")
]
HasImages = Annotated[bool | None, QueryParameter(name="hasImages", description="A picture, or one of a SKU.")]


def read_filter(
    last_update: Since = None,
    is_active: IsActive = None,
    has_stock: HasStock = None,
    has_price: HasPrice = None,
    is_available: IsAvailable = None,
    has_images: HasImages = None,
) -> ProductFilter:
    """Which products are asked for, but for the text."""
    return ProductFilter(
        since=micros(last_update),
        is_active=is_active,
        has_stock=has_stock,
        has_price=has_price,
        is_available=is_available,
        has_images=has_images,
    )


_FILTER = Provide(read_filter, sync_to_thread=False)


@get(
    "/management/catalog/products",
    opt=READERS,
    tags=TAGS,
    operation_id="listProducts",
    responses=LISTED,
    dependencies={"paging": PAGING, "wanted": _FILTER},
)
async def read_products(
    door: Door,
    paging: NamedDependency[PageParameters],
    wanted: NamedDependency[ProductFilter],
    sought: Text = None,
) -> WireResponse[body.ProductPage]:
    """The products, a page at a time; with `query` those that it finds, a thousand at most, the best first.

    With `lastUpdate` those that changed later than that, deleted ones too.
    """
    sorts = PRODUCT_SORTS if sought is None else FOUND_SORTS
    ask = ask_page(paging, sorts, scope=("products", sought, *_facts(wanted)))
    async with door.db.read() as tx:
        page = await list_products(tx, door.tenant, await _search(tx, door, wanted, sought), ask)
    return WireResponse(body.ProductPage(**enveloped(page), products=[show_line(line) for line in page.rows]))


@get(
    "/management/catalog/products/skus",
    opt=READERS,
    tags=TAGS,
    operation_id="listWholeProducts",
    responses=LISTED,
    dependencies={"paging": PAGING, "wanted": _FILTER},
)
async def read_whole_products(
    door: Door, paging: NamedDependency[PageParameters], wanted: NamedDependency[ProductFilter], sought: Text = None
) -> WireResponse[body.WholeProductPage]:
    """The same products in full: SKUs, images, categories, prices, stock per store. 50 a page at most."""
    sorts = PRODUCT_SORTS if sought is None else FOUND_SORTS
    ask = ask_page(paging, sorts, scope=("whole products", sought, *_facts(wanted)))
    ask = msgspec.structs.replace(ask, per_page=min(ask.per_page, WHOLE_MAX))
    async with door.db.read() as tx:
        page = await list_products(tx, door.tenant, await _search(tx, door, wanted, sought), ask)
        products = await show_products(tx, door.tenant, [line.product for line in page.rows])
    return WireResponse(body.WholeProductPage(**enveloped(page), products=products))


def _facts(wanted: ProductFilter) -> list[object]:
    return [getattr(wanted, name) for name in wanted.__struct_fields__]


async def _search(tx: Tx, door: Door, wanted: ProductFilter, sought: str | None) -> ProductFilter:
    if sought is None:
        return wanted
    found = await search_products(tx, door.tenant, SearchBy.TEXT, sought)
    return msgspec.structs.replace(wanted, found=found)


@get(
    "/management/catalog/products/updated",
    opt=READERS,
    tags=TAGS,
    operation_id="listUpdatedProducts",
    responses=LISTED,
    dependencies={"paging": PAGING},
)
async def read_updated(
    door: Door, paging: NamedDependency[PageParameters], last_update: Since = None
) -> WireResponse[body.ProductChangePage]:
    """Which products changed, themselves or their SKUs, prices and categories; deleted ones too. Not what they are.

    Oldest change first. Keep the answer's `lastUpdate` and ask with it again until a page comes empty: nothing is ever
    missed. Pages by number are of the moment: a product that changes meanwhile moves to the end, the others move up.
    """
    since = micros(last_update)
    ask = ask_page(paging, CHANGE_SORTS, scope=("updated", since))
    async with door.db.read() as tx:
        page = await list_changes(tx, door.tenant, since, ask)
    changes = [
        body.ProductChangeShown(
            id=change.product_id, code=change.code, last_update=iso(change.last_update_us), is_deleted=change.is_deleted
        )
        for change in page.rows
    ]
    last = newest((change.last_update_us for change in page.rows), since)
    return WireResponse(body.ProductChangePage(**enveloped(page), last_update=last, products=changes))


@get(
    "/management/catalog/products/{id_or_code:str}",
    opt=READERS,
    tags=TAGS,
    operation_id="getProduct",
    responses=FOUND,
)
async def read_product(door: Door, id_or_code: FromPath[str]) -> WireResponse[body.ProductShown]:
    """One product in full, by its id or its code: SKUs, images, categories, prices and stock per store."""
    async with door.db.read() as tx:
        product = await find_product(tx, door.tenant, id_or_code)
        [shown] = await show_products(tx, door.tenant, [product])
    return WireResponse(shown)


routes: Sequence[HTTPRouteHandler] = (read_products, read_whole_products, read_updated, read_product)
