"""What needs a person: orders paid after their cancellation, taken without stock, or with items that nobody finds."""

from collections.abc import Sequence
from typing import Final

from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import Micros, OrderId
from balcao.orders.change import issuer
from balcao.orders.rules.change import Note
from balcao.orders.rules.seeing import may_see
from balcao.orders.store import attention as store
from balcao.orders.store import history, load
from balcao.orders.store.attention import ATTENDED, Call
from balcao.tenants.rules import Caller

CALLS_MAX: Final = 100

__all__ = ["CALLS_MAX", "Call", "attend", "list_calls"]


async def list_calls(tx: Tx, caller: Caller, *, since: Micros) -> Sequence[Call]:
    """What came up since then and nobody has attended to, newest first, of the orders that the caller may see.

    An item that was rejected calls nobody any more once its order went to another store or has ended.
    """
    return await store.list_calls(tx, caller, since=since, limit=CALLS_MAX)


async def attend(tx: Tx, caller: Caller, order_id: OrderId, now: Micros) -> None:
    """Note in the order's log that somebody has seen to it; raises NotFound."""
    order = (await load.load_orders(tx, caller.tenant, [order_id])).get(order_id)
    if order is None or not may_see(caller, order):
        raise NotFound(f"There is no order {order_id}.", code="order_not_found")
    note = Note(ATTENDED, "Atendido por uma pessoa / Attended to by a person", "attended to")
    await history.insert_logs(tx, caller.tenant, [(order_id, note, issuer(caller))], now)
