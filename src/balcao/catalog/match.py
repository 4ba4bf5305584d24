"""Find the products and SKUs that a batch's rows name."""

from collections.abc import Iterable

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.catalog.rules.match import (
    Matches,
    ProductMatch,
    ProductRef,
    SkuMatch,
    SkuRef,
    match_records,
    read_codes,
)
from balcao.catalog.store import matching


async def match_products(tx: Tx, tenant: Tenant, match: ProductMatch, codes: Iterable[str]) -> Matches[ProductRef]:
    """The products by the codes as sent; deleted ones are not found."""
    sent = read_codes(codes, ids=match is ProductMatch.ID)
    named = await matching.find_products(tx, tenant, match, list(set(sent.values()))) if sent else []
    return match_records(sent, named)


async def match_skus(tx: Tx, tenant: Tenant, match: SkuMatch, codes: Iterable[str]) -> Matches[SkuRef]:
    """The SKUs by the codes as sent; deleted ones are not found."""
    sent = read_codes(codes, ids=match is SkuMatch.ID)
    named = await matching.find_skus(tx, tenant, match, list(set(sent.values()))) if sent else []
    return match_records(sent, named)
