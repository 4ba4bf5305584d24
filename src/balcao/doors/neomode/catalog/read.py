"""Read categories and products over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from balcao.base.paging import PageParameters, ask_page
from balcao.base.values import Micros, iso, to_micros
from balcao.catalog.get_category import get_category, get_tree
from balcao.catalog.get_product import get_product
from balcao.catalog.lists import find_priced, list_changes, list_products
from balcao.catalog.rules.reading import CHANGE_SORTS, PRODUCT_SORTS, ProductFilter
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.catalog import body
from balcao.doors.neomode.catalog.show import show_branch, show_line, show_product
from balcao.doors.paging import PAGING, enveloped
from balcao.doors.problems import problem_responses
from balcao.doors.wire import WireResponse
from balcao.stock.find import find_stock_of_skus, find_stocked
from balcao.tenants.rules import Role

READERS = roles(Role.CHANNEL, Role.ERP, Role.OPERATOR, Role.ADMIN)
TAGS = ["catalogue"]
LISTED = problem_responses(401, 403, 503)
FOUND = problem_responses(401, 403, 404, 503)

Since = Annotated[
    datetime | None, QueryParameter(name="lastUpdate", description="Changed later than that (exclusive).")
]


@get("/management/catalog/categories/tree", opt=READERS, tags=TAGS, operation_id="getCategoryTree", responses=LISTED)
async def read_tree(door: Door) -> WireResponse[list[body.CategoryShown]]:
    """Every category, each below its parent, by `order` and then by code."""
    async with door.db.read() as tx:
        branches = await get_tree(tx, door.tenant)
    return WireResponse([show_branch(branch, door.tenant) for branch in branches])


@get(
    "/management/catalog/categories/{id_or_code:str}",
    opt=READERS,
    tags=TAGS,
    operation_id="getCategory",
    responses=FOUND,
)
async def read_category(door: Door, id_or_code: FromPath[str]) -> WireResponse[body.CategoryShown]:
    """One category by its id or its code, with those below it."""
    async with door.db.read() as tx:
        branch = await get_category(tx, door.tenant, id_or_code)
    return WireResponse(show_branch(branch, door.tenant))


@get(
    "/management/catalog/products",
    opt=READERS,
    tags=TAGS,
    operation_id="listProducts",
    responses=LISTED,
    dependencies={"paging": PAGING},
)
async def read_products(
    door: Door,
    paging: NamedDependency[PageParameters],
    start: Annotated[str | None, QueryParameter(name="query")] = None,
    is_active: Annotated[bool | None, QueryParameter(name="isActive")] = None,
    last_update: Since = None,
) -> WireResponse[body.ProductPage]:
    """The products, a page at a time. `query`: how their code, one of their other codes or their name begins."""
    wanted = ProductFilter(since=_micros(last_update), is_active=is_active, start=start)
    ask = ask_page(paging, PRODUCT_SORTS, scope=("products", wanted.since, is_active, start))
    async with door.db.read() as tx:
        page = await list_products(tx, door.tenant, wanted, ask)
        ids = [product.product_id for product in page.rows]
        priced = await find_priced(tx, door.tenant, ids)
        stocked = await find_stocked(tx, door.tenant, ids)
    lines = [
        show_line(product, has_stock=product.product_id in stocked, has_price=product.product_id in priced)
        for product in page.rows
    ]
    return WireResponse(body.ProductPage(**enveloped(page), products=lines))


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
    since = _micros(last_update)
    ask = ask_page(paging, CHANGE_SORTS, scope=("updated", since))
    async with door.db.read() as tx:
        page = await list_changes(tx, door.tenant, since, ask)
    changes = [
        body.ProductChangeShown(
            id=change.product_id, code=change.code, last_update=iso(change.last_update_us), is_deleted=change.is_deleted
        )
        for change in page.rows
    ]
    newest = max((change.last_update_us for change in page.rows), default=since)
    return WireResponse(
        body.ProductChangePage(
            **enveloped(page), last_update=iso(newest) if newest is not None else None, products=changes
        )
    )


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
        details = await get_product(tx, door.tenant, id_or_code)
        stock = await find_stock_of_skus(tx, door.tenant, [sku.sku_id for sku in details.skus])
        stocked = await find_stocked(tx, door.tenant, [details.product.product_id])
    return WireResponse(show_product(details, stock, tenant=door.tenant, has_stock=bool(stocked)))


def _micros(at: datetime | None) -> Micros | None:
    return None if at is None else to_micros(at)


routes: Sequence[HTTPRouteHandler] = (read_tree, read_category, read_products, read_updated, read_product)
