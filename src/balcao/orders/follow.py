"""Follow what a partner tells of orders: several kinds of changes in the order in which they are given."""

from collections.abc import Sequence
from functools import partial

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.cancel import CancelOrder
from balcao.orders.change import Changes, Outcome, open_changes
from balcao.orders.pay import PayOrder
from balcao.orders.rules import moving, paying
from balcao.orders.rules.change import Note
from balcao.tenants.rules import Caller


class NoteOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Note this in the order's action log; nothing else changes."""

    caller: Caller
    order_id: OrderId
    note: Note


Told = PayOrder | CancelOrder | NoteOrder


async def follow_orders(tx: Tx, tenant: Tenant, cmds: Sequence[Told], now: Micros) -> list[Outcome]:
    """Each order after the command, one after the other; what `pay_orders` and `cancel_orders` refuse they refuse.

    Appends what those append.
    """
    changes = await open_changes(tx, tenant, [cmd.order_id for cmd in cmds])
    outcomes = [_decide(changes, cmd) for cmd in cmds]
    await changes.save(tx, now)
    return outcomes


def _decide(changes: Changes, cmd: Told) -> Outcome:
    if isinstance(cmd, NoteOrder):
        return changes.note(cmd.caller, cmd.order_id, cmd.note)
    if isinstance(cmd, PayOrder):
        return changes.decide(cmd.caller, cmd.order_id, partial(paying.pay, news=cmd.payments))
    return changes.decide(cmd.caller, cmd.order_id, partial(moving.cancel, by=cmd.by, reason=cmd.reason))
