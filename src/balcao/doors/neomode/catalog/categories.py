"""Read categories, and which products are in them, over HTTP."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from balcao.base.paging import PageParameters, ask_page
from balcao.base.values import iso
from balcao.catalog.get_category import get_category, get_tree, list_branches
from balcao.catalog.lists import list_links
from balcao.catalog.rules.reading import CATEGORY_SORTS, CHANGE_SORTS, CategoryFilter, CategoryLinkLine, LinkFilter
from balcao.doors.door import Door
from balcao.doors.neomode.catalog import body
from balcao.doors.neomode.catalog.reading import FOUND, LISTED, READERS, TAGS, IsActive, Since, micros, read_uuid
from balcao.doors.neomode.catalog.show import show_branch
from balcao.doors.paging import PAGING, Envelope, enveloped
from balcao.doors.wire import Instant, Wire, WireResponse


class ProductCategoryLink(Wire, kw_only=True):
    """That a product is in a category; `lastUpdate` is the product's."""

    category_id: UUID
    category_name: str
    category_code: str
    product_id: UUID
    product_name: str
    product_code: str
    last_update: Instant


class ProductCategoryPage(Envelope, kw_only=True):
    """One page of products in categories."""

    productcategories: list[ProductCategoryLink]


@get(
    "/management/catalog/categories",
    opt=READERS,
    tags=TAGS,
    operation_id="listCategories",
    responses=LISTED,
    dependencies={"paging": PAGING},
)
async def read_categories(
    door: Door,
    paging: NamedDependency[PageParameters],
    include_children: Annotated[bool, QueryParameter(name="includeChildren")] = False,
    is_active: IsActive = None,
    last_update: Since = None,
) -> WireResponse[body.CategoryPage]:
    """The categories, a page at a time, at whatever depth; `includeChildren`: each with everything below it.

    With `lastUpdate` those that changed later than that, deleted ones too.
    """
    wanted = CategoryFilter(since=micros(last_update), is_active=is_active)
    scope = ("categories", include_children, wanted.since, is_active)
    ask = ask_page(paging, CATEGORY_SORTS, scope=scope)
    async with door.db.read() as tx:
        page = await list_branches(tx, door.tenant, wanted, ask, deep=include_children)
    shown = [show_branch(branch, door.tenant) for branch in page.rows]
    return WireResponse(body.CategoryPage(**enveloped(page), categories=shown))


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
    "/management/catalog/productcategories",
    opt=READERS,
    tags=TAGS,
    operation_id="listProductCategories",
    responses=LISTED,
    dependencies={"paging": PAGING},
)
async def read_links(
    door: Door,
    paging: NamedDependency[PageParameters],
    last_update: Since = None,
    category_id: Annotated[str | None, QueryParameter(name="categoryId")] = None,
    product_id: Annotated[str | None, QueryParameter(name="productId")] = None,
) -> WireResponse[ProductCategoryPage]:
    """Which products are in which categories, by when the product last changed."""
    wanted = LinkFilter(
        since=micros(last_update),
        category_id=read_uuid("categoryId", category_id),
        product_id=read_uuid("productId", product_id),
    )
    scope = ("productcategories", wanted.since, wanted.category_id, wanted.product_id)
    ask = ask_page(paging, CHANGE_SORTS, scope=scope)
    async with door.db.read() as tx:
        page = await list_links(tx, door.tenant, wanted, ask)
    links = [_show_link(line) for line in page.rows]
    return WireResponse(ProductCategoryPage(**enveloped(page), productcategories=links))


def _show_link(line: CategoryLinkLine) -> ProductCategoryLink:
    return ProductCategoryLink(
        category_id=line.category_id,
        category_name=line.category_name,
        category_code=line.category_code,
        product_id=line.product_id,
        product_name=line.product_name,
        product_code=line.product_code,
        last_update=iso(line.last_update_us),
    )


routes: Sequence[HTTPRouteHandler] = (read_categories, read_tree, read_category, read_links)
