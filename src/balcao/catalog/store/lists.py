"""Pages of products, of their changes and of prices."""

import re

from asyncpg import Record

from balcao.base.db import Tx
from balcao.base.listing import Listing
from balcao.base.paging import Page, PageAsk
from balcao.base.values import Micros, Tenant
from balcao.catalog.rules.model import Price, Product
from balcao.catalog.rules.reading import PriceFilter, PriceLine, ProductChange, ProductFilter
from balcao.catalog.store.products import COLUMNS, as_product

_LIKE = re.compile(r"[\\%_]")


async def list_products(tx: Tx, tenant: Tenant, wanted: ProductFilter, ask: PageAsk) -> Page[Product]:
    """Products that are not deleted; by `product_by_last_update` where that is the sort."""
    source = "FROM product p WHERE p.tenant = $1 AND NOT p.is_deleted"
    listing = Listing(tenant, columns=COLUMNS, source=source, key="p.product_id")
    if wanted.since is not None:
        listing.where("p.last_update_us > {}", wanted.since)
    if wanted.is_active is not None:
        listing.where("p.is_active = {}", wanted.is_active)
    if wanted.start:
        pattern = _LIKE.sub(r"\\\g<0>", wanted.start) + "%"
        columns = ("p.code", "p.name", "p.aux_code", "p.reference_code")
        listing.where("(" + " OR ".join(f"{column} ILIKE {{}}" for column in columns) + ")", *[pattern] * len(columns))
    return (await listing.fetch(tx, ask)).map(as_product)


async def list_changes(tx: Tx, tenant: Tenant, since: Micros | None, ask: PageAsk) -> Page[ProductChange]:
    """Products by their last change, deleted ones too, by `product_by_last_update`."""
    columns = "p.product_id, p.code, p.is_deleted, p.last_update_us"
    listing = Listing(tenant, columns=columns, source="FROM product p WHERE p.tenant = $1", key="p.product_id")
    if since is not None:
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
    p.product_id, p.seller_id, p.price, p.old_price, p.last_update_us, g.code AS product_code, s.cnpj AS seller_cnpj
"""
_PRICE_SOURCE = """
    FROM price p JOIN product g ON g.tenant = p.tenant AND g.product_id = p.product_id
         LEFT JOIN seller s ON s.tenant = p.tenant AND s.seller_id = p.seller_id
   WHERE p.tenant = $1
"""


async def list_prices(tx: Tx, tenant: Tenant, wanted: PriceFilter, ask: PageAsk) -> Page[PriceLine]:
    """Prices by their last change, by `price_by_last_update`."""
    listing = Listing(tenant, columns=_PRICE_COLUMNS, source=_PRICE_SOURCE, key="p.product_id")
    if wanted.since is not None:
        listing.where("p.last_update_us > {}", wanted.since)
    if wanted.seller_id is not None:
        listing.where("p.seller_id = {}", wanted.seller_id)
    if wanted.seller_cnpj is not None:
        listing.where("s.cnpj = {}", wanted.seller_cnpj)
    return (await listing.fetch(tx, ask)).map(as_price_line)


def as_price_line(row: Record) -> PriceLine:
    """One row of prices joined with their products and stores."""
    price = Price(
        product_id=row["product_id"],
        seller_id=row["seller_id"],
        price=row["price"],
        old_price=row["old_price"],
        last_update_us=row["last_update_us"],
    )
    return PriceLine(price=price, product_code=row["product_code"], seller_cnpj=row["seller_cnpj"])
