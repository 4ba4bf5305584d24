"""Restore a former version of a carrier's table: it is in force again, and the one in force is kept."""

from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import Micros, Tenant
from balcao.freight.find import get_table
from balcao.freight.load_tables import put_in_force
from balcao.freight.rules.versions import Table
from balcao.freight.store import settings as settings_store


class RestoreTable(msgspec.Struct, frozen=True, kw_only=True):
    """seller_cnpj: the store that the caller is bound to, whose tables alone it may restore."""

    tenant: Tenant
    table_id: UUID
    actor: str
    seller_cnpj: str | None = None


async def restore_table(tx: Tx, cmd: RestoreTable, now: Micros) -> Table:
    """The version, in force from the commit on. One that is in force already stays so and nothing is told.

    Raises NotFound. Appends `freight_table.restored`.
    """
    table = await get_table(tx, cmd.tenant, cmd.table_id)
    if cmd.seller_cnpj not in (None, table.seller_cnpj):
        raise NotFound("There is no version of a freight table with this id.", code="freight_table_not_found")
    await settings_store.lock_carriers(tx, cmd.tenant, [table.reference])
    table = await get_table(tx, cmd.tenant, cmd.table_id)
    if table.is_current:
        return table
    [restored] = await put_in_force(tx, cmd.tenant, [table], "freight_table.restored", actor=cmd.actor, now=now)
    return restored
