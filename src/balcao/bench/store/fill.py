"""Fill the database with orders: copies of a placed one, a hundred thousand in a statement a table."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from balcao.base.values import OrderId, SellerId, SkuId, Tenant
from balcao.bench.store.copies import Table

_TICK: Final = """
    UPDATE tenant_clock SET seq = seq + $2, at_us = greatest($3, at_us) + $2 + $4 WHERE tenant = $1 RETURNING seq, at_us
"""
_RESERVE: Final = """
    UPDATE stock s SET reserved = s.reserved + n.reserved, last_update_us = $4 + n.row
      FROM (SELECT ($3::uuid[])[1 + k % cardinality($3::uuid[])] AS sku_id, count(*) AS reserved,
                   row_number() OVER () AS row
              FROM generate_series($5::bigint, $6::bigint) AS k GROUP BY 1) n
     WHERE s.tenant = $1 AND s.seller_id = $2 AND s.sku_id = n.sku_id
"""
_SEQ: Final = "($3::bigint + k)"
_AT: Final = "($4::bigint + k)"
_DIGEST: Final = f"md5($1 || {_SEQ}::text)"
_ID: Final = f"""(lpad(to_hex({_AT} / 1000), 12, '0') || '7' || substr({_DIGEST}, 1, 3) || 'a'
    || substr({_DIGEST}, 4, 15))::uuid"""
_OWN: Final = {
    "order_id": _ID,
    "subject": f"{_ID}::text",
    "external_id": f"'FILLED-' || {_SEQ}",
    "friendly_code": f"'0' || upper(to_hex({_SEQ}))",  # real codes have no 0
    "seq": _SEQ,
    **dict.fromkeys(("create_us", "last_update_us", "created_us", "at_us"), _AT),
    "sku_id": "($7::uuid[])[1 + k % cardinality($7::uuid[])]",
    "sku_code": "($8::text[])[1 + k % cardinality($8::text[])]",
    "product_code": "($8::text[])[1 + k % cardinality($8::text[])]",
}
"""What a copy has of its own, as SQL of its number `k`; all other columns are the placed order's."""


class Filler:
    """Copies one placed order of one line, whose tables `read_template` gave."""

    def __init__(self, tables: Sequence[Table], template: OrderId, seller_id: SellerId, skus: dict[str, SkuId]) -> None:
        self.tables, self.template, self.seller_id, self.skus = tables, template, seller_id, skus

    async def fill(self, connection: "asyncpg.Connection[Any]", tenant: Tenant, count: int, now: int) -> None:
        """Write so many copies in one transaction: every table, their stock and the clock."""
        ids = list(self.skus.values())
        async with connection.transaction():
            clock = await connection.fetchrow(_TICK, tenant, count, now, len(ids))
            if clock is None:
                raise LookupError(f"tenant {tenant!r} has no clock")
            seq, at_us = clock["seq"] - count + 1, clock["at_us"] - count - len(ids) + 1
            given = (tenant, str(self.template), seq, at_us, 0, count - 1, ids, list(self.skus))
            for table in self.tables:
                await connection.execute(_statement(table), *given)
            await connection.execute(_RESERVE, tenant, self.seller_id, ids, at_us + count - 1, 0, count - 1)


def _statement(table: Table) -> str:
    values = ", ".join(_OWN.get(name, f"o.{name}") for name in table.columns)
    own = "o.subject = $2" if table.name == "event" else "o.order_id = $2::uuid"
    # Every parameter is named once, so that all tables can be given the same ones.
    unused = "$7::uuid[] IS NOT NULL AND $8::text[] IS NOT NULL AND $3::bigint IS NOT NULL AND $4::bigint IS NOT NULL"
    return f"""
        INSERT INTO {table.name} (tenant, {", ".join(table.columns)})
        SELECT o.tenant, {values} FROM {table.name} o, generate_series($5::bigint, $6::bigint) AS k
         WHERE o.tenant = $1 AND {own} AND {unused}
    """  # noqa: S608
