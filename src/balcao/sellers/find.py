"""Find stores."""

from collections.abc import Sequence
from uuid import UUID

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.sellers import store
from balcao.sellers.rules import Seller


async def find_sellers(
    tx: Tx,
    tenant: Tenant,
    *,
    cnpjs: Sequence[str] = (),
    point_sale_ids: Sequence[str] = (),
    ids: Sequence[UUID] = (),
) -> list[Seller]:
    """The stores with any of these CNPJs (without punctuation), point of sale ids or ids, each once, in no order."""
    if not (cnpjs or point_sale_ids or ids):
        return []
    return await store.find_sellers(tx, tenant, cnpjs=cnpjs, point_sale_ids=point_sale_ids, ids=ids)


async def list_active_sellers(tx: Tx, tenant: Tenant) -> list[Seller]:
    """Every active store, lowest priority number first, then by name."""
    return await store.list_active_sellers(tx, tenant)
