"""Rows like those of an order that was placed, written again by plain set-based SQL: what the database alone can do.

Whatever columns the tables have, a copy has them too: the statements are made from the catalogue of the database.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import asyncpg

from balcao.base.values import OrderId, SellerId, SkuId, Tenant

Row = dict[str, Any]
TABLES: Final = ("order_key", "orders", "order_item", "order_payment", "order_step", "order_log", "event")
"""All that placing an order inserts; beside it the stock and the clock are updated."""

_TICK: Final = """
    UPDATE tenant_clock SET seq = seq + $2, at_us = at_us + $3 WHERE tenant = $1 RETURNING seq, at_us
"""
_RESERVE: Final = """
    UPDATE stock s SET reserved = s.reserved + n.reserved, last_update_us = n.at_us
      FROM unnest($3::uuid[], $4::bigint[], $5::bigint[]) AS n (sku_id, reserved, at_us)
     WHERE s.tenant = $1 AND s.seller_id = $2 AND s.sku_id = n.sku_id
"""


_INSTANTS: Final = ("create_us", "last_update_us", "created_us", "at_us")


class Table(NamedTuple):
    """A table, its columns beside the tenant, the statement that inserts any number of rows of a tenant, and the rows
    of the order that is copied.
    """

    name: str
    columns: tuple[str, ...]
    insert: str
    rows: list[Row]


class Copy(NamedTuple):
    """What a copy has of its own."""

    order_id: OrderId
    external_id: str
    friendly_code: str
    skus: Sequence[tuple[SkuId, str]]


class Batch(NamedTuple):
    """Copies ready to be written. columns: by table, then by column; of: which copy each of the table's rows is of, so
    that instants and sequence numbers can be filled in once the clock has ticked.
    """

    tenant: Tenant
    size: int
    columns: dict[str, dict[str, list[Any]]]
    of: dict[str, list[int]]
    moves: dict[SkuId, int]


async def read_template(connection: "asyncpg.Connection[Any]", tenant: Tenant, order_id: OrderId) -> list[Table]:
    """The rows of a placed order, table by table, in the order in which they may be inserted."""
    return [await _read_table(connection, name, tenant, order_id) for name in TABLES]


def prepare(tenant: Tenant, tables: Sequence[Table], copies: Sequence[Copy]) -> Batch:
    """The copies' rows, column by column: what can be made ready before the database is asked."""
    columns, of = {}, {}
    for table in tables:
        rows = [
            (n, _row(table, row, copy, line)) for n, copy in enumerate(copies) for line, row in enumerate(table.rows)
        ]
        of[table.name] = [n for n, _ in rows]
        columns[table.name] = {name: [row[name] for _, row in rows] for name in table.columns}
    moves = Counter(sku_id for copy in copies for sku_id, _ in copy.skus)
    return Batch(tenant, len(copies), columns, of, dict(sorted(moves.items())))


async def insert_copies(
    connection: "asyncpg.Connection[Any]", tables: Sequence[Table], seller_id: SellerId, batch: Batch
) -> None:
    """Write the copies in one transaction, with ticks of their own and their stock reserved."""
    rows = batch.size + len(batch.moves)
    async with connection.transaction():
        await _insert(connection, tables[0], batch, 0, 0)
        clock = await connection.fetchrow(_TICK, batch.tenant, batch.size, rows)
        if clock is None:
            raise LookupError(f"tenant {batch.tenant!r} has no clock")
        seq, at_us = clock["seq"] - batch.size + 1, clock["at_us"] - rows + 1
        for table in tables[1:]:
            await _insert(connection, table, batch, seq, at_us)
        ticks = list(range(at_us + batch.size, at_us + rows))
        moves = batch.moves
        await connection.execute(_RESERVE, batch.tenant, seller_id, list(moves), list(moves.values()), ticks)


async def _read_table(connection: "asyncpg.Connection[Any]", name: str, tenant: Tenant, order_id: OrderId) -> Table:
    own = "subject = $2::text" if name == "event" else "order_id = $2::text::uuid"
    read = await connection.prepare(f"SELECT * FROM {name} WHERE tenant = $1 AND {own}")  # noqa: S608
    kinds = {each.name: each.type.name for each in read.get_attributes() if each.name != "tenant"}
    # An array in an array cannot be unnested, so those travel as text.
    listed, given = ", ".join(kinds), ", ".join(f"${n}::{_flat(kind)}[]" for n, kind in enumerate(kinds.values(), 2))
    taken = ", ".join(f"n.{column}::{kind}" for column, kind in kinds.items())
    insert = f"INSERT INTO {name} (tenant, {listed}) SELECT $1, {taken} FROM unnest({given}) AS n ({listed})"  # noqa: S608
    rows = [dict(row) for row in await read.fetch(tenant, str(order_id))]
    return Table(name, tuple(kinds), insert, [{column: _as_sent(row[column]) for column in kinds} for row in rows])


def _flat(kind: str) -> str:
    return "text" if kind.endswith("[]") else kind


def _as_sent(value: Any) -> Any:
    return "{" + ",".join(map(str, value)) + "}" if isinstance(value, list) else value


def _row(table: Table, row: Row, copy: Copy, line: int) -> Row:
    own: Row = {
        "order_id": copy.order_id,
        "external_id": copy.external_id,
        "friendly_code": copy.friendly_code,
        "subject": str(copy.order_id),
    }
    if table.name == "order_item":
        sku_id, code = copy.skus[line]
        own |= {"sku_id": sku_id, "sku_code": code, "product_code": code}
    return row | {name: value for name, value in own.items() if name in row}


async def _insert(connection: "asyncpg.Connection[Any]", table: Table, batch: Batch, seq: int, at_us: int) -> None:
    columns, of = batch.columns[table.name], batch.of[table.name]
    if not of:
        return
    ticked: dict[str, list[Any]] = {name: [at_us + n for n in of] for name in _INSTANTS if name in columns}
    if "seq" in columns:
        ticked["seq"] = [seq + n for n in of]
    await connection.execute(table.insert, batch.tenant, *(columns | ticked).values())
