"""Reserve, release and consume stock: lock the levels, let the caller decide, then move them.

A reservation adds to `reserved`, a release takes it back, an invoice takes from `on_hand` and `reserved` alike. The
caller locks before it decides, so that nobody else's promise comes between.
"""

from collections.abc import Collection, Sequence

from asyncpg import SerializationError

from balcao.base.clock import Ticks
from balcao.base.db import Tx
from balcao.base.statements import Statement, run
from balcao.base.values import Tenant
from balcao.catalog.touch import touch_products_of
from balcao.stock.rules.model import Level, StockKey, StockMove, net_moves
from balcao.stock.store import levels
from balcao.stock.store.levels import Moved

__all__ = ["Level", "Moving", "StockKey", "StockMove", "lock_levels", "move_stock", "net_moves"]


async def lock_levels(tx: Tx, tenant: Tenant, keys: Collection[StockKey]) -> dict[StockKey, Level]:
    """The levels under these keys, locked until the commit; a row that does not exist yet is absent.

    Rows are locked by (seller, SKU), in whatever order the keys come: two orders for the same two SKUs never wait for
    each other in a circle. Call it once a transaction, with every key, after locking orders and before the tick.
    """
    return await levels.lock_levels(tx, tenant, sorted(set(keys))) if keys else {}


async def move_stock(tx: Tx, tenant: Tenant, moves: Sequence[StockMove], ticks: Ticks, first_row: int) -> None:
    """Add every move to its level; missing rows are made (a channel that accepts orders beyond the stock).

    Moves are summed by key and those that come to nothing are dropped: `net_moves` says how many rows will change, for
    the tick. The nth changed row, by (seller, SKU), carries the instant `ticks.at(first_row + n)`. The caller has
    locked the rows by `lock_levels`. Where a missing row appeared since, the transaction is undone and `Database.run`
    runs it again.

    Products of which there is something to sell now, or nothing any more, are given the instants of those rows: they
    are shown with it.
    """
    moving = Moving(tenant, moves, ticks, first_row)
    if moving.moves:
        await moving.settle(tx, await run(tx, moving.statement()))


class Moving:
    """`move_stock` in two halves, for a caller whose other statements go with it: the statement, then `settle`."""

    def __init__(self, tenant: Tenant, moves: Sequence[StockMove], ticks: Ticks, first_row: int) -> None:
        self.moves = net_moves(moves)
        self._tenant = tenant
        self._ticks = ticks
        self._first_row = first_row

    def statement(self) -> Statement[list[Moved]]:
        """Moves the rows that are there."""
        return levels.move_stock(self._tenant, self.moves, self._ticks, self._first_row)

    async def settle(self, tx: Tx, rows: list[Moved]) -> None:
        """Make the rows that are not, and touch the products that can, or can no longer, be sold."""
        moved = rows[0].moved
        if moved < len(self.moves):
            moved += await levels.insert_missing(tx, self._tenant, self.moves, self._ticks, self._first_row)
        if moved < len(self.moves):
            raise SerializationError("another transaction made a stock row at the same time")
        turned = {row.sku_id: row.at_us for row in rows if row.sku_id is not None and row.at_us is not None}
        if turned:
            await touch_products_of(tx, self._tenant, turned)
