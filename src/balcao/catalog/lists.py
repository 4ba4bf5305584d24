"""Read the catalogue a page at a time: what changed of products, their categories, collections, prices."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.paging import Page, PageAsk
from balcao.base.values import Micros, ProductId, Tenant
from balcao.catalog.rules.model import Collection
from balcao.catalog.rules.reading import CategoryLinkLine, LinkFilter, PriceFilter, PriceLine, ProductChange
from balcao.catalog.store import collections, lists, prices


async def list_changes(tx: Tx, tenant: Tenant, since: Micros | None, ask: PageAsk) -> Page[ProductChange]:
    """Which products changed later than `since`, deleted ones too, sorted by `CHANGE_SORTS`."""
    return await lists.list_changes(tx, tenant, since, ask)


async def list_prices(tx: Tx, tenant: Tenant, wanted: PriceFilter, ask: PageAsk) -> Page[PriceLine]:
    """Prices, sorted by `CHANGE_SORTS`."""
    return await lists.list_prices(tx, tenant, wanted, ask)


async def list_links(tx: Tx, tenant: Tenant, wanted: LinkFilter, ask: PageAsk) -> Page[CategoryLinkLine]:
    """Which products are in which categories, sorted by `CHANGE_SORTS`: by when the product last changed."""
    return await lists.list_links(tx, tenant, wanted, ask)


async def list_collections(
    tx: Tx, tenant: Tenant, ask: PageAsk, *, is_active: bool | None = None, since: Micros | None = None
) -> Page[Collection]:
    """Collections, sorted by one of `CATEGORY_SORTS`; since: changed later than that."""
    return await collections.list_collections(tx, tenant, ask, is_active=is_active, since=since)


async def find_priced(tx: Tx, tenant: Tenant, product_ids: Sequence[ProductId]) -> set[ProductId]:
    """Which of these products have a price, in one store at least."""
    return await prices.find_priced(tx, tenant, product_ids) if product_ids else set()
