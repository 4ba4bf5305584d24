"""Read the ledger of a stock level: counts, and what orders reserved, released and consumed, with before and after.

Placing an order writes no line: that it reserved something is what its items say, together with the lines of what it
released and consumed since. The levels before and after each line follow from the level as it is now.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from balcao.base.db import Tx
from balcao.base.values import OrderId, Tenant
from balcao.orders.store import reservations as store
from balcao.orders.store.reservations import Placing
from balcao.stock.find import find_levels
from balcao.stock.ledger import find_lines
from balcao.stock.rules.ledger import Cause, LedgerLine, ShownLine, with_levels
from balcao.stock.rules.model import Level, StockKey

LINES_MAX: Final = 10_000
"""Of one level that are looked at; what is older is not shown."""


async def read_ledger(tx: Tx, tenant: Tenant, key: StockKey, *, limit: int) -> list[ShownLine]:
    """The newest lines of one level, newest first. In a transaction that sees one moment (REPEATABLE READ)."""
    level = (await find_levels(tx, tenant, [key[0]], [key[1]])).get(key, Level(0, 0))
    written = await find_lines(tx, tenant, key, limit=LINES_MAX)
    ids = {OrderId(line.subject_id) for line in written if line.cause is not Cause.COUNTED and line.subject_id}
    placings = await store.find_placings(tx, tenant, key, list(ids))
    whole = sorted([*written, *_reserved(key, placings, written)], key=lambda line: line.at_us, reverse=True)
    if len(written) == LINES_MAX:  # older reservations would stand without what came between
        whole = [line for line in whole if line.at_us >= written[-1].at_us]
    return list(with_levels(whole[:limit], level))


def _reserved(key: StockKey, placings: Sequence[Placing], written: Iterable[LedgerLine]) -> Iterator[LedgerLine]:
    """What each order held when it was placed: what it holds now and what has gone of that since."""
    gone: dict[object, int] = {}
    for line in written:
        if line.cause is not Cause.COUNTED:
            gone[line.subject_id] = gone.get(line.subject_id, 0) - line.reserved_change
    for placing in placings:
        reserved = placing.reserved + gone.get(placing.order_id, 0)
        if reserved:
            yield LedgerLine(
                sku_id=key[1],
                seller_id=key[0],
                at_us=placing.at_us,
                cause=Cause.RESERVED,
                subject_id=placing.order_id,
                actor=placing.actor,
                reserved_change=reserved,
            )
