"""Find carriers, rules and tables, and read tables' rows; clear away versions that nobody will restore."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import SellerId, Tenant
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.charges import FreightRule
from balcao.freight.rules.model import EVERY_SELLER
from balcao.freight.rules.rates import RateRow, as_row
from balcao.freight.rules.versions import Table
from balcao.freight.store import rows as row_store
from balcao.freight.store import settings as settings_store
from balcao.freight.store import tables as store
from balcao.sellers.find import find_sellers

VERSIONS_SHOWN_MAX = 100
FORMER_KEPT = 10
"""Former versions of a carrier's table for one origin."""
_PURGED_AT_ONCE = 5


async def list_tables(tx: Tx, tenant: Tenant, *, seller_cnpj: str | None = None) -> list[Table]:
    """Every table in force, or those that one store may see: its own and the ones for more than one."""
    return await _with_cnpjs(tx, tenant, await store.list_tables(tx, tenant, await _seen(tx, tenant, seller_cnpj)))


async def list_versions(tx: Tx, tenant: Tenant, reference: str, *, seller_cnpj: str | None = None) -> list[Table]:
    """A carrier's hundred newest versions, in force and former, newest first."""
    seen = await _seen(tx, tenant, seller_cnpj)
    return await _with_cnpjs(tx, tenant, await store.list_versions(tx, tenant, reference, seen, VERSIONS_SHOWN_MAX))


async def get_table(tx: Tx, tenant: Tenant, table_id: UUID) -> Table:
    """A version, in force or former. Raises NotFound."""
    found = await store.find_table(tx, tenant, table_id)
    if found is None:
        raise NotFound("There is no version of a freight table with this id.", code="freight_table_not_found")
    [table] = await _with_cnpjs(tx, tenant, [found])
    return table


async def read_table(
    tx: Tx, tenant: Tenant, table_id: UUID, *, after: int, limit: int
) -> tuple[Table, list[tuple[int, RateRow]]]:
    """A version and its rows after a line, in the order loaded, lines from 1. Raises NotFound."""
    table = await get_table(tx, tenant, table_id)
    rows = await row_store.list_rows(tx, tenant, table_id, after=after, limit=limit)
    return table, [(line, as_row(row)) for line, row in rows]


async def list_carriers(tx: Tx, tenant: Tenant) -> list[Carrier]:
    """All carriers, by reference."""
    settings = await settings_store.read_settings(tx, tenant)
    return sorted(settings.carriers, key=lambda carrier: carrier.reference)


async def list_rules(tx: Tx, tenant: Tenant) -> list[FreightRule]:
    """All rules for free shipping and surcharges, by code."""
    settings = await settings_store.read_settings(tx, tenant)
    return sorted(settings.rules, key=lambda rule: rule.code)


async def purge_versions(tx: Tx, tenant: Tenant) -> int:
    """Delete at most five former versions beyond the ten newest of each carrier and origin; how many it were."""
    surplus = await store.list_surplus(tx, tenant, keep=FORMER_KEPT, limit=_PURGED_AT_ONCE)
    deleted = await store.delete_tables(tx, tenant, surplus) if surplus else []
    if deleted:
        await row_store.delete_rows(tx, tenant, deleted)
    return len(deleted)


async def _seen(tx: Tx, tenant: Tenant, seller_cnpj: str | None) -> list[SellerId] | None:
    if seller_cnpj is None:
        return None
    own = await find_sellers(tx, tenant, cnpjs=[seller_cnpj])
    return [EVERY_SELLER, *(seller.seller_id for seller in own)]


async def _with_cnpjs(tx: Tx, tenant: Tenant, tables: Sequence[Table]) -> list[Table]:
    sellers = await find_sellers(tx, tenant, ids=[one.seller_id for one in tables if one.seller_id != EVERY_SELLER])
    cnpjs = {seller.seller_id: seller.cnpj for seller in sellers}
    return [replace(table, seller_cnpj=cnpjs.get(table.seller_id)) for table in tables]
