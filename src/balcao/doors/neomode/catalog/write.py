"""Write categories, products and SKUs over HTTP: batches, each row a whole record found by its code."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from balcao.catalog.rules.match import ProductMatch, SkuMatch
from balcao.doors.batches import (
    BATCH_RESPONSES,
    BYTES_MAX,
    BatchBody,
    BatchDTO,
    RawRows,
    Wait,
    refuse_bound,
    take_batch,
)
from balcao.doors.door import Door
from balcao.doors.guard import roles
from balcao.doors.neomode.catalog.asked import CategoryAsked, LoneSkuAsked, ProductAsked
from balcao.doors.neomode.catalog.matching import PRODUCTS_BY, SKUS_BY, refuse_other
from balcao.imports.rules.model import How, Kind
from balcao.tenants.rules import Role

BATCH: dict[str, Any] = {
    "opt": roles(Role.ERP, Role.ADMIN),
    "status_code": 200,
    "tags": ["catalogue"],
    "dto": BatchDTO,
    "request_max_body_size": BYTES_MAX,
    "responses": BATCH_RESPONSES,
}
"""What the routes of batches have in common."""


@put("/management/catalog/categories", operation_id="putCategories", **BATCH)
async def write_categories(
    door: Door, data: JSONBody[RawRows[CategoryAsked]], wait: Wait = False
) -> Response[BatchBody]:
    """Insert or replace categories, each found by its `code`. Parents may stand anywhere in the batch.

    A child counts as a row of its own. Kept at once and applied after what was sent before; bad rows fail alone.
    """
    refuse_bound(door, "categories")
    return await take_batch(door, data, Kind.CATEGORIES, wait=wait)


@put(
    "/management/catalog/products",
    operation_id="putProducts",
    dependencies={"products_by": PRODUCTS_BY},
    **BATCH,
)
async def write_products(
    door: Door, data: JSONBody[RawRows[ProductAsked]], products_by: NamedDependency[ProductMatch], wait: Wait = False
) -> Response[BatchBody]:
    """Insert or replace products with their categories, images and SKUs, each found by its `code`.

    Kept at once and applied after what was sent before; bad rows fail alone.
    """
    refuse_bound(door, "products")
    refuse_other(products_by, "ProductMatchCode")
    return await take_batch(door, data, Kind.PRODUCTS, wait=wait)


@put(
    "/management/catalog/skus",
    operation_id="putSkus",
    dependencies={"products_by": PRODUCTS_BY, "skus_by": SKUS_BY},
    **BATCH,
)
async def write_skus(
    door: Door,
    data: JSONBody[RawRows[LoneSkuAsked]],
    products_by: NamedDependency[ProductMatch],
    skus_by: NamedDependency[SkuMatch],
    wait: Wait = False,
) -> Response[BatchBody]:
    """Insert or replace SKUs, each found by its `code`. A known one that names no product stays with its own.

    Kept at once and applied after what was sent before; bad rows fail alone.
    """
    refuse_bound(door, "SKUs")
    refuse_other(skus_by, "SkuMatchCode")
    return await take_batch(door, data, Kind.SKUS, how=How(products_by=products_by), wait=wait)


routes: Sequence[HTTPRouteHandler] = (write_categories, write_products, write_skus)
