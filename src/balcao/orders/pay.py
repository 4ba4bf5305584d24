"""Approve payments: an order whose payments cover it is paid, and the point of sale may take it."""

from collections.abc import Sequence
from functools import partial

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.change import Outcome, open_changes
from balcao.orders.rules import paying
from balcao.orders.rules.change import Decision, Situation
from balcao.orders.rules.paying import PaymentNews
from balcao.tenants.rules import Caller


class PayOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is reported of this order's payments."""

    caller: Caller
    order_id: OrderId
    payments: tuple[PaymentNews, ...]


async def pay_orders(tx: Tx, tenant: Tenant, cmds: Sequence[PayOrder], now: Micros) -> list[Outcome]:
    """Each order after the news of its payments; Conflict on a cancelled one, kept in its action log.

    Appends `order.paid`, `order.payment_changed` or (denied, where the channel says so) `order.cancelled`.
    """
    changes = await open_changes(tx, tenant, [cmd.order_id for cmd in cmds])
    outcomes = [changes.decide(cmd.caller, cmd.order_id, partial(_rule, cmd)) for cmd in cmds]
    await changes.save(tx, now)
    return outcomes


def _rule(cmd: PayOrder, at: Situation) -> Decision:
    return paying.pay(at, cmd.payments)
