"""Search the catalogue for what can be sold in an integration's stores."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from balcao.base.db import Tx
from balcao.base.values import SellerId, SkuId, Tenant
from balcao.catalog.rules.model import Price, Sku
from balcao.catalog.search import SearchBy
from balcao.offers.find_offers import FindOffers, find_offers
from balcao.offers.rules import Offer
from balcao.omnichat.rules.choosing import candidates, named_store
from balcao.omnichat.rules.model import Integration
from balcao.sellers.find import list_active_sellers
from balcao.sellers.rules import Seller


class SearchCatalog(msgspec.Struct, frozen=True, kw_only=True):
    """What is searched for; teams: whose store is meant where one of them is known; skip and limit: of products."""

    tenant: Tenant
    integration: Integration
    query: str
    by: SearchBy = SearchBy.TEXT
    teams: tuple[str, ...] = ()
    skip: int = 0
    limit: int = 10


class Shelf(NamedTuple):
    """The store that sells a SKU, for how much, and how many it has to promise."""

    seller: Seller
    price: Price
    available: int


class FoundProduct(NamedTuple):
    """A product, and each SKU of it that some store sells with the store that sells it first."""

    offer: Offer
    shelves: Mapping[SkuId, Shelf]

    @property
    def skus(self) -> list[Sku]:
        """Its SKUs that are sold, those that there is something of first."""
        sold = [sku for sku in self.offer.details.skus if sku.sku_id in self.shelves]
        return sorted(sold, key=lambda sku: self.shelves[sku.sku_id].available <= 0)


async def search_catalog(tx: Tx, cmd: SearchCatalog) -> list[FoundProduct]:
    """The products that fit and can be sold in one of the integration's stores, the best first."""
    sellers = await list_active_sellers(tx, cmd.tenant)
    meant = named_store(cmd.teams, (), msgspec.structs.replace(cmd.integration, seller_id=None), sellers)
    stores = candidates(cmd.integration, meant, sellers)
    offers = await find_offers(
        tx,
        FindOffers(
            tenant=cmd.tenant,
            query=cmd.query,
            by=cmd.by,
            seller_ids=[store.seller_id for store in stores],
            skip=cmd.skip,
            limit=cmd.limit,
        ),
    )
    ranked = _default_first(stores, cmd.integration.seller_id)
    return [FoundProduct(offer, _shelves(offer, ranked)) for offer in offers]


def _default_first(stores: Sequence[Seller], default: SellerId | None) -> list[Seller]:
    return sorted(stores, key=lambda store: store.seller_id != default)


def _shelves(offer: Offer, stores: Sequence[Seller]) -> dict[SkuId, Shelf]:
    """For each SKU that is sold the first store with a price that has any of it, else the first with a price."""
    shelves: dict[SkuId, Shelf] = {}
    for sku in offer.details.skus:
        if not sku.is_active or sku.is_deleted:
            continue
        sold = [
            Shelf(store, offer.prices[store.seller_id], _available(offer, store, sku.sku_id))
            for store in stores
            if store.seller_id in offer.prices
        ]
        best = next((shelf for shelf in sold if shelf.available > 0), sold[0] if sold else None)
        if best is not None:
            shelves[sku.sku_id] = best
    return shelves


def _available(offer: Offer, store: Seller, sku_id: SkuId) -> int:
    level = offer.levels.get((store.seller_id, sku_id))
    return max(level.available, 0) if level is not None else 0
