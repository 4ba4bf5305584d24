"""Take trackings: the order is on its way."""

from collections.abc import Sequence
from functools import partial

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.change import Outcome, open_changes
from balcao.orders.rules import invoicing
from balcao.orders.rules.change import Decision, Situation
from balcao.orders.rules.model import Tracking
from balcao.tenants.rules import Caller


class TrackOrder(msgspec.Struct, frozen=True, kw_only=True):
    """How this order travels. What the tracking does not say keeps its value."""

    caller: Caller
    order_id: OrderId
    tracking: Tracking


async def track_orders(tx: Tx, tenant: Tenant, cmds: Sequence[TrackOrder], now: Micros) -> list[Outcome]:
    """Each order in delivery (status 7) with its tracking; Conflict where it may not ship.

    Appends `order.tracked`. A repeat changes nothing.
    """
    changes = await open_changes(tx, tenant, [cmd.order_id for cmd in cmds])
    outcomes = [changes.decide(cmd.caller, cmd.order_id, partial(_rule, cmd)) for cmd in cmds]
    await changes.save(tx, now)
    return outcomes


def _rule(cmd: TrackOrder, at: Situation) -> Decision:
    return invoicing.track(at, cmd.tracking)
