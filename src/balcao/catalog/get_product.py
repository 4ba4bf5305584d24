"""Read one product with everything of its own, or several."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import ProductId, Tenant
from balcao.catalog.rules.model import Product, Sku
from balcao.catalog.rules.reading import ProductDetails
from balcao.catalog.store import categories, collections, prices, products, skus
from balcao.sellers.rules.match import read_id

T = TypeVar("T")


async def get_product(tx: Tx, tenant: Tenant, id_or_code: str) -> ProductDetails:
    """The product with this id, or else with this code. Raises NotFound, also for a deleted one."""
    return (await detail_products(tx, tenant, [await find_product(tx, tenant, id_or_code)]))[0]


async def find_product(tx: Tx, tenant: Tenant, id_or_code: str, *, deleted: bool = False) -> Product:
    """The product by itself; `deleted`: also one that is, rather than NotFound."""
    id_ = read_id(id_or_code)
    found = await products.find_products(tx, tenant, codes=[id_or_code], ids=[id_] if id_ else [])
    fitting = [product for product in found if deleted or not product.is_deleted]
    if not fitting:
        raise NotFound(f"There is no product {id_or_code}.", code="product_not_found")
    return min(fitting, key=lambda product: (product.is_deleted, product.product_id != id_))


async def find_sku(
    tx: Tx, tenant: Tenant, id_or_code: str, *, of: ProductId | None = None, deleted: bool = False
) -> Sku:
    """The SKU with this id, or else with this code. Raises NotFound; `of`: also where it is another product's."""
    id_ = read_id(id_or_code)
    found = await skus.find_skus(tx, tenant, codes=[id_or_code], ids=[id_] if id_ else [])
    fitting = [sku for sku in found if (deleted or not sku.is_deleted) and of in (None, sku.product_id)]
    if not fitting:
        raise NotFound(f"There is no SKU {id_or_code}.", code="sku_not_found")
    return min(fitting, key=lambda sku: (sku.is_deleted, sku.sku_id != id_))


async def detail_products(tx: Tx, tenant: Tenant, chosen: Sequence[Product]) -> list[ProductDetails]:
    """These products with their SKUs, categories, collections and prices, in the order given; one statement a kind."""
    ids = [product.product_id for product in chosen]
    own_skus = _by_product((sku.product_id, sku) for sku in await skus.find_of_products(tx, tenant, ids))
    own_categories = _by_product(await categories.find_of_products(tx, tenant, ids))
    own_collections = _by_product(await collections.find_of_products(tx, tenant, ids))
    own_prices = _by_product((line.price.product_id, line) for line in await prices.find_of_products(tx, tenant, ids))
    return [
        ProductDetails(
            product=product,
            skus=tuple(own_skus.get(product.product_id, ())),
            categories=tuple(own_categories.get(product.product_id, ())),
            collections=tuple(own_collections.get(product.product_id, ())),
            prices=tuple(own_prices.get(product.product_id, ())),
        )
        for product in chosen
    ]


def _by_product(found: Iterable[tuple[ProductId, T]]) -> dict[ProductId, list[T]]:
    grouped: dict[ProductId, list[T]] = {}
    for product_id, each in found:
        grouped.setdefault(product_id, []).append(each)
    return grouped
