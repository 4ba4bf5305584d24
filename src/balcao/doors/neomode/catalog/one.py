"""Write one category or one product over HTTP."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from litestar import Response, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from balcao.base.batch import BatchResult, Sent
from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.catalog.get_category import find_category, get_category
from balcao.catalog.get_product import find_product
from balcao.catalog.put_categories import PutCategories, put_categories
from balcao.catalog.put_products import PutProducts, put_products
from balcao.doors.batches import refuse_bound
from balcao.doors.door import Door
from balcao.doors.neomode.catalog.asked import CategoryAsked, ProductAsked
from balcao.doors.neomode.catalog.body import CategoryShown, ProductShown
from balcao.doors.neomode.catalog.show import show_branch
from balcao.doors.neomode.catalog.single import CATALOG, REFUSED, TAGS, WRITERS, create, created_or_there, replace
from balcao.doors.neomode.catalog.understand import categories_of, product_of
from balcao.doors.neomode.catalog.whole import show_products


@post(
    f"{CATALOG}/categories",
    opt=WRITERS,
    tags=TAGS,
    operation_id="createCategory",
    responses=created_or_there(CategoryShown),
)
async def create_category(door: Door, data: JSONBody[CategoryAsked]) -> Response[CategoryShown]:
    """Make a category, and its `children` below it. One that is there exactly so is answered with 200."""
    refuse_bound(door, "categories")

    async def known(tx: Tx) -> UUID | None:
        try:
            found = await find_category(tx, door.tenant, data.code.strip())
        except NotFound:
            return None
        return None if found.is_deleted or found.code != data.code.strip() else found.category_id

    put_it = partial(_put_category, door, data)
    return await create(door, known, put_it, partial(_show_category, door, data.code.strip()), path="categories")


@put(
    f"{CATALOG}/categories/{{id_or_code:str}}",
    opt=WRITERS,
    tags=TAGS,
    operation_id="putCategory",
    responses=REFUSED,
)
async def put_category(door: Door, id_or_code: FromPath[str], data: JSONBody[CategoryAsked]) -> Response[CategoryShown]:
    """Replace a category, by its id or its code: what is left out is the default again. A deleted one comes back."""
    refuse_bound(door, "categories")

    async def known(tx: Tx) -> str:
        return (await find_category(tx, door.tenant, id_or_code)).code

    put_it = partial(_put_category, door, data)
    return await replace(door, known, data.code, put_it, partial(_show_category, door, data.code.strip()))


async def _put_category(door: Door, data: CategoryAsked, tx: Tx) -> BatchResult:
    rows = [Sent(1, record, part) for part, record in categories_of(data)]
    cmd = PutCategories(tenant=door.tenant, actor=door.caller.client_id, rows=rows)
    return await put_categories(tx, cmd, door.now)


async def _show_category(door: Door, code: str, tx: Tx) -> CategoryShown:
    return show_branch(await get_category(tx, door.tenant, code), door.tenant)


@post(
    f"{CATALOG}/products",
    opt=WRITERS,
    tags=TAGS,
    operation_id="createProduct",
    responses=created_or_there(ProductShown),
)
async def create_product(door: Door, data: JSONBody[ProductAsked]) -> Response[ProductShown]:
    """Make a product with its categories, images and SKUs. One that is there exactly so is answered with 200."""
    refuse_bound(door, "products")

    async def known(tx: Tx) -> UUID | None:
        try:
            found = await find_product(tx, door.tenant, data.code.strip())
        except NotFound:
            return None
        return None if found.code != data.code.strip() else found.product_id

    put_it = partial(_put_product, door, data)
    return await create(door, known, put_it, partial(_show_product, door, data.code.strip()), path="products")


@put(f"{CATALOG}/products/{{id_or_code:str}}", opt=WRITERS, tags=TAGS, operation_id="putProduct", responses=REFUSED)
async def put_product(door: Door, id_or_code: FromPath[str], data: JSONBody[ProductAsked]) -> Response[ProductShown]:
    """Replace a product, by its id or its code: what is left out is the default again. A deleted one comes back."""
    refuse_bound(door, "products")

    async def known(tx: Tx) -> str:
        return (await find_product(tx, door.tenant, id_or_code, deleted=True)).code

    put_it = partial(_put_product, door, data)
    return await replace(door, known, data.code, put_it, partial(_show_product, door, data.code.strip()))


async def _put_product(door: Door, data: ProductAsked, tx: Tx) -> BatchResult:
    cmd = PutProducts(tenant=door.tenant, actor=door.caller.client_id, rows=[Sent(1, product_of(data))])
    return await put_products(tx, cmd, door.now)


async def _show_product(door: Door, code: str, tx: Tx) -> ProductShown:
    [shown] = await show_products(tx, door.tenant, [await find_product(tx, door.tenant, code)])
    return shown


routes: Sequence[HTTPRouteHandler] = (create_category, put_category, create_product, put_product)
