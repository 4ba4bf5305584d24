"""Find the tables in force, and read their rows."""

from uuid import UUID

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import Tenant
from balcao.freight.rules.model import EVERY_SELLER, RateRow, Table
from balcao.freight.store import tables as store
from balcao.sellers.find import find_sellers


async def list_tables(tx: Tx, tenant: Tenant, *, seller_cnpj: str | None = None) -> list[Table]:
    """Every table in force, or those that a store sees: its own and the ones for every store."""
    if seller_cnpj is None:
        return await store.list_tables(tx, tenant, None)
    own = await find_sellers(tx, tenant, cnpjs=[seller_cnpj])
    return await store.list_tables(tx, tenant, [EVERY_SELLER, *(seller.seller_id for seller in own)])


async def read_table(
    tx: Tx, tenant: Tenant, table_id: UUID, *, after: int, limit: int
) -> tuple[Table, list[tuple[int, RateRow]]]:
    """A table in force and its rows after a line, in the order loaded, lines from 1. Raises NotFound."""
    table = await store.find_table(tx, tenant, table_id)
    if table is None:
        raise NotFound("There is no freight table in force with this id.", code="freight_table_not_found")
    return table, await store.list_rates(tx, tenant, table_id, after=after, limit=limit)
