"""Write one SKU over HTTP, by itself or as its product's."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import msgspec
from litestar import Response, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from balcao.base.batch import BatchResult, Sent
from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.catalog.get_product import find_product, find_sku
from balcao.catalog.put_skus import PutSkus, put_skus
from balcao.catalog.rules.drafts import SkuDraft
from balcao.catalog.rules.match import ProductMatch
from balcao.doors.batches import refuse_bound
from balcao.doors.door import Door
from balcao.doors.neomode.catalog.asked import LoneSkuAsked, SkuAsked
from balcao.doors.neomode.catalog.body import SkuShown
from balcao.doors.neomode.catalog.matching import PRODUCTS_BY
from balcao.doors.neomode.catalog.show import show_sku
from balcao.doors.neomode.catalog.single import CATALOG, REFUSED, TAGS, WRITERS, create, created_or_there, replace
from balcao.doors.neomode.catalog.understand import sku_of
from balcao.stock.find import find_stock_of_skus

OF_PRODUCT = f"{CATALOG}/products/{{id_or_code:str}}/skus"


@post(
    f"{CATALOG}/skus",
    opt=WRITERS,
    tags=TAGS,
    operation_id="createSku",
    dependencies={"products_by": PRODUCTS_BY},
    responses=created_or_there(SkuShown),
)
async def create_sku(
    door: Door, data: JSONBody[LoneSkuAsked], products_by: NamedDependency[ProductMatch]
) -> Response[SkuShown]:
    """Make a SKU of the product that it names. One that is there exactly so is answered with 200."""
    refuse_bound(door, "SKUs")
    draft = sku_of(data)

    async def put_it(tx: Tx) -> BatchResult:
        return await _put(tx, door, draft, products_by)

    return await create(door, partial(_known, door, draft.code), put_it, partial(_show, door, draft.code), path="skus")


@post(OF_PRODUCT, opt=WRITERS, tags=TAGS, operation_id="createSkuOfProduct", responses=created_or_there(SkuShown))
async def create_sku_of(door: Door, id_or_code: FromPath[str], data: JSONBody[SkuAsked]) -> Response[SkuShown]:
    """Make a SKU of this product. One that is there exactly so is answered with 200."""
    refuse_bound(door, "SKUs")
    draft = sku_of(data)

    async def put_it(tx: Tx) -> BatchResult:
        product = await find_product(tx, door.tenant, id_or_code)
        return await _put(tx, door, msgspec.structs.replace(draft, product_id=str(product.product_id)))

    return await create(door, partial(_known, door, draft.code), put_it, partial(_show, door, draft.code), path="skus")


@put(f"{OF_PRODUCT}/{{sku:str}}", opt=WRITERS, tags=TAGS, operation_id="putSkuOfProduct", responses=REFUSED)
async def put_sku_of(
    door: Door, id_or_code: FromPath[str], sku: FromPath[str], data: JSONBody[SkuAsked]
) -> Response[SkuShown]:
    """Replace a SKU of this product: what is left out is the default again. A deleted one comes back."""
    refuse_bound(door, "SKUs")
    draft = sku_of(data)

    async def known(tx: Tx) -> str:
        product = await find_product(tx, door.tenant, id_or_code)
        return (await find_sku(tx, door.tenant, sku, of=product.product_id, deleted=True)).code

    async def put_it(tx: Tx) -> BatchResult:
        return await _put(tx, door, draft)

    return await replace(door, known, draft.code, put_it, partial(_show, door, draft.code))


async def _known(door: Door, code: str, tx: Tx) -> UUID | None:
    try:
        found = await find_sku(tx, door.tenant, code)
    except NotFound:
        return None
    return found.sku_id if found.code == code else None


async def _put(tx: Tx, door: Door, draft: SkuDraft, match: ProductMatch = ProductMatch.CODE) -> BatchResult:
    cmd = PutSkus(tenant=door.tenant, actor=door.caller.client_id, rows=[Sent(1, draft)], match=match)
    return await put_skus(tx, cmd, door.now)


async def _show(door: Door, code: str, tx: Tx) -> SkuShown:
    sku = await find_sku(tx, door.tenant, code)
    return show_sku(sku, await find_stock_of_skus(tx, door.tenant, [sku.sku_id]))


routes: Sequence[HTTPRouteHandler] = (create_sku, create_sku_of, put_sku_of)
