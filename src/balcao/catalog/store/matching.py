"""Which products and SKUs the codes of a batch name."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from balcao.base.db import Tx
from balcao.base.values import ProductId, Tenant
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


async def find_living(tx: Tx, tenant: Tenant, ids: Sequence[UUID]) -> list[ProductId]:
    """Which of these ids are of products that are not deleted."""
    rows = await tx.fetch(
        "SELECT product_id FROM product WHERE tenant = $1 AND product_id = ANY($2::uuid[]) AND NOT is_deleted",
        tenant,
        ids,
    )
    return [row["product_id"] for row in rows]


async def find_by_reference(tx: Tx, tenant: Tenant, code: str) -> list[ProductId]:
    """The products that are not deleted with this reference code or code, by the indexes of both."""
    rows = await tx.fetch(
        """
        SELECT product_id FROM product
         WHERE tenant = $1 AND (code = $2 OR reference_code = $2) AND NOT is_deleted ORDER BY code <> $2, product_id
        """,
        tenant,
        code,
    )
    return [row["product_id"] for row in rows]


async def find_by_sku_codes(tx: Tx, tenant: Tenant, code: str) -> list[ProductId]:
    """The living products of the living SKUs with this code or bar code, by the indexes of both."""
    rows = await tx.fetch(
        """
        SELECT s.product_id FROM sku s JOIN product p ON p.tenant = $1 AND p.product_id = s.product_id
         WHERE s.tenant = $1 AND (s.code = $2 OR s.barcode = $2) AND NOT s.is_deleted AND NOT p.is_deleted
         ORDER BY s.code <> $2, s.product_id
        """,
        tenant,
        code,
    )
    return list(dict.fromkeys(row["product_id"] for row in rows))


async def find_by_any_code(tx: Tx, tenant: Tenant, code: str) -> list[ProductId]:
    """The living products that have this as any of their codes or of their living SKUs', each by an index.

    As it is written, or all in capitals or small letters, as most codes are.
    """
    rows = await tx.fetch(
        """
        SELECT p.product_id FROM product p
         WHERE p.tenant = $1 AND NOT p.is_deleted
           AND (p.code = ANY($2::text[]) OR p.aux_code = ANY($2::text[]) OR p.reference_code = ANY($2::text[]))
         UNION
        SELECT s.product_id FROM sku s JOIN product p ON p.tenant = $1 AND p.product_id = s.product_id
         WHERE s.tenant = $1 AND NOT s.is_deleted AND NOT p.is_deleted
           AND (s.code = ANY($2::text[]) OR s.aux_code = ANY($2::text[]) OR s.barcode = ANY($2::text[]))
         ORDER BY 1 LIMIT 1000
        """,
        tenant,
        list({code, code.upper(), code.lower()}),
    )
    return [row["product_id"] for row in rows]
