"""The SQL of tables' rows: copied in and out in the fixed-width binary form that PostgreSQL and numpy share."""

from collections.abc import AsyncIterator, Callable, Sequence
from itertools import pairwise
from typing import Final
from uuid import UUID

import numpy as np

from balcao.base.db import Tx
from balcao.base.errors import Unavailable
from balcao.base.values import Tenant
from balcao.freight.rules.rates import FIELDS, NAMES, RATE, Rates
from balcao.freight.rules.versions import Table

ROWS_AT_ONCE: Final = 20_000
"""Of what is sent or taken at once: some milliseconds of the event loop."""
TIMEOUT_S: Final = 600
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"


async def copy_in(
    tx: Tx,
    tenant: Tenant,
    tables: Sequence[Table],
    rates: Sequence[Rates],
    written: Callable[[int], None] | None = None,
) -> None:
    """Write the rows of these tables, `rates[n]` those of `tables[n]`; their lines count from 1. `written` is told of
    so many more.
    """
    await tx.execute(f"SET LOCAL statement_timeout = '{TIMEOUT_S}s'")
    await tx.copy_to_table(
        "freight_row",
        columns=["tenant", "table_id", "line", *NAMES],
        source=_binary(tenant, tables, rates, written or (lambda _: None)),
        format="binary",
        timeout=TIMEOUT_S,
    )


async def _binary(
    tenant: Tenant, tables: Sequence[Table], rates: Sequence[Rates], written: Callable[[int], None]
) -> AsyncIterator[bytes]:
    name = tenant.encode()
    fields = [("tenant", f"S{len(name)}"), ("table_id", "V16"), ("line", "i4"), *FIELDS]
    yield _HEAD
    for table, mine in zip(tables, rates, strict=True):
        for start in range(0, len(mine), ROWS_AT_ONCE):
            some = mine[start : start + ROWS_AT_ONCE]
            rows = np.zeros(len(some), dtype=_tuple_of(fields))
            rows["fields"] = len(fields)
            for column, kind in fields:
                rows[f"{column}_bytes"] = np.dtype(kind).itemsize
            rows["tenant"], rows["table_id"] = name, np.void(table.table_id.bytes)
            rows["line"] = np.arange(start + 1, start + 1 + len(some))
            for column in NAMES:
                rows[column] = some[column]
            yield rows.tobytes()
            written(len(some))
    yield _END


async def copy_out(tx: Tx, tenant: Tenant, tables: Sequence[Table]) -> dict[UUID, Rates]:
    """These tables' rows, in no order. Raises Unavailable when a table has been deleted meanwhile."""
    reader = _Reader()
    await tx.copy_from_query(
        # The driver writes the arguments into the text: COPY takes none.
        """
        SELECT table_id, cep_start, cep_end, weight_start_g, weight_end_g, price, percent, extra_per_kg, insured_min,
               volume_max_cm3, delivery_days, cut_off_min
          FROM freight_row WHERE tenant = $1 AND table_id = ANY($2::uuid[])
        """,
        tenant,
        [table.table_id for table in tables],
        output=reader.feed,
        format="binary",
    )
    return reader.tables(tables)


class _Reader:
    """Packs rows as they come, so that no more than one piece of the copy lies in memory beside them."""

    def __init__(self) -> None:
        self._kind = _tuple_of([("table_id", "V16"), *FIELDS])
        self._rest = bytearray()
        self._offset = len(_HEAD)
        self._packed: dict[bytes, list[Rates]] = {}

    async def feed(self, data: bytes) -> None:
        """Take a piece of the copy."""
        self._rest += data
        if len(self._rest) >= ROWS_AT_ONCE * self._kind.itemsize:
            self._pack()

    def tables(self, tables: Sequence[Table]) -> dict[UUID, Rates]:
        """What was read."""
        self._pack()
        found = {}
        for table in tables:
            pieces = self._packed.pop(table.table_id.bytes, None) or [np.empty(0, dtype=RATE)]
            rates = np.concatenate(pieces)
            if len(rates) != table.row_count:
                raise Unavailable("The freight tables are being changed; try again.")
            found[table.table_id] = rates
        return found

    def _pack(self) -> None:
        count = max(len(self._rest) - self._offset, 0) // self._kind.itemsize
        if not count:
            return
        end = self._offset + count * self._kind.itemsize
        rows = np.frombuffer(bytes(self._rest[self._offset : end]), dtype=self._kind)
        del self._rest[:end]
        self._offset = 0
        ids = rows["table_id"]
        cuts = [0, *(np.flatnonzero(ids[1:] != ids[:-1]) + 1).tolist(), len(rows)]
        for start, stop in pairwise(cuts):
            piece = np.empty(stop - start, dtype=RATE)
            for name in NAMES:
                piece[name] = rows[name][start:stop]
            self._packed.setdefault(ids[start].tobytes(), []).append(piece)


def _tuple_of(fields: Sequence[tuple[str, str]]) -> "np.dtype[np.void]":
    """A row of PostgreSQL's binary COPY: the number of fields, then each field's length and its bytes."""
    parts = [("fields", ">i2")]
    for name, kind in fields:
        parts += [(f"{name}_bytes", ">i4"), (name, f">{kind}" if kind.startswith("i") else kind)]
    return np.dtype(parts)


async def list_rows(
    tx: Tx, tenant: Tenant, table_id: UUID, *, after: int, limit: int
) -> list[tuple[int, tuple[int, ...]]]:
    """A table's rows with their line, from 1, in the order loaded: those after a line, by the primary key."""
    rows = await tx.fetch(
        """
        SELECT line, cep_start, cep_end, weight_start_g, weight_end_g, price, percent, extra_per_kg, insured_min,
               volume_max_cm3, delivery_days, cut_off_min
          FROM freight_row WHERE tenant = $1 AND table_id = $2 AND line > $3 ORDER BY line LIMIT $4
        """,
        tenant,
        table_id,
        after,
        limit,
    )
    return [(row["line"], tuple(row)[1:]) for row in rows]


async def delete_rows(tx: Tx, tenant: Tenant, table_ids: Sequence[UUID]) -> None:
    """Delete these tables' rows."""
    await tx.execute("DELETE FROM freight_row WHERE tenant = $1 AND table_id = ANY($2::uuid[])", tenant, table_ids)
