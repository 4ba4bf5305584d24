"""Move orders along the lifecycle by naming the status."""

from collections.abc import Sequence
from functools import partial

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.change import Outcome, open_changes
from balcao.orders.rules import moving
from balcao.orders.rules.change import Decision, Situation
from balcao.orders.rules.status import Status
from balcao.tenants.rules import Caller


class MoveOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Move this order to that status; message is the reason that goes into the action log."""

    caller: Caller
    order_id: OrderId
    to: Status
    message: str | None = None
    seller_order_id: str | None = None


async def move_orders(tx: Tx, tenant: Tenant, cmds: Sequence[MoveOrder], now: Micros) -> list[Outcome]:
    """Each order after its move; Conflict (from, to, why, what is allowed) where the lifecycle refuses it.

    Appends `order.moved` or `order.cancelled`. A move to where the order already is changes nothing.
    """
    changes = await open_changes(tx, tenant, [cmd.order_id for cmd in cmds])
    outcomes = [changes.decide(cmd.caller, cmd.order_id, partial(_rule, cmd)) for cmd in cmds]
    await changes.save(tx, now)
    return outcomes


def _rule(cmd: MoveOrder, at: Situation) -> Decision:
    return moving.move(at, cmd.to, message=cmd.message, seller_order_id=cmd.seller_order_id)
