"""Reserve, release and consume stock: lock the levels, let the caller decide, then move them.

A reservation adds to `reserved`, a release takes it back, an invoice takes from `on_hand` and `reserved` alike. The
caller locks before it decides, so that nobody else's promise comes between.
"""

from collections.abc import Collection, Mapping, Sequence

from asyncpg import SerializationError

from balcao.base.clock import Ticks, ticked
from balcao.base.db import Tx
from balcao.base.statements import Statement, run_all
from balcao.base.values import Tenant
from balcao.catalog.touch import touch_products_of
from balcao.stock.rules.model import Level, StockKey, StockMove, in_lock_order, net_moves
from balcao.stock.store import levels
from balcao.stock.store.levels import ENOUGH, Turned

__all__ = ["ENOUGH", "Level", "Moving", "StockKey", "StockMove", "lock_levels", "move_stock", "net_moves"]


async def lock_levels(tx: Tx, tenant: Tenant, keys: Collection[StockKey]) -> dict[StockKey, Level]:
    """The levels under these keys, locked until the commit; a row that does not exist yet is absent.

    Rows are locked by (seller, SKU), in whatever order the keys come: two orders for the same two SKUs never wait for
    each other in a circle. Call it once a transaction, with every key, after locking orders and before the tick.
    """
    return await levels.lock_levels(tx, tenant, in_lock_order(keys)) if keys else {}


class Moving:
    """Moves of stock whose rows are locked: how many rows they change, a statement for most, and `settle` for the rest.

    Moves are summed by key; those that come to nothing are dropped. levels: what `lock_levels` gave for their keys. A
    row that was missing then is made by `settle` (a channel that accepts orders beyond the stock).
    """

    def __init__(self, tenant: Tenant, moves: Sequence[StockMove], levels: Collection[StockKey]) -> None:
        net = net_moves(moves)
        self._tenant = tenant
        self._moves = [move for move in net if (move.seller_id, move.sku_id) in levels]
        self._missing = [move for move in net if (move.seller_id, move.sku_id) not in levels]

    @property
    def rows(self) -> int:
        """How many rows change, for the tick."""
        return len(self._moves) + len(self._missing)

    def fits(self, found: Mapping[StockKey, Level]) -> bool:
        """Whether these levels, which are locked by now, have all that is to be reserved."""
        return not self._missing and all(
            (level := found.get((move.seller_id, move.sku_id))) is not None and level.available >= move.reserved
            for move in self._moves
        )

    def statement(self, first_row: int) -> Statement[list[Turned]]:
        """Moves the rows that are there, to go with the tick (`base.clock.ticking`); the nth, by (seller, SKU), carries
        the instant `ticks.at(first_row + n)`.
        """
        return levels.move_stock(self._tenant, self._moves, first_row)

    def locking(self, *, after: str) -> Statement[None]:
        """Lock the rows, in one round trip with what is to be undone unless all have ENOUGH. after: SQL that is to be
        true first.
        """
        return levels.locking_enough(self._tenant, self._moves, after=after)

    async def settle(self, tx: Tx, ticks: Ticks, first_row: int, turned: list[Turned]) -> None:
        """Make the rows that are not there, and give the products of which there is something to sell now, or nothing
        any more, the instants of those rows: they are shown with it.

        Where a missing row appeared since, the transaction is undone and `Database.run` runs it again.
        """
        if self._missing:
            made = await levels.insert_missing(tx, self._tenant, self._missing, ticks, first_row + len(self._moves))
            if made < len(self._missing):
                raise SerializationError("another transaction made a stock row at the same time")
        if turned:
            await touch_products_of(tx, self._tenant, {row.sku_id: row.at_us for row in turned})


async def move_stock(tx: Tx, moving: Moving, ticks: Ticks, first_row: int) -> None:
    """Move, where no other statement goes with it."""
    if moving.rows:
        _, turned = await run_all(tx, ticked(ticks), moving.statement(first_row))
        await moving.settle(tx, ticks, first_row, turned)
