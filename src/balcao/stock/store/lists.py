"""Pages of stock, and the stock of products."""

from collections.abc import Sequence

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.listing import Listing
from balcao.base.paging import Page, PageAsk, continues
from balcao.base.values import ProductId, SkuId, Tenant
from balcao.stock.rules.model import Level, StockFilter, StockKey, StockLine

_COLUMNS = """
    k.seller_id, e.cnpj AS seller_cnpj, k.sku_id, s.code AS sku_code, k.on_hand, k.reserved, e.safety_stock,
    k.last_update_us, s.is_deleted
"""
_SOURCE = """
    FROM stock k JOIN seller e ON e.tenant = k.tenant AND e.seller_id = k.seller_id
                 JOIN sku s ON s.tenant = k.tenant AND s.sku_id = k.sku_id
   WHERE k.tenant = $1
"""


_SELLER = "SELECT seller_id FROM seller WHERE tenant = $1 AND"


async def list_stock(tx: Tx, tenant: Tenant, wanted: StockFilter, ask: PageAsk) -> Page[StockLine]:
    """Levels by their last change, by `stock_by_last_update`."""
    counted = "FROM stock k WHERE k.tenant = $1"
    listing = Listing(tenant, columns=_COLUMNS, source=_SOURCE, key="k.sku_id", counted=counted)
    conditions = {
        "k.last_update_us > {}": None if continues(ask) else wanted.since,
        "k.seller_id = {}": wanted.seller_id,
        f"k.seller_id = ({_SELLER} cnpj = {{}})": wanted.seller_cnpj,
        f"k.seller_id = ({_SELLER} point_sale_id = {{}})": wanted.point_sale_id,
        "k.sku_id = {}": wanted.sku_id,
        "k.sku_id = (SELECT sku_id FROM sku WHERE tenant = $1 AND code = {})": wanted.sku_code,
    }
    for condition, value in conditions.items():
        if value is not None:
            listing.where(condition, value)
    return (await listing.fetch(tx, ask)).map(_as_line)


async def find_keys(tx: Tx, tenant: Tenant, sku_ids: Sequence[SkuId]) -> list[StockKey]:
    """The levels that there are of these SKUs, by the primary key."""
    rows = await tx.fetch(
        "SELECT seller_id, sku_id FROM stock WHERE tenant = $1 AND sku_id = ANY($2::uuid[])", tenant, sku_ids
    )
    return [(row["seller_id"], row["sku_id"]) for row in rows]


async def find_of_skus(tx: Tx, tenant: Tenant, sku_ids: Sequence[SkuId]) -> list[StockLine]:
    """Every store's level of these SKUs, by the primary key, in the order of the stores' CNPJs."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} {_SOURCE} AND k.sku_id = ANY($2::uuid[]) ORDER BY e.cnpj, s.code",
        tenant,
        sku_ids,
    )
    return [_as_line(row) for row in rows]


def _as_line(row: Record) -> StockLine:
    return StockLine(
        seller_id=row["seller_id"],
        seller_cnpj=row["seller_cnpj"],
        sku_id=row["sku_id"],
        sku_code=row["sku_code"],
        level=Level(row["on_hand"], row["reserved"], row["safety_stock"]),
        last_update_us=row["last_update_us"],
        is_deleted=row["is_deleted"],
    )


async def find_stocked(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> set[ProductId]:
    """Which of these products have a unit to sell: of an active SKU, in an active store."""
    rows = await tx.fetch(
        """
        SELECT DISTINCT s.product_id
          FROM sku s JOIN stock k ON k.tenant = s.tenant AND k.sku_id = s.sku_id
                     JOIN seller e ON e.tenant = k.tenant AND e.seller_id = k.seller_id
         WHERE s.tenant = $1 AND s.product_id = ANY($2::uuid[]) AND s.is_active AND NOT s.is_deleted
           AND e.is_active AND k.on_hand - k.reserved - e.safety_stock > 0
        """,
        tenant,
        product_ids,
    )
    return {row["product_id"] for row in rows}
