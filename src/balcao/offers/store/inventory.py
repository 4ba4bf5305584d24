"""Pages of what lies on the stores' shelves."""

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.listing import Listing
from balcao.base.paging import Page, PageAsk
from balcao.base.values import Tenant
from balcao.offers.rules import InventoryFilter, InventoryLine, StockStatus
from balcao.stock.rules.model import Level

_COLUMNS = """
    p.product_id, p.code AS product_code, p.name AS product_name, s.sku_id, s.code AS sku_code, s.name AS sku_name,
    s.barcode, s.min_stock, e.seller_id, e.cnpj AS seller_cnpj, e.name AS seller_name, k.on_hand, k.reserved,
    e.safety_stock, k.last_update_us
"""
_SOURCE = """
    FROM stock k JOIN seller e ON e.tenant = $1 AND e.seller_id = k.seller_id
                 JOIN sku s ON s.tenant = $1 AND s.sku_id = k.sku_id
                 JOIN product p ON p.tenant = $1 AND p.product_id = s.product_id
   WHERE k.tenant = $1 AND NOT s.is_deleted AND NOT p.is_deleted
"""
_AVAILABLE = "k.on_hand - k.reserved - e.safety_stock"
_STATUS = {
    StockStatus.AVAILABLE: f"{_AVAILABLE} > greatest(s.min_stock, 0)",
    StockStatus.LOW: f"{_AVAILABLE} BETWEEN 1 AND s.min_stock",
    StockStatus.OUT: f"{_AVAILABLE} <= 0",
}
# The same asked of a level alone: how many are so is counted among the first levels.
_STANDS = """
    (SELECT {} FROM seller e JOIN sku s ON s.tenant = $1 AND s.sku_id = k.sku_id
      WHERE e.tenant = $1 AND e.seller_id = k.seller_id)
"""
_PLAIN = tuple(name for name in InventoryLine.__struct_fields__ if name != "level")


async def list_inventory(tx: Tx, tenant: Tenant, wanted: InventoryFilter, ask: PageAsk) -> Page[InventoryLine]:
    """Levels with what they are of, by `stock_by_last_update` or `sku_tenant_code_key`, whichever is the sort."""
    listing = Listing(tenant, columns=_COLUMNS, source=_SOURCE, key="k.seller_id")
    if wanted.found is not None:
        listing.where("s.product_id = ANY({}::uuid[])", wanted.found)
    if wanted.category_ids is not None:
        listing.where(
            "EXISTS (SELECT FROM product_category l WHERE l.tenant = $1 AND l.product_id = s.product_id"
            " AND l.category_id = ANY({}::uuid[]))",
            wanted.category_ids,
        )
    if wanted.seller_id is not None:
        listing.where("k.seller_id = {}", wanted.seller_id)
    if wanted.seller_cnpj is not None:
        listing.where("e.cnpj = {}", wanted.seller_cnpj)
    if wanted.status is not None:
        condition = _STATUS[wanted.status]
        listing.where_derived(_STANDS.format(condition), joined=condition)
    if ask.after is not None and ask.sort.column == "s.code":
        # The place where a page starts is named by columns of two tables: no index knows both.
        listing.where("s.code >= {}" if ask.ascending else "s.code <= {}", ask.after.value)
    return (await listing.fetch(tx, ask)).map(_as_line)


def _as_line(row: Record) -> InventoryLine:
    level = Level(row["on_hand"], row["reserved"], row["safety_stock"])
    return InventoryLine(level=level, **{name: row[name] for name in _PLAIN})
