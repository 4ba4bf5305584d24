"""Products in full: everything of theirs, read with one statement a kind."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.values import SkuId, Tenant
from balcao.catalog.get_product import detail_products
from balcao.catalog.rules.model import Product
from balcao.doors.neomode.catalog.body import ProductShown
from balcao.doors.neomode.catalog.show import show_product
from balcao.stock.find import find_stock_of_skus, find_stocked
from balcao.stock.rules.model import StockLine


async def show_products(tx: Tx, tenant: Tenant, products: Sequence[Product]) -> list[ProductShown]:
    """These products with SKUs, categories, collections, prices and every store's stock, in the order given."""
    details = await detail_products(tx, tenant, products)
    stock: dict[SkuId, list[StockLine]] = {}
    for line in await find_stock_of_skus(tx, tenant, [sku.sku_id for each in details for sku in each.skus]):
        stock.setdefault(line.sku_id, []).append(line)
    stocked = await find_stocked(tx, tenant, [product.product_id for product in products])
    return [show_product(each, stock, tenant=tenant, has_stock=each.product.product_id in stocked) for each in details]
