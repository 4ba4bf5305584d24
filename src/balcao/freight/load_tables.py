"""Load carriers' tables: each replaces the one before it in one swap, and all of them are good or nothing is loaded."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from balcao.base.clock import Ticks, tick
from balcao.base.db import Tx
from balcao.base.values import Micros, SellerId, Tenant, new_id
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.freight.rules.carrier import Carrier
from balcao.freight.rules.model import EVERY_SELLER
from balcao.freight.rules.rates import narrow
from balcao.freight.rules.table import InvalidTables, check_tables
from balcao.freight.rules.versions import NewTable, RowError, Table
from balcao.freight.store import rows as row_store
from balcao.freight.store import settings as settings_store
from balcao.freight.store import tables as store
from balcao.sellers.find import find_sellers


class LoadTables(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Tables to put in force; an empty one says that the carrier does not serve there. actor: who loads them.

    is_checked: `check_tables` found nothing wrong already, which for a million rows nobody wants to wait for twice;
    written: is told of so many more rows written, for those who watch.
    """

    tenant: Tenant
    tables: tuple[NewTable, ...]
    actor: str
    is_checked: bool = False
    written: Callable[[int], None] | None = None


async def load_tables(tx: Tx, cmd: LoadTables, now: Micros) -> list[Table]:
    """Put the tables in force, each in place of its carrier's for that origin: all in one swap.

    Quotes see the old rows until the commit and, in every server process, the new ones within a second after it. The
    versions before are kept, out of force, and can be restored. Raises InvalidTables, which names every wrong row. One
    event `freight_table.loaded` a table.
    """
    if not cmd.tables:
        return []
    sellers = await _find_seller_ids(tx, cmd)
    errors = [*(() if cmd.is_checked else check_tables(cmd.tables)), *_unknown_sellers(cmd.tables, sellers)]
    if errors:
        raise InvalidTables(errors)
    tables = [_version(cmd, table, sellers, now) for table in cmd.tables]
    tables = await _describe(tx, cmd, tables)
    await store.insert_tables(tx, cmd.tenant, tables)
    await row_store.copy_in(tx, cmd.tenant, tables, [narrow(table.rows) for table in cmd.tables], cmd.written)
    # The rows are in: nothing long is done under the tenant's clock, for which every order waits.
    return await put_in_force(tx, cmd.tenant, tables, "freight_table.loaded", actor=cmd.actor, now=now)


async def put_in_force(
    tx: Tx, tenant: Tenant, tables: Sequence[Table], event: str, *, actor: str, now: Micros
) -> list[Table]:
    """Swap these versions in for those before, and tell of it: one event a table."""
    ticks = await tick(tx, tenant, events=len(tables), rows=len(tables), now=now)
    await store.swap_tables(tx, tenant, tables, ticks)
    await settings_store.mark_changed(tx, tenant, new_id(), ticks.at(len(tables) - 1))
    await append(tx, tenant, [_event(event, table, actor, row) for row, table in enumerate(tables)], ticks)
    return [_dated(table, ticks, row) for row, table in enumerate(tables)]


async def _find_seller_ids(tx: Tx, cmd: LoadTables) -> dict[str | None, SellerId]:
    cnpjs = sorted({table.seller_cnpj for table in cmd.tables if table.seller_cnpj is not None})
    found = await find_sellers(tx, cmd.tenant, cnpjs=cnpjs)
    return {None: EVERY_SELLER, **{seller.cnpj: seller.seller_id for seller in found}}


def _unknown_sellers(tables: Sequence[NewTable], sellers: Mapping[str | None, SellerId]) -> list[RowError]:
    return [
        RowError(index, None, "sellerCnpj", f"{table.seller_cnpj} is not the CNPJ of a store")
        for index, table in enumerate(tables)
        if table.seller_cnpj not in sellers
    ]


def _version(cmd: LoadTables, table: NewTable, sellers: Mapping[str | None, SellerId], now: Micros) -> Table:
    return Table(
        table_id=new_id(),
        reference=table.reference,
        description=table.description or "",
        seller_id=sellers[table.seller_cnpj],
        seller_cnpj=table.seller_cnpj,
        origin_state=table.origin_state,
        row_count=len(table.rows),
        loaded_us=now,
        in_force_us=now,
        loaded_by=cmd.actor,
        source=table.source,
    )


async def _describe(tx: Tx, cmd: LoadTables, tables: Sequence[Table]) -> list[Table]:
    """A table without a description keeps its carrier's; that of a new carrier is its reference."""
    known = await settings_store.lock_carriers(tx, cmd.tenant, {table.reference for table in tables})
    said = {table.reference: table.description for table in tables if table.description}
    carriers = {}
    for reference in {table.reference for table in tables}:
        before = known.get(reference) or Carrier(reference=reference, description=reference)
        carriers[reference] = msgspec.structs.replace(before, description=said.get(reference) or before.description)
    await settings_store.save_carriers(tx, cmd.tenant, list(carriers.values()))
    return [msgspec.structs.replace(table, description=carriers[table.reference].description) for table in tables]


def _event(kind: str, table: Table, actor: str, row: int) -> Event:
    return Event(
        type=kind,
        subject=str(table.table_id),
        actor=actor,
        seller_id=None if table.seller_id == EVERY_SELLER else table.seller_id,
        data={
            "reference": table.reference,
            "description": table.description,
            "sellerCnpj": table.seller_cnpj,
            "originState": table.origin_state or None,
            "rows": table.row_count,
        },
        row=row,
    )


def _dated(table: Table, ticks: Ticks, row: int) -> Table:
    return msgspec.structs.replace(table, in_force_us=ticks.at(row), is_current=True)
