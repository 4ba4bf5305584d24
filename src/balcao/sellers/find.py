"""Find stores."""

from collections.abc import Sequence
from uuid import UUID

from balcao.base.db import Tx
from balcao.base.paging import Page, PageAsk, Sort
from balcao.base.statements import Statement, run
from balcao.base.values import Micros, Tenant
from balcao.sellers import store
from balcao.sellers.rules.model import Seller

SELLER_SORTS = (
    Sort("lastUpdate", "last_update_us"),
    Sort("createDate", "created_us"),
    Sort("name", "name", str),
    Sort("cnpj", "cnpj", str),
    Sort("priority", "priority"),
)


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
    return await run(tx, store.find_sellers(tenant, cnpjs=cnpjs, point_sale_ids=point_sale_ids, ids=ids))


def finding_sellers(
    tenant: Tenant, *, cnpjs: Sequence[str] = (), point_sale_ids: Sequence[str] = ()
) -> Statement[list[Seller]]:
    """`find_sellers` as a statement, to go with others."""
    return store.find_sellers(tenant, cnpjs=cnpjs, point_sale_ids=point_sale_ids, ids=())


async def list_sellers(
    tx: Tx, tenant: Tenant, ask: PageAsk, *, is_active: bool | None = None, since: Micros | None = None
) -> Page[Seller]:
    """One page of the stores, sorted by one of `SELLER_SORTS`; `since`: only those changed later than that."""
    return await store.list_sellers(tx, tenant, ask, is_active=is_active, since=since)


async def list_active_sellers(tx: Tx, tenant: Tenant) -> list[Seller]:
    """Every active store, lowest priority number first, then by name."""
    return await store.list_active_sellers(tx, tenant)


async def list_all_sellers(tx: Tx, tenant: Tenant) -> list[Seller]:
    """Every store, active or not, in no order."""
    return await store.list_all_sellers(tx, tenant)
