"""Read the catalogue a page at a time: products, what changed of them, prices."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.paging import Page, PageAsk
from balcao.base.values import Micros, ProductId, Tenant
from balcao.catalog.rules.model import Product
from balcao.catalog.rules.reading import PriceFilter, PriceLine, ProductChange, ProductFilter
from balcao.catalog.store import lists, prices


async def list_products(tx: Tx, tenant: Tenant, wanted: ProductFilter, ask: PageAsk) -> Page[Product]:
    """Products that are not deleted, sorted by one of `PRODUCT_SORTS`."""
    return await lists.list_products(tx, tenant, wanted, ask)


async def list_changes(tx: Tx, tenant: Tenant, since: Micros | None, ask: PageAsk) -> Page[ProductChange]:
    """Which products changed later than `since`, deleted ones too, sorted by `CHANGE_SORTS`."""
    return await lists.list_changes(tx, tenant, since, ask)


async def list_prices(tx: Tx, tenant: Tenant, wanted: PriceFilter, ask: PageAsk) -> Page[PriceLine]:
    """Prices, sorted by `CHANGE_SORTS`."""
    return await lists.list_prices(tx, tenant, wanted, ask)


async def find_priced(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> set[ProductId]:
    """Which of these products have a price, in one store at least."""
    return await prices.find_priced(tx, tenant, product_ids) if product_ids else set()
