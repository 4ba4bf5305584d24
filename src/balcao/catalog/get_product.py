"""Read one product with everything of its own, or several."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import Tenant
from balcao.catalog.rules.model import Product
from balcao.catalog.rules.reading import ProductDetails
from balcao.catalog.store import categories, prices, products, skus
from balcao.sellers.rules.match import read_id


async def get_product(tx: Tx, tenant: Tenant, id_or_code: str) -> ProductDetails:
    """The product with this id, or else with this code. Raises NotFound, also for a deleted one."""
    found = await products.find_products(
        tx, tenant, codes=[id_or_code], ids=[id_] if (id_ := read_id(id_or_code)) else []
    )
    living = [product for product in found if not product.is_deleted]
    if not living:
        raise NotFound(f"There is no product {id_or_code}.", code="product_not_found")
    chosen = next((product for product in living if product.product_id == id_), living[0])
    return (await detail_products(tx, tenant, [chosen]))[0]


async def detail_products(tx: Tx, tenant: Tenant, chosen: Sequence[Product]) -> list[ProductDetails]:
    """These products with their SKUs, categories and prices, in the order given; one statement a kind."""
    ids = [product.product_id for product in chosen]
    own_skus = await skus.find_of_products(tx, tenant, ids)
    own_categories = await categories.find_of_products(tx, tenant, ids)
    own_prices = await prices.find_of_products(tx, tenant, ids)
    return [
        ProductDetails(
            product=product,
            skus=tuple(sku for sku in own_skus if sku.product_id == product.product_id),
            categories=tuple(category for owner, category in own_categories if owner == product.product_id),
            prices=tuple(line for line in own_prices if line.price.product_id == product.product_id),
        )
        for product in chosen
    ]
