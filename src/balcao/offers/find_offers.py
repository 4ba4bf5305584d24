"""Find what stores offer: by text, id, SKU or bar code, reference or address, with price and stock."""

from collections.abc import Sequence

import msgspec

from balcao.base.db import Tx
from balcao.base.values import SellerId, Tenant
from balcao.catalog.find import find_prices, find_products
from balcao.catalog.get_product import detail_products
from balcao.catalog.search import SearchBy, search_products
from balcao.offers.rules import Offer
from balcao.offers.store.products import find_sellable
from balcao.stock.find import find_levels


class FindOffers(msgspec.Struct, frozen=True, kw_only=True):
    """seller_ids: the stores to look in; sellable_only: leave out what none of them can sell now; skip and limit: of
    the products found.
    """

    tenant: Tenant
    query: str
    seller_ids: Sequence[SellerId]
    by: SearchBy = SearchBy.TEXT
    sellable_only: bool = True
    skip: int = 0
    limit: int = 10


async def find_offers(tx: Tx, cmd: FindOffers) -> list[Offer]:
    """The products that fit, the best first, with what each of the stores asks for them and has of them."""
    found = await search_products(tx, cmd.tenant, cmd.by, cmd.query)
    if cmd.sellable_only and found:
        sellable = await find_sellable(tx, cmd.tenant, found, cmd.seller_ids)
        found = [product_id for product_id in found if product_id in sellable]
    chosen = found[cmd.skip : cmd.skip + cmd.limit]
    products = {product.product_id: product for product in await find_products(tx, cmd.tenant, chosen)}
    details = await detail_products(tx, cmd.tenant, [products[id_] for id_ in chosen if id_ in products])
    prices = await find_prices(tx, cmd.tenant, cmd.seller_ids, chosen)
    skus = {sku.sku_id: sku.product_id for each in details for sku in each.skus}
    levels = await find_levels(tx, cmd.tenant, cmd.seller_ids, list(skus))
    return [
        Offer(
            details=each,
            prices={seller: price for (id_, seller), price in prices.items() if id_ == each.product.product_id},
            levels={key: level for key, level in levels.items() if skus[key[1]] == each.product.product_id},
        )
        for each in details
    ]
