"""Cancel orders: give the stock back, or ask the point of sale where the channel wants its consent."""

from collections.abc import Sequence
from functools import partial

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.change import Outcome, open_changes
from balcao.orders.rules import moving
from balcao.orders.rules.change import Decision, Situation
from balcao.orders.rules.moving import CancelledBy
from balcao.tenants.rules import Caller


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Cancel this order in that party's name."""

    caller: Caller
    order_id: OrderId
    by: CancelledBy
    reason: str


async def cancel_orders(tx: Tx, tenant: Tenant, cmds: Sequence[CancelOrder], now: Micros) -> list[Outcome]:
    """Each order after its cancellation (or in `PendingCancel`); Conflict where it is too late.

    Appends `order.cancelled`, or `order.moved` for a request. Repeating a cancellation changes nothing.
    """
    changes = await open_changes(tx, tenant, [cmd.order_id for cmd in cmds])
    outcomes = [changes.decide(cmd.caller, cmd.order_id, partial(_rule, cmd)) for cmd in cmds]
    await changes.save(tx, now)
    return outcomes


def _rule(cmd: CancelOrder, at: Situation) -> Decision:
    return moving.cancel(at, cmd.by, cmd.reason)
