"""Load carriers' tables: each replaces the one before it in one swap, and all of them are good or nothing is loaded."""

from collections.abc import Mapping, Sequence

import msgspec

from balcao.base.clock import Ticks, tick
from balcao.base.db import Tx
from balcao.base.values import Micros, SellerId, Tenant, new_id
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.freight.rules.model import EVERY_SELLER, NewTable, RowError, Table
from balcao.freight.rules.table import InvalidTables, check_tables
from balcao.freight.store import tables as store
from balcao.sellers.find import find_sellers


class LoadTables(msgspec.Struct, frozen=True, kw_only=True):
    """Tables to put in force; an empty one says that the carrier does not serve there. actor: who loads them."""

    tenant: Tenant
    tables: tuple[NewTable, ...]
    actor: str


async def load_tables(tx: Tx, cmd: LoadTables, now: Micros) -> list[Table]:
    """Put the tables in force, each in place of its carrier's for that store (or for every store).

    Quotes see the old rows until the commit and the new ones after it. The version before is kept, out of force.
    Raises InvalidTables, which names every wrong row. One event `freight_table.loaded` a table.
    """
    if not cmd.tables:
        return []
    sellers = await _find_seller_ids(tx, cmd)
    errors = check_tables(cmd.tables) + _unknown_sellers(cmd.tables, sellers)
    if errors:
        raise InvalidTables(errors)
    tables = [_version(table, sellers, now) for table in cmd.tables]
    tables = await _describe(tx, cmd, tables)
    await store.delete_former(tx, cmd.tenant, tables)
    await store.insert_tables(tx, cmd.tenant, tables, [table.rows for table in cmd.tables])
    # The rows are in: nothing long is done under the tenant's clock, for which every order waits.
    ticks = await tick(tx, cmd.tenant, events=len(tables), rows=len(tables), now=now)
    await store.swap_tables(tx, cmd.tenant, tables, ticks)
    await append(tx, cmd.tenant, _events(cmd, tables), ticks)
    return _dated(tables, ticks)


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


def _version(table: NewTable, sellers: Mapping[str | None, SellerId], now: Micros) -> Table:
    return Table(
        table_id=new_id(),
        reference=table.reference,
        description=table.description or "",
        seller_id=sellers[table.seller_cnpj],
        seller_cnpj=table.seller_cnpj,
        row_count=len(table.rows),
        loaded_us=now,
    )


async def _describe(tx: Tx, cmd: LoadTables, tables: Sequence[Table]) -> list[Table]:
    """A table without a description keeps its carrier's; that of a new carrier is its reference."""
    known = await store.lock_carriers(tx, cmd.tenant, {table.reference for table in tables})
    said = {table.reference: table.description for table in tables if table.description}
    names = {
        table.reference: said.get(table.reference) or known.get(table.reference) or table.reference for table in tables
    }
    await store.set_carriers(tx, cmd.tenant, names)
    return [msgspec.structs.replace(table, description=names[table.reference]) for table in tables]


def _events(cmd: LoadTables, tables: Sequence[Table]) -> list[Event]:
    return [
        Event(
            type="freight_table.loaded",
            subject=str(table.table_id),
            actor=cmd.actor,
            seller_id=None if table.seller_id == EVERY_SELLER else table.seller_id,
            data={
                "reference": table.reference,
                "description": table.description,
                "sellerCnpj": table.seller_cnpj,
                "rows": table.row_count,
            },
            row=row,
        )
        for row, table in enumerate(tables)
    ]


def _dated(tables: Sequence[Table], ticks: Ticks) -> list[Table]:
    return [msgspec.structs.replace(table, loaded_us=ticks.at(n)) for n, table in enumerate(tables)]
