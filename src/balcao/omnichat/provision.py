"""Provision orders: reserve the stock and create them, or say why not; what comes of it is told from the log."""

from collections.abc import Sequence

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import BalcaoError
from balcao.base.values import Micros, Tenant
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.omnichat.prepare import Prepared
from balcao.omnichat.rules.model import Integration, KnownOrder, Outcome, Settled, caller_of
from balcao.omnichat.rules.order import why_refused
from balcao.omnichat.store import hooks as hook_store
from balcao.omnichat.store import orders as store
from balcao.orders.place import PlaceOrder, place_orders
from balcao.orders.rules.receipt import Receipt

REFUSED = "omnichat.refused"
REASON_MAX = 1_000


async def provision_orders(tx: Tx, tenant: Tenant, prepared: Sequence[Prepared], now: Micros) -> list[Settled]:
    """What became of each provisioning; the caller holds the tenant's lane, so that none is worked on twice.

    Appends `order.placed`, and `omnichat.refused` where nothing could be provisioned: then nothing is reserved. An
    order that is there already stays as it is, whatever else is asked for.
    """
    known = await store.find_orders(tx, tenant, [each.hook.key for each in prepared])
    ready = [each for each in prepared if each.order is not None and not _is_placed(known, each)]
    cmds = [_place(tenant, each) for each in ready]
    receipts = await place_orders(tx, tenant, cmds, now) if cmds else []
    outcomes = dict(zip((each.hook.hook_id for each in ready), receipts, strict=True))
    settled, refused = [], []
    for each in prepared:
        done = _settle(each, outcomes.get(each.hook.hook_id), known)
        settled.append(done)
        if done.outcome is Outcome.REFUSED:
            known.setdefault(each.hook.key, _unknown(each))
            refused.append((each, done.detail or ""))
    await store.upsert_orders(tx, tenant, list(known.values()))
    await hook_store.unpark(tx, tenant, list(known))
    await _tell_refused(tx, tenant, refused, now)
    await hook_store.update_done(tx, tenant, settled, now)
    return settled


def _settle(each: Prepared, outcome: Receipt | BalcaoError | None, known: dict[tuple[str, str], KnownOrder]) -> Settled:
    """What became of one; a new order is known from here on."""
    hook_id = each.hook.hook_id
    if isinstance(outcome, Receipt):
        before = known.get(each.hook.key) or _unknown(each)
        known[each.hook.key] = msgspec.structs.replace(before, order_id=outcome.order_id)
        return Settled(hook_id, Outcome.REPEATED if outcome.replayed else Outcome.PROVISIONED, str(outcome.order_id))
    if _is_placed(known, each):
        return Settled(hook_id, Outcome.REPEATED, "o pedido já foi provisionado")
    reason = "; ".join(each.reasons) if outcome is None else why_refused(outcome)
    return Settled(hook_id, Outcome.REFUSED, f"Pedido não provisionado: {reason}."[:REASON_MAX])


def _is_placed(known: dict[tuple[str, str], KnownOrder], each: Prepared) -> bool:
    order = known.get(each.hook.key)
    return order is not None and order.order_id is not None


def _unknown(each: Prepared) -> KnownOrder:
    return KnownOrder(integration_id=each.hook.integration_id, object_id=each.hook.object_id)


def _place(tenant: Tenant, each: Prepared) -> PlaceOrder:
    if each.order is None or each.integration is None:
        raise ValueError("nothing to place")
    return PlaceOrder(caller=caller_of(tenant, each.integration), new=each.order)


async def _tell_refused(tx: Tx, tenant: Tenant, refused: Sequence[tuple[Prepared, str]], now: Micros) -> None:
    told = [(each.integration, each.hook.object_id, why) for each, why in refused if each.integration is not None]
    events = [msgspec.structs.replace(_event(*one), row=row) for row, one in enumerate(told)]
    if events:
        ticks = await tick(tx, tenant, events=len(events), rows=len(events), now=now)
        await append(tx, tenant, events, ticks)


def _event(integration: Integration, object_id: str, reason: str) -> Event:
    facts = {"integrationId": integration.integration_id, "externalId": object_id, "reason": reason}
    return Event(
        type=REFUSED, subject=object_id, actor=integration.integration_id, data=facts, channel=integration.channel
    )
