"""List products by what stores can sell of them."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.paging import Page, PageAsk
from balcao.base.values import ProductId, Tenant
from balcao.catalog.find import find_products
from balcao.catalog.lists import find_priced
from balcao.catalog.rules.model import Product
from balcao.offers.rules import ProductFilter, ProductLine
from balcao.offers.store import products as store
from balcao.stock.find import find_stocked


async def list_products(tx: Tx, tenant: Tenant, wanted: ProductFilter, ask: PageAsk) -> Page[ProductLine]:
    """A page of products, sorted by one of `PRODUCT_SORTS`, or of `FOUND_SORTS` where a search found them."""
    page = await store.list_products(tx, tenant, wanted, ask)
    found = {product.product_id: product for product in await find_products(tx, tenant, page.rows)}
    return page.replace_rows(await line_up(tx, tenant, [found[id_] for id_ in page.rows if id_ in found]))


async def line_up(tx: Tx, tenant: Tenant, products: Sequence[Product]) -> list[ProductLine]:
    """These products with what a list says of them."""
    ids: list[ProductId] = [product.product_id for product in products]
    priced = await find_priced(tx, tenant, ids)
    stocked = await find_stocked(tx, tenant, ids)
    return [
        ProductLine(product=each, has_stock=each.product_id in stocked, has_price=each.product_id in priced)
        for each in products
    ]
