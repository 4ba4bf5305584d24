"""Count orders under way, as a board shows them."""

from collections.abc import Mapping

from balcao.base.db import Tx
from balcao.base.paging import Count
from balcao.orders.rules.status import Status
from balcao.orders.store import counts
from balcao.tenants.rules import Caller


async def count_open_orders(tx: Tx, caller: Caller, seller_cnpj: str | None = None) -> Mapping[Status, Count]:
    """How many orders that the caller may see are in each status that is not the last one; of one store where named.

    A status without orders is absent. A thousand are counted in one store, or in each channel where no store is named;
    `capped` says that there are more.
    """
    return await counts.count_open(tx, caller, seller_cnpj)


async def count_open_orders_by_store(tx: Tx, caller: Caller) -> Mapping[str, Mapping[Status, Count]]:
    """The same for every store by its CNPJ; a store without any is absent."""
    return await counts.count_open_by_store(tx, caller)
