"""Search products: by text, tolerant of accents and typos; by id, SKU or bar code, reference, address."""

from enum import StrEnum

from balcao.base.db import Tx
from balcao.base.values import ProductId, Tenant
from balcao.catalog.rules.words import asked_words, is_comparable, rank, tsquery, url_keys
from balcao.catalog.store import matching
from balcao.catalog.store import words as store
from balcao.sellers.rules.match import read_id

HITS_MAX = 1_000
"""Products that a text finds at most: of the more that have its words, any."""
SIMILAR_MAX = 8


class SearchBy(StrEnum):
    """What a query is. SKU: a SKU's code or bar code; REFERENCE: a product's reference code or code."""

    TEXT = "text"
    ID = "id"
    SKU = "sku"
    REFERENCE = "reference"
    URL = "url"


async def search_products(tx: Tx, tenant: Tenant, by: SearchBy, query: str) -> list[ProductId]:
    """The products that are not deleted and that the query finds, the best first."""
    query = query.strip()
    if by is SearchBy.ID:
        id_ = read_id(query)
        return await matching.find_living(tx, tenant, [id_]) if id_ else []
    if by is SearchBy.SKU:
        return await matching.find_by_sku_codes(tx, tenant, query)
    if by is SearchBy.REFERENCE:
        return await matching.find_by_reference(tx, tenant, query)
    if by is SearchBy.URL:
        return await store.find_by_url(tx, tenant, url_keys(query))
    exact = await matching.find_by_any_code(tx, tenant, query)
    return list(dict.fromkeys([*exact, *await _search_text(tx, tenant, query)]))[:HITS_MAX]


async def _search_text(tx: Tx, tenant: Tenant, query: str) -> list[ProductId]:
    """By the words as they are; where nothing has them all, by words that are nearly the same too."""
    asked = asked_words(query)
    if not asked:
        return []
    hits = await store.find_hits(tx, tenant, tsquery(asked, {}), HITS_MAX)
    if hits:
        return rank(hits, asked, {})
    comparable = [word for word in asked if is_comparable(word)]
    similar = await store.find_similar(tx, tenant, comparable, SIMILAR_MAX)
    if not similar:
        return []
    return rank(await store.find_hits(tx, tenant, tsquery(asked, similar), HITS_MAX), asked, similar)
