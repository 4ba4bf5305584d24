"""Write categories, products and SKUs over HTTP: batches, each row a whole record found by its code."""

from collections.abc import Sequence

from litestar import Response, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from balcao.base.batch import BatchResult, Sent
from balcao.base.db import Tx
from balcao.catalog.put_categories import PutCategories, put_categories
from balcao.catalog.put_products import PutProducts, put_products
from balcao.catalog.put_skus import PutSkus, put_skus
from balcao.catalog.rules.drafts import CategoryDraft, ProductDraft, SkuDraft
from balcao.catalog.rules.match import ProductMatch, SkuMatch
from balcao.doors.batches import BATCH_RESPONSES, BYTES_MAX, BatchBody, Wait, answer_batch, refuse_bound, whole
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.catalog.asked import CategoryAsked, LoneSkuAsked, ProductAsked
from balcao.doors.neomode.catalog.matching import PRODUCTS_BY, SKUS_BY, refuse_other
from balcao.doors.neomode.catalog.understand import categories_of, product_of, sku_of
from balcao.doors.wire import Rows
from balcao.tenants.rules import Role

WRITERS = roles(Role.ERP, Role.ADMIN)
TAGS = ["catalogue"]


@put(
    "/management/catalog/categories",
    opt=WRITERS,
    status_code=200,
    tags=TAGS,
    operation_id="putCategories",
    request_max_body_size=BYTES_MAX,
    responses=BATCH_RESPONSES,
)
async def write_categories(door: Door, data: JSONBody[Rows[CategoryAsked]], wait: Wait = False) -> Response[BatchBody]:
    """Insert or replace categories, each found by its `code`. Parents may stand anywhere in the batch.

    A child counts as a row of its own. Bad rows fail alone: `Batch-Failed` says how many, `?wait=true` which and why.
    """
    refuse_bound(door, "categories")

    async def write(tx: Tx, rows: list[Sent[CategoryDraft]]) -> BatchResult:
        return await put_categories(tx, PutCategories(tenant=door.tenant, actor=_actor(door), rows=rows), door.now)

    return await answer_batch(door, data, categories_of, write, wait=wait)


@put(
    "/management/catalog/products",
    opt=WRITERS,
    status_code=200,
    tags=TAGS,
    operation_id="putProducts",
    request_max_body_size=BYTES_MAX,
    dependencies={"products_by": PRODUCTS_BY},
    responses=BATCH_RESPONSES,
)
async def write_products(
    door: Door, data: JSONBody[Rows[ProductAsked]], products_by: NamedDependency[ProductMatch], wait: Wait = False
) -> Response[BatchBody]:
    """Insert or replace products with their categories, images and SKUs, each found by its `code`.

    Bad rows fail alone: `Batch-Failed` says how many, `?wait=true` which and why.
    """
    refuse_bound(door, "products")
    refuse_other(products_by, "ProductMatchCode")

    async def write(tx: Tx, rows: list[Sent[ProductDraft]]) -> BatchResult:
        return await put_products(tx, PutProducts(tenant=door.tenant, actor=_actor(door), rows=rows), door.now)

    return await answer_batch(door, data, whole(product_of), write, wait=wait)


@put(
    "/management/catalog/skus",
    opt=WRITERS,
    status_code=200,
    tags=TAGS,
    operation_id="putSkus",
    request_max_body_size=BYTES_MAX,
    dependencies={"products_by": PRODUCTS_BY, "skus_by": SKUS_BY},
    responses=BATCH_RESPONSES,
)
async def write_skus(
    door: Door,
    data: JSONBody[Rows[LoneSkuAsked]],
    products_by: NamedDependency[ProductMatch],
    skus_by: NamedDependency[SkuMatch],
    wait: Wait = False,
) -> Response[BatchBody]:
    """Insert or replace SKUs, each found by its `code`. A known one that names no product stays with its own.

    Bad rows fail alone: `Batch-Failed` says how many, `?wait=true` which and why.
    """
    refuse_bound(door, "SKUs")
    refuse_other(skus_by, "SkuMatchCode")

    async def write(tx: Tx, rows: list[Sent[SkuDraft]]) -> BatchResult:
        cmd = PutSkus(tenant=door.tenant, actor=_actor(door), rows=rows, match=products_by)
        return await put_skus(tx, cmd, door.now)

    return await answer_batch(door, data, whole(sku_of), write, wait=wait)


def _actor(door: Door) -> str:
    return door.caller.client_id


routes: Sequence[HTTPRouteHandler] = (write_categories, write_products, write_skus)
