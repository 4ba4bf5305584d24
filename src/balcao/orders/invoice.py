"""Attach invoices: the stock leaves, the order is invoiced."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import BalcaoError
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.change import Outcome, open_changes
from balcao.orders.rules import invoicing
from balcao.orders.rules.change import Decision, Situation
from balcao.orders.rules.model import Invoice
from balcao.orders.store import keys
from balcao.tenants.rules import Caller


class InvoiceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Attach this invoice to this order."""

    caller: Caller
    order_id: OrderId
    invoice: Invoice
    seller_order_id: str | None = None


async def invoice_orders(tx: Tx, tenant: Tenant, cmds: Sequence[InvoiceOrder], now: Micros) -> list[Outcome]:
    """Each order with its invoice, in status 20 (or where it already was beyond); Conflict or Invalid where refused.

    Appends `order.invoiced`. The same key on the same order changes nothing; on another it is a Conflict.
    """
    changes = await open_changes(tx, tenant, [cmd.order_id for cmd in cmds])
    wanted = [(cmd.invoice.access_key, cmd.order_id) for cmd in cmds]
    owners = await keys.claim_invoice_keys(tx, tenant, wanted)
    outcomes = [changes.decide(cmd.caller, cmd.order_id, partial(_rule, cmd, owners)) for cmd in cmds]
    await changes.save(tx, now)
    refused = [cmd.invoice.access_key for cmd, out in zip(cmds, outcomes, strict=True) if isinstance(out, BalcaoError)]
    if refused:
        await keys.drop_unused_invoice_keys(tx, tenant, refused)
    return outcomes


def _rule(cmd: InvoiceOrder, owners: dict[str, UUID], at: Situation) -> Decision | BalcaoError:
    owner = owners[cmd.invoice.access_key]
    return invoicing.invoice(
        at,
        cmd.invoice,
        seller_order_id=cmd.seller_order_id,
        key_owner=None if owner == cmd.order_id else str(owner),
    )
