"""Pages of what changed of products, of their categories and of prices."""

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.listing import Listing
from balcao.base.paging import Page, PageAsk, continues
from balcao.base.values import Micros, Tenant
from balcao.catalog.rules.model import Price
from balcao.catalog.rules.reading import CategoryLinkLine, LinkFilter, PriceFilter, PriceLine, ProductChange


async def list_changes(tx: Tx, tenant: Tenant, since: Micros | None, ask: PageAsk) -> Page[ProductChange]:
    """Products by their last change, deleted ones too, by `product_by_last_update`."""
    columns = "p.product_id, p.code, p.is_deleted, p.last_update_us"
    listing = Listing(tenant, columns=columns, source="FROM product p WHERE p.tenant = $1", key="p.product_id")
    if since is not None and not continues(ask):
        listing.where("p.last_update_us > {}", since)
    return (await listing.fetch(tx, ask)).map(_as_change)


def _as_change(row: Record) -> ProductChange:
    return ProductChange(
        product_id=row["product_id"],
        code=row["code"],
        is_deleted=row["is_deleted"],
        last_update_us=row["last_update_us"],
    )


_PRICE_COLUMNS = """
    p.product_id, p.seller_id, p.price, p.old_price, p.is_deleted, p.last_update_us, g.code AS product_code,
    s.cnpj AS seller_cnpj
"""
_PRICE_SOURCE = """
    FROM price p JOIN product g ON g.tenant = p.tenant AND g.product_id = p.product_id
         LEFT JOIN seller s ON s.tenant = p.tenant AND s.seller_id = p.seller_id
   WHERE p.tenant = $1
"""


async def list_prices(tx: Tx, tenant: Tenant, wanted: PriceFilter, ask: PageAsk) -> Page[PriceLine]:
    """Prices by their last change, by `price_by_last_update`."""
    counted = "FROM price p WHERE p.tenant = $1"
    listing = Listing(tenant, columns=_PRICE_COLUMNS, source=_PRICE_SOURCE, key="p.product_id", counted=counted)
    if wanted.since is not None and not continues(ask):
        listing.where("p.last_update_us > {}", wanted.since)
    if wanted.seller_id is not None:
        listing.where("p.seller_id = {}", wanted.seller_id)
    if wanted.seller_cnpj is not None:
        seller = "p.seller_id = (SELECT seller_id FROM seller WHERE tenant = $1 AND cnpj = {})"
        listing.where(seller, wanted.seller_cnpj)
    return (await listing.fetch(tx, ask)).map(as_price_line)


def as_price_line(row: Record) -> PriceLine:
    """One row of prices joined with their products and stores."""
    price = Price(
        product_id=row["product_id"],
        seller_id=row["seller_id"],
        price=row["price"],
        old_price=row["old_price"],
        last_update_us=row["last_update_us"],
        is_deleted=row["is_deleted"],
    )
    return PriceLine(price=price, product_code=row["product_code"], seller_cnpj=row["seller_cnpj"])


_LINK_COLUMNS = """
    c.category_id, c.code AS category_code, c.name AS category_name, p.product_id, p.code AS product_code,
    p.name AS product_name, p.last_update_us
"""
_LINK_SOURCE = """
    FROM product p JOIN product_category l ON l.tenant = $1 AND l.product_id = p.product_id
         JOIN category c ON c.tenant = $1 AND c.category_id = l.category_id
   WHERE p.tenant = $1 AND NOT p.is_deleted AND NOT c.is_deleted
"""


async def list_links(tx: Tx, tenant: Tenant, wanted: LinkFilter, ask: PageAsk) -> Page[CategoryLinkLine]:
    """Which products are in which categories, by `product_by_last_update`."""
    listing = Listing(tenant, columns=_LINK_COLUMNS, source=_LINK_SOURCE, key="l.category_id")
    if wanted.since is not None:
        listing.where("p.last_update_us > {}", wanted.since)
    if wanted.category_id is not None:
        listing.where("l.category_id = {}", wanted.category_id)
    if wanted.product_id is not None:
        listing.where("p.product_id = {}", wanted.product_id)
    return (await listing.fetch(tx, ask)).map(_as_link)


def _as_link(row: Record) -> CategoryLinkLine:
    return CategoryLinkLine(**{name: row[name] for name in CategoryLinkLine.__struct_fields__})
