"""Delete products, SKUs and categories over HTTP: softly, seen in the change feeds."""

from collections.abc import Sequence

from litestar import Response, delete
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from balcao.base.db import Tx
from balcao.catalog.delete_category import DeleteCategory, delete_category
from balcao.catalog.delete_products import DeleteProducts, DeleteSkus
from balcao.catalog.get_product import find_product, find_sku
from balcao.doors.batches import refuse_bound
from balcao.doors.door import Door
from balcao.doors.neomode.catalog.single import CATALOG, REFUSED, TAGS, WRITERS
from balcao.offers.delete import delete_offered_products, delete_offered_skus


@delete(
    f"{CATALOG}/products/{{id_or_code:str}}",
    opt=WRITERS,
    tags=TAGS,
    operation_id="deleteProduct",
    status_code=204,
    responses=REFUSED,
)
async def remove_product(door: Door, id_or_code: FromPath[str]) -> Response[None]:
    """Delete a product with its SKUs and prices, by its id or its code; of its stock remains what open orders hold.

    The change feeds tell it (`isDeleted`), orders keep what they say. Sent again it lives again, without the prices.
    """
    refuse_bound(door, "products")

    async def work(tx: Tx) -> Response[None]:
        product = await find_product(tx, door.tenant, id_or_code, deleted=True)
        cmd = DeleteProducts(tenant=door.tenant, actor=door.caller.client_id, product_ids=[product.product_id])
        await delete_offered_products(tx, cmd, door.now)
        return Response(None, status_code=204)

    return await door.write(work)


@delete(
    f"{CATALOG}/skus/{{sku:str}}",
    opt=WRITERS,
    tags=TAGS,
    operation_id="deleteSku",
    status_code=204,
    responses=REFUSED,
)
async def remove_sku(door: Door, sku: FromPath[str]) -> Response[None]:
    """Delete a SKU, by its id or its code; of its stock remains what open orders hold."""
    refuse_bound(door, "SKUs")

    async def work(tx: Tx) -> Response[None]:
        found = await find_sku(tx, door.tenant, sku, deleted=True)
        cmd = DeleteSkus(tenant=door.tenant, actor=door.caller.client_id, sku_ids=[found.sku_id])
        await delete_offered_skus(tx, cmd, door.now)
        return Response(None, status_code=204)

    return await door.write(work)


@delete(
    f"{CATALOG}/categories/{{id_or_code:str}}",
    opt=WRITERS,
    tags=TAGS,
    operation_id="deleteCategory",
    status_code=204,
    responses=REFUSED,
)
async def remove_category(door: Door, id_or_code: FromPath[str]) -> Response[None]:
    """Delete a category that nothing hangs below, by its id or its code; its products are in it no more."""
    refuse_bound(door, "categories")

    async def work(tx: Tx) -> Response[None]:
        cmd = DeleteCategory(tenant=door.tenant, actor=door.caller.client_id, category=id_or_code)
        await delete_category(tx, cmd, door.now)
        return Response(None, status_code=204)

    return await door.write(work)


routes: Sequence[HTTPRouteHandler] = (remove_product, remove_sku, remove_category)
