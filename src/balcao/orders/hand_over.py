"""Hand orders over the counter, against their friendly code and a document."""

from collections.abc import Sequence
from functools import partial

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.change import Outcome, open_changes
from balcao.orders.rules import handing
from balcao.orders.rules.change import Decision, Situation
from balcao.tenants.rules import Caller


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at the counter says this code and shows this document."""

    caller: Caller
    order_id: OrderId
    code: str
    document: str


async def hand_over_orders(tx: Tx, tenant: Tenant, cmds: Sequence[HandOver], now: Micros) -> list[Outcome]:
    """Each order completed (status 9); Conflict for one that is not ready, a wrong code or a wrong document.

    Appends `order.moved`. A repeat changes nothing.
    """
    changes = await open_changes(tx, tenant, [cmd.order_id for cmd in cmds])
    outcomes = [changes.decide(cmd.caller, cmd.order_id, partial(_rule, cmd)) for cmd in cmds]
    await changes.save(tx, now)
    return outcomes


def _rule(cmd: HandOver, at: Situation) -> Decision:
    return handing.hand_over(at, cmd.code, cmd.document)
