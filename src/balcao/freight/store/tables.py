"""The SQL of tables as versions: list them, load new ones, swap, restore, delete the oldest."""

from collections.abc import Sequence
from uuid import UUID

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.values import SellerId, Tenant
from balcao.freight.rules.versions import Table

_TABLES = """
    SELECT t.table_id, t.reference, c.description, t.seller_id, t.origin_state, t.row_count, t.loaded_us, t.in_force_us,
           t.is_current, t.loaded_by, t.source
      FROM freight_table t JOIN freight_carrier c ON c.tenant = t.tenant AND c.reference = t.reference
"""


async def list_tables(tx: Tx, tenant: Tenant, seller_ids: Sequence[SellerId] | None) -> list[Table]:
    """The tables in force of these stores (None: of all), by carrier, the ones for more than a store first."""
    rows = await tx.fetch(
        _TABLES
        + """
         WHERE t.tenant = $1 AND t.is_current AND ($2::uuid[] IS NULL OR t.seller_id = ANY($2::uuid[]))
         ORDER BY t.reference, t.seller_id, t.origin_state
        """,
        tenant,
        seller_ids,
    )
    return [Table(**dict(row)) for row in rows]


async def list_versions(
    tx: Tx, tenant: Tenant, reference: str, seller_ids: Sequence[SellerId] | None, limit: int
) -> list[Table]:
    """A carrier's versions of these stores (None: of all), in force and former, newest first."""
    rows = await tx.fetch(
        _TABLES
        + """
         WHERE t.tenant = $1 AND t.reference = $2 AND ($3::uuid[] IS NULL OR t.seller_id = ANY($3::uuid[]))
         ORDER BY t.in_force_us DESC, t.table_id DESC LIMIT $4
        """,
        tenant,
        reference,
        seller_ids,
        limit,
    )
    return [Table(**dict(row)) for row in rows]


async def find_table(tx: Tx, tenant: Tenant, table_id: UUID) -> Table | None:
    """The version with this id, in force or not, by the primary key."""
    row = await tx.fetchrow(_TABLES + " WHERE t.tenant = $1 AND t.table_id = $2", tenant, table_id)
    return Table(**dict(row)) if row else None


async def insert_tables(tx: Tx, tenant: Tenant, tables: Sequence[Table]) -> None:
    """Write these versions, not in force yet."""
    await tx.execute(
        """
        INSERT INTO freight_table (tenant, table_id, reference, seller_id, origin_state, loaded_us, in_force_us,
                                   is_current, row_count, loaded_by, source)
        SELECT $1, n.table_id, n.reference, n.seller_id, n.origin_state, n.loaded_us, n.loaded_us, false, n.row_count,
               n.loaded_by, n.source
          FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::bigint[], $7::integer[], $8::text[],
                      $9::text[])
               AS n (table_id, reference, seller_id, origin_state, loaded_us, row_count, loaded_by, source)
        """,
        tenant,
        [table.table_id for table in tables],
        [table.reference for table in tables],
        [table.seller_id for table in tables],
        [table.origin_state for table in tables],
        [table.loaded_us for table in tables],
        [table.row_count for table in tables],
        [table.loaded_by for table in tables],
        [table.source for table in tables],
    )


async def swap_tables(tx: Tx, tenant: Tenant, tables: Sequence[Table], ticks: Ticks) -> None:
    """Put these versions in force in place of the ones before; the nth carries the nth row's instant."""
    await tx.execute(
        """
        UPDATE freight_table t SET is_current = false
          FROM unnest($2::text[], $3::uuid[], $4::text[]) AS n (reference, seller_id, origin_state)
         WHERE t.tenant = $1 AND t.is_current AND t.reference = n.reference AND t.seller_id = n.seller_id
           AND t.origin_state = n.origin_state
        """,
        tenant,
        [table.reference for table in tables],
        [table.seller_id for table in tables],
        [table.origin_state for table in tables],
    )
    await tx.execute(
        """
        UPDATE freight_table t SET is_current = true, in_force_us = n.at_us
          FROM unnest($2::uuid[], $3::bigint[]) AS n (table_id, at_us)
         WHERE t.tenant = $1 AND t.table_id = n.table_id
        """,
        tenant,
        [table.table_id for table in tables],
        [ticks.at(n) for n in range(len(tables))],
    )


async def list_surplus(tx: Tx, tenant: Tenant, *, keep: int, limit: int) -> list[UUID]:
    """Former versions beyond the newest `keep` of each carrier and origin, the oldest first."""
    rows = await tx.fetch(
        """
        SELECT v.table_id
          FROM (SELECT t.table_id, t.in_force_us,
                       row_number() OVER (PARTITION BY t.reference, t.seller_id, t.origin_state
                                          ORDER BY t.in_force_us DESC, t.table_id DESC) AS place
                  FROM freight_table t WHERE t.tenant = $1 AND NOT t.is_current) v
         WHERE v.place > $2 ORDER BY v.in_force_us LIMIT $3
        """,
        tenant,
        keep,
        limit,
    )
    return [row["table_id"] for row in rows]


async def delete_tables(tx: Tx, tenant: Tenant, table_ids: Sequence[UUID]) -> list[UUID]:
    """Delete those of these versions that are not in force; which."""
    rows = await tx.fetch(
        """
        DELETE FROM freight_table WHERE tenant = $1 AND table_id = ANY($2::uuid[]) AND NOT is_current
        RETURNING table_id
        """,
        tenant,
        table_ids,
    )
    return [row["table_id"] for row in rows]
