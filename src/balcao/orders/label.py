"""Take a carrier's label and tracking; the operator prints the label and dispatches, so nothing ships yet."""

from collections.abc import Sequence
from functools import partial

import msgspec

from balcao.base.db import Tx
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.change import Outcome, open_changes
from balcao.orders.rules import invoicing
from balcao.orders.rules.change import Decision, Situation
from balcao.orders.rules.model import Label, Tracking
from balcao.tenants.rules import Caller


class LabelOrder(msgspec.Struct, frozen=True, kw_only=True):
    """This order's label (its file is stored under `path` already), tracking and postal list."""

    caller: Caller
    order_id: OrderId
    label: Label | None
    tracking: Tracking
    plp: str | None = None


async def label_orders(tx: Tx, tenant: Tenant, cmds: Sequence[LabelOrder], now: Micros) -> list[Outcome]:
    """Each order with its label and tracking; Conflict before the invoice and after the end.

    Appends `order.labelled`. The same file again makes no second label.
    """
    changes = await open_changes(tx, tenant, [cmd.order_id for cmd in cmds])
    outcomes = [changes.decide(cmd.caller, cmd.order_id, partial(_rule, cmd)) for cmd in cmds]
    await changes.save(tx, now)
    return outcomes


def _rule(cmd: LabelOrder, at: Situation) -> Decision:
    return invoicing.label(at, cmd.label, cmd.tracking, cmd.plp)
