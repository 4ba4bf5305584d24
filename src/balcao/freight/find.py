"""Find the tables in force, and read their rows."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import Tenant
from balcao.freight.rules.model import EVERY_SELLER, RateRow, Table
from balcao.freight.store import tables as store
from balcao.sellers.find import find_sellers


async def list_tables(tx: Tx, tenant: Tenant, *, seller_cnpj: str | None = None) -> list[Table]:
    """Every table in force, or those that one store sees: its own and the ones for every store."""
    own = await find_sellers(tx, tenant, cnpjs=[seller_cnpj] if seller_cnpj is not None else ())
    seen = None if seller_cnpj is None else [EVERY_SELLER, *(seller.seller_id for seller in own)]
    return await _with_cnpjs(tx, tenant, await store.list_tables(tx, tenant, seen))


async def read_table(
    tx: Tx, tenant: Tenant, table_id: UUID, *, after: int, limit: int
) -> tuple[Table, list[tuple[int, RateRow]]]:
    """A table in force and its rows after a line, in the order loaded, lines from 1. Raises NotFound."""
    found = await store.find_table(tx, tenant, table_id)
    if found is None:
        raise NotFound("There is no freight table in force with this id.", code="freight_table_not_found")
    [table] = await _with_cnpjs(tx, tenant, [found])
    return table, await store.list_rates(tx, tenant, table_id, after=after, limit=limit)


async def _with_cnpjs(tx: Tx, tenant: Tenant, tables: Sequence[Table]) -> list[Table]:
    sellers = await find_sellers(tx, tenant, ids=[one.seller_id for one in tables if one.seller_id != EVERY_SELLER])
    cnpjs = {seller.seller_id: seller.cnpj for seller in sellers}
    return [replace(table, seller_cnpj=cnpjs.get(table.seller_id)) for table in tables]
