"""Find the offers that persisted quotes made, for orders that name them; clear away the expired ones."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.freight.rules.model import Offer
from balcao.freight.store import offers as store

__all__ = ["Offer", "find_offers", "purge_offers"]

PURGE_MAX = 10_000


async def find_offers(tx: Tx, tenant: Tenant, keys: Sequence[str]) -> dict[str, Offer]:
    """The offers under these calculation keys; expired ones too while they are there, never made ones are absent."""
    return await store.find_offers(tx, tenant, keys) if keys else {}


async def purge_offers(tx: Tx, tenant: Tenant, now: Micros) -> int:
    """Delete at most ten thousand expired offers; how many there were, so that the caller knows whether to go on."""
    return await store.delete_offers(tx, tenant, until_us=now, limit=PURGE_MAX)
