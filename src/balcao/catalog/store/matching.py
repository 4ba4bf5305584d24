"""Which products and SKUs the codes of a batch name."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.catalog.rules.match import ProductMatch, ProductRef, SkuMatch, SkuRef

_PRODUCT: Final = {
    ProductMatch.CODE: "code = ANY($2::text[])",
    ProductMatch.AUX_CODE: "aux_code = ANY($2::text[])",
    ProductMatch.REFERENCE_CODE: "reference_code = ANY($2::text[])",
    ProductMatch.ID: "product_id = ANY($2::uuid[])",
}
_SKU: Final = {
    SkuMatch.CODE: "code = ANY($2::text[])",
    SkuMatch.AUX_CODE: "aux_code = ANY($2::text[])",
    SkuMatch.BARCODE: "barcode = ANY($2::text[])",
    SkuMatch.ID: "sku_id = ANY($2::uuid[])",
}
"""Each by an index of its own."""


async def find_products(
    tx: Tx, tenant: Tenant, match: ProductMatch, names: Sequence[str | UUID]
) -> list[tuple[str | UUID, ProductRef]]:
    """The products that are not deleted, each with the name that found it."""
    condition = _PRODUCT[match]
    column = condition.split(" ", 1)[0]
    rows = await tx.fetch(
        f"SELECT {column} AS named, product_id, code, name FROM product"  # noqa: S608
        f" WHERE tenant = $1 AND NOT is_deleted AND {condition}",
        tenant,
        names,
    )
    return [(named, ProductRef(product_id, code, name)) for named, product_id, code, name in rows]


async def find_skus(
    tx: Tx, tenant: Tenant, match: SkuMatch, names: Sequence[str | UUID]
) -> list[tuple[str | UUID, SkuRef]]:
    """The SKUs that are not deleted, each with the name that found it."""
    condition = _SKU[match]
    column = condition.split(" ", 1)[0]
    rows = await tx.fetch(
        f"SELECT {column} AS named, sku_id, product_id, code FROM sku"  # noqa: S608
        f" WHERE tenant = $1 AND NOT is_deleted AND {condition}",
        tenant,
        names,
    )
    return [(named, SkuRef(sku_id, product_id, code)) for named, sku_id, product_id, code in rows]
