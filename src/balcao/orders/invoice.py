"""Attach invoices: the stock leaves, the order is invoiced."""

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import BalcaoError
from balcao.base.values import Micros, OrderId, Tenant
from balcao.orders.change import Outcome, open_changes
from balcao.orders.rules import invoicing
from balcao.orders.rules.change import Decision, Situation
from balcao.orders.rules.model import Invoice, Order
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
    claims = {cmd.invoice.access_key: cmd.order_id for cmd in reversed(cmds)}
    owners = await keys.claim_invoice_keys(tx, tenant, claims)
    free = claims.keys() - owners.keys()
    outcomes = []
    for cmd in cmds:
        owner = owners.get(cmd.invoice.access_key, cmd.order_id)
        outcome = changes.decide(cmd.caller, cmd.order_id, partial(_rule, cmd, owner))
        if isinstance(outcome, Order):
            owners[cmd.invoice.access_key] = owner
        outcomes.append(outcome)
    await _settle(tx, tenant, {key: claims[key] for key in free}, owners)
    await changes.save(tx, now)
    return outcomes


def _rule(cmd: InvoiceOrder, owner: OrderId, at: Situation) -> Decision | BalcaoError:
    return invoicing.invoice(
        at,
        cmd.invoice,
        seller_order_id=cmd.seller_order_id,
        key_owner=None if owner == cmd.order_id else str(owner),
    )


async def _settle(tx: Tx, tenant: Tenant, claims: Mapping[str, OrderId], owners: Mapping[str, OrderId]) -> None:
    """Give up the claims of orders that were refused the invoice, or hand them to the one of the batch that got it."""
    lost = [key for key, order_id in claims.items() if owners.get(key) != order_id]
    if lost:
        await keys.drop_invoice_keys(tx, tenant, lost)
    heirs = {key: owners[key] for key in lost if key in owners}
    if heirs:
        await keys.claim_invoice_keys(tx, tenant, heirs)
