"""How many orders are under way: counted from an index alone, and no further than somebody would read."""

from collections.abc import Mapping
from typing import Final

from balcao.base.db import Tx
from balcao.base.paging import Count
from balcao.orders.rules.listing import OPEN_COUNT_MAX, OrderFilter
from balcao.orders.rules.status import OPEN, Status
from balcao.orders.store.lanes import CREATE, Lanes
from balcao.orders.store.wanted import wishes_of
from balcao.tenants.rules import Caller

_OPEN: Final = OrderFilter(statuses=OPEN)


async def count_open(tx: Tx, caller: Caller, seller_cnpj: str | None) -> dict[Status, Count]:
    """By status, where there are any; by orders_by_store for one store, else by orders_by_channel_create."""
    wishes = wishes_of(caller, _OPEN, seller_cnpj)
    rows = await tx.fetch(_counted("t.status", wishes.lanes(CREATE)), *wishes.arguments)
    return {Status(row["status"]): Count(row["rows"], row["capped"]) for row in rows}


async def count_open_by_store(tx: Tx, caller: Caller) -> Mapping[str, Mapping[Status, Count]]:
    """By the store's CNPJ and status, where there are any; by orders_by_store."""
    wishes = wishes_of(caller, _OPEN)
    rows = await tx.fetch(_counted("s.cnpj, t.status", wishes.by_store()), *wishes.arguments)
    found: dict[str, dict[Status, Count]] = {}
    for row in rows:
        counts = found.setdefault(row["cnpj"], {})
        counts[Status(row["status"])] = Count(row["rows"], row["capped"])
    return found


def _counted(by: str, lanes: Lanes) -> str:
    inner = f"""SELECT count(*) AS rows FROM (
        SELECT 1 FROM orders o WHERE o.tenant = $1 AND {lanes.where()} LIMIT {OPEN_COUNT_MAX + 1}
    ) AS counted"""  # noqa: S608
    return f"""
        SELECT {by}, sum(least(k.rows, {OPEN_COUNT_MAX}))::bigint AS rows, max(k.rows) > {OPEN_COUNT_MAX} AS capped
          FROM {lanes.over(inner)} WHERE k.rows > 0 GROUP BY {by}"""  # noqa: S608
