"""The tables' SQL: list them, read their rows, load a new version and swap."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.values import SellerId, Tenant
from balcao.freight.rules.model import RateRow, Table
from balcao.freight.rules.table import brackets_of

_TABLES = """
    SELECT t.table_id, t.reference, c.description, t.seller_id, t.row_count, t.loaded_us
      FROM freight_table t JOIN freight_carrier c ON c.tenant = t.tenant AND c.reference = t.reference
"""


async def list_tables(tx: Tx, tenant: Tenant, seller_ids: Sequence[SellerId] | None) -> list[Table]:
    """The tables in force of these stores (None: of all), by carrier, the one for every store first."""
    rows = await tx.fetch(
        _TABLES
        + """
         WHERE t.tenant = $1 AND t.is_current AND ($2::uuid[] IS NULL OR t.seller_id = ANY($2::uuid[]))
         ORDER BY t.reference, t.seller_id
        """,
        tenant,
        seller_ids,
    )
    return [Table(**dict(row)) for row in rows]


async def find_table(tx: Tx, tenant: Tenant, table_id: UUID) -> Table | None:
    """The table in force with this id, by the primary key."""
    row = await tx.fetchrow(_TABLES + " WHERE t.tenant = $1 AND t.table_id = $2 AND t.is_current", tenant, table_id)
    return Table(**dict(row)) if row else None


async def list_rates(tx: Tx, tenant: Tenant, table_id: UUID, *, after: int, limit: int) -> list[tuple[int, RateRow]]:
    """A table's rows with their line, from 1, in the order loaded: those after a line, by the primary key."""
    rows = await tx.fetch(
        """
        SELECT line, cep_start, cep_end, weight_start_g, weight_end_g, price, delivery_days FROM freight_rate
         WHERE tenant = $1 AND table_id = $2 AND line > $3 ORDER BY line LIMIT $4
        """,
        tenant,
        table_id,
        after,
        limit,
    )
    return [(row["line"], RateRow(**dict(list(row.items())[1:]))) for row in rows]


async def lock_carriers(tx: Tx, tenant: Tenant, references: Collection[str]) -> dict[str, str]:
    """Hold these carriers to the commit, so that loads of one carrier come one after the other; their descriptions."""
    rows = await tx.fetch(
        """
        SELECT reference, description FROM freight_carrier
         WHERE tenant = $1 AND reference = ANY($2::text[]) ORDER BY reference FOR UPDATE
        """,
        tenant,
        sorted(references),
    )
    return {row["reference"]: row["description"] for row in rows}


async def set_carriers(tx: Tx, tenant: Tenant, descriptions: Mapping[str, str]) -> None:
    """Make these carriers or describe them anew, and hold them to the commit."""
    names = sorted(descriptions)
    await tx.execute(
        """
        INSERT INTO freight_carrier (tenant, reference, description)
        SELECT $1, n.reference, n.description FROM unnest($2::text[], $3::text[]) AS n (reference, description)
         ORDER BY n.reference
        ON CONFLICT (tenant, reference) DO UPDATE SET description = excluded.description
        """,
        tenant,
        names,
        [descriptions[name] for name in names],
    )


async def insert_tables(tx: Tx, tenant: Tenant, tables: Sequence[Table], rows: Sequence[Sequence[RateRow]]) -> None:
    """Write these tables, not in force yet, with their rows; `rows[n]` are those of `tables[n]`."""
    await tx.execute(
        # The brackets come as text, `{0,1000}`: unnest knows no arrays of different lengths.
        """
        INSERT INTO freight_table (tenant, table_id, reference, seller_id, loaded_us, is_current, row_count,
                                   weight_starts_g, weight_ends_g)
        SELECT $1, n.table_id, n.reference, n.seller_id, n.loaded_us, false, n.row_count,
               n.starts_g::integer[], n.ends_g::integer[]
          FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::bigint[], $6::integer[], $7::text[], $8::text[])
               AS n (table_id, reference, seller_id, loaded_us, row_count, starts_g, ends_g)
        """,
        tenant,
        [table.table_id for table in tables],
        [table.reference for table in tables],
        [table.seller_id for table in tables],
        [table.loaded_us for table in tables],
        [table.row_count for table in tables],
        [_array(start for start, _ in brackets_of(some)) for some in rows],
        [_array(end for _, end in brackets_of(some)) for some in rows],
    )
    await _insert_rates(tx, tenant, tables, rows)


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


async def _insert_rates(tx: Tx, tenant: Tenant, tables: Sequence[Table], rows: Sequence[Sequence[RateRow]]) -> None:
    flat = [row for some in rows for row in some]
    await tx.execute(
        """
        INSERT INTO freight_rate (tenant, table_id, line, cep_start, cep_end, weight_start_g, weight_end_g, price,
                                  delivery_days)
        SELECT $1, n.* FROM unnest($2::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::integer[],
                                   $7::integer[], $8::numeric[], $9::integer[]) AS n
        """,
        tenant,
        [table.table_id for table, some in zip(tables, rows, strict=True) for _ in some],
        [line for some in rows for line in range(1, len(some) + 1)],
        [row.cep_start for row in flat],
        [row.cep_end for row in flat],
        [row.weight_start_g for row in flat],
        [row.weight_end_g for row in flat],
        [row.price for row in flat],
        [row.delivery_days for row in flat],
    )


async def delete_former(tx: Tx, tenant: Tenant, tables: Sequence[Table]) -> None:
    """Delete the versions that are out of force of these tables' carriers and stores, with their rows."""
    await tx.execute(
        """
        DELETE FROM freight_table t
         USING unnest($2::text[], $3::uuid[]) AS n (reference, seller_id)
         WHERE t.tenant = $1 AND NOT t.is_current AND t.reference = n.reference AND t.seller_id = n.seller_id
        """,
        tenant,
        [table.reference for table in tables],
        [table.seller_id for table in tables],
    )


async def swap_tables(tx: Tx, tenant: Tenant, tables: Sequence[Table], ticks: Ticks) -> None:
    """Put these tables in force in place of the ones before; the nth carries the nth row's instant."""
    await tx.execute(
        """
        UPDATE freight_table t SET is_current = false
          FROM unnest($2::text[], $3::uuid[]) AS n (reference, seller_id)
         WHERE t.tenant = $1 AND t.is_current AND t.reference = n.reference AND t.seller_id = n.seller_id
        """,
        tenant,
        [table.reference for table in tables],
        [table.seller_id for table in tables],
    )
    await tx.execute(
        """
        UPDATE freight_table t SET is_current = true, loaded_us = n.at_us
          FROM unnest($2::uuid[], $3::bigint[]) AS n (table_id, at_us)
         WHERE t.tenant = $1 AND t.table_id = n.table_id
        """,
        tenant,
        [table.table_id for table in tables],
        [ticks.at(n) for n in range(len(tables))],
    )
