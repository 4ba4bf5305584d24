"""Hear what OmniChat tells of orders: payments, cancellations, the echoes of our own calls (contract, section 4)."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import Conflict
from balcao.base.values import Micros, OrderId, Tenant
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.omnichat.rules.hooks import message_of
from balcao.omnichat.rules.model import Hook, Integration, KnownOrder, Outcome, Settled, caller_of
from balcao.omnichat.rules.statuses import PAID_LATE, Meaning, cancelled_by, meaning_of
from balcao.omnichat.store import hooks as hook_store
from balcao.omnichat.store import orders as store
from balcao.omnichat.store.integrations import list_integrations
from balcao.orders.cancel import CancelOrder
from balcao.orders.change import Outcome as OrderOutcome
from balcao.orders.find import AskOrder, By, OrderRef, get_orders
from balcao.orders.follow import NoteOrder, Told, follow_orders
from balcao.orders.pay import PayOrder
from balcao.orders.rules.change import Note
from balcao.orders.rules.model import Order
from balcao.orders.rules.paying import PaymentNews
from balcao.orders.rules.status import CANCELLED, parse_status
from balcao.orders.rules.whole import Whole

LATE = "omnichat.cancelled_late"
CLOCKS_APART_US: Final = 60_000_000
"""By how much OmniChat's clock may be behind ours."""


class _Heard(NamedTuple):
    """A notification about an order of ours, and what it means."""

    hook: Hook
    integration: Integration
    order_id: OrderId
    meaning: Meaning


async def hear_hooks(tx: Tx, tenant: Tenant, hooks: Sequence[Hook], now: Micros) -> list[Settled]:
    """What became of notifications and cancellations; the caller holds the tenant's lane.

    They are taken in the order of OmniChat's own time. One about an order that is not known yet is parked. Appends what
    paying and cancelling append, `omnichat.cancelled_late` for a cancellation after shipping (the goods are on their
    way, the operator decides), and `omnichat.paid_late` where OmniChat may take a cancelled order for paid.
    """
    ordered = sorted(hooks, key=lambda hook: (hook.said_us, hook.hook_id))
    known = await store.find_orders(tx, tenant, list({hook.key for hook in ordered}))
    integrations = {each.integration_id: each for each in await list_integrations(tx, tenant)}
    settled: list[Settled] = []
    heard: list[_Heard] = []
    for hook in ordered:
        order, integration = known.get(hook.key), integrations.get(hook.integration_id)
        done = _without_order(hook, order, integration)
        if done is not None:
            settled.append(done)
        elif order is not None and order.order_id is not None and integration is not None:
            meaning = meaning_of(hook.status, hook.said_us, order.heard_us)
            if meaning is Meaning.PAY:
                known[hook.key] = msgspec.structs.replace(order, heard_us=max(order.heard_us, hook.said_us))
            heard.append(_Heard(hook, integration, order.order_id, meaning))
    await hook_store.park(tx, tenant, [hook.hook_id for hook in ordered if hook.key not in known])
    settled += await _follow(tx, tenant, heard, known, now)
    await store.upsert_orders(tx, tenant, [known[each.hook.key] for each in _first_of_each(heard)])
    await hook_store.update_done(tx, tenant, settled, now)
    return settled


def _without_order(hook: Hook, order: KnownOrder | None, integration: Integration | None) -> Settled | None:
    """What becomes of a notification that asks nothing of an order, None for one that does."""
    if integration is None:
        return Settled(hook.hook_id, Outcome.LOGGED, "a integração não existe mais")
    if hook.responsible == integration.responsible:
        return Settled(hook.hook_id, Outcome.ECHO)
    if order is not None and order.order_id is None:
        return Settled(hook.hook_id, Outcome.LOGGED, "o pedido não foi provisionado")
    return None


async def _follow(
    tx: Tx, tenant: Tenant, heard: Sequence[_Heard], known: dict[tuple[str, str], KnownOrder], now: Micros
) -> list[Settled]:
    if not heard:
        return []
    outcomes = await follow_orders(tx, tenant, [_command(tenant, each) for each in heard], now)
    settled = [_settle(each, outcome) for each, outcome in zip(heard, outcomes, strict=True)]
    late = _first_of_each(
        each
        for each, done in zip(heard, settled, strict=True)
        if done.outcome is Outcome.LATE and not known[each.hook.key].is_closed
    )
    paid = [each for each, outcome in zip(heard, outcomes, strict=True) if _is_paid_late(each, outcome)]
    over = [each for each in heard if each.hook.status == "OVER_PAID"]
    notes = [
        NoteOrder(caller=caller_of(tenant, e.integration), order_id=e.order_id, note=_note(e)) for e in late + over
    ]
    if notes:
        await follow_orders(tx, tenant, notes, now)
    for each in late:
        known[each.hook.key] = msgspec.structs.replace(known[each.hook.key], is_closed=True)
    overtaken = await _overtaken(tx, tenant, paid)
    await _append(tx, tenant, [(LATE, each) for each in late] + [(PAID_LATE, each) for each in overtaken], now)
    return settled


def _is_paid_late(each: _Heard, outcome: OrderOutcome) -> bool:
    """Whether a payment came for an order that is cancelled here, or once more for one that was paid before that."""
    if isinstance(outcome, Order):
        return each.meaning is Meaning.PAY and outcome.status in CANCELLED
    return isinstance(outcome, Conflict) and outcome.code == "paid_after_cancellation"


async def _overtaken(tx: Tx, tenant: Tenant, paid: Sequence[_Heard]) -> list[_Heard]:
    """Those payments of cancelled orders that OmniChat may have seen after it was told of the cancellation."""
    asks = [
        AskOrder(caller_of(tenant, each.integration), OrderRef(by=By.ID, value=str(each.order_id))) for each in paid
    ]
    found = await get_orders(tx, tenant, asks) if asks else []
    changed = {each.order.order_id: each.order.last_update_us for each in found if isinstance(each, Whole)}
    return [
        each for each in paid if not each.hook.said_us or each.hook.said_us >= changed[each.order_id] - CLOCKS_APART_US
    ]


def _command(tenant: Tenant, each: _Heard) -> Told:
    caller = caller_of(tenant, each.integration)
    if each.meaning is Meaning.PAY:
        news = PaymentNews(acquirer_message=message_of(each.hook.body) or None)
        return PayOrder(caller=caller, order_id=each.order_id, payments=(news,))
    if each.meaning is Meaning.CANCEL:
        reason = f"OmniChat: {_words(each.hook)}"
        return CancelOrder(caller=caller, order_id=each.order_id, by=cancelled_by(each.hook.status), reason=reason)
    return _noting(tenant, each)


def _noting(tenant: Tenant, each: _Heard) -> NoteOrder:
    return NoteOrder(caller=caller_of(tenant, each.integration), order_id=each.order_id, note=_note(each))


def _settle(each: _Heard, outcome: OrderOutcome) -> Settled:
    hook_id = each.hook.hook_id
    if isinstance(outcome, Conflict) and each.meaning is Meaning.CANCEL:
        if parse_status(str(outcome.facts.get("from"))) in CANCELLED:
            return Settled(hook_id, Outcome.LOGGED, "o pedido já está cancelado")
        return Settled(hook_id, Outcome.LATE, outcome.detail)
    if isinstance(outcome, Exception):
        return Settled(hook_id, Outcome.LOGGED, outcome.detail)
    if _is_paid_late(each, outcome):
        return Settled(hook_id, Outcome.LOGGED, "o pedido já está cancelado")
    match each.meaning:
        case Meaning.PAY:
            return Settled(hook_id, Outcome.PAID)
        case Meaning.CANCEL:
            return Settled(hook_id, Outcome.CANCELLED)
        case _:
            return Settled(hook_id, Outcome.LOGGED)


def _note(each: _Heard) -> Note:
    words = _words(each.hook)
    if each.meaning is Meaning.CANCEL:
        return Note(
            "CancelledAfterShipping",
            "Cancelado no OmniChat depois do envio / Cancelled at OmniChat after shipping",
            f"OmniChat: {words}. The goods are on their way: have them returned, and refund what was paid.",
        )
    return Note("OmniChat", f"OmniChat: {each.hook.status}", f"OmniChat: {words}")


def _words(hook: Hook) -> str:
    message = message_of(hook.body)
    return f"{hook.status} ({message})" if message else hook.status


async def _append(tx: Tx, tenant: Tenant, news: Sequence[tuple[str, _Heard]], now: Micros) -> None:
    events = [
        Event(
            type=kind,
            subject=str(each.order_id),
            actor=each.integration.integration_id,
            data={
                "orderId": str(each.order_id),
                "externalId": each.hook.object_id,
                "integrationId": each.integration.integration_id,
                "reason": _words(each.hook),
            },
            channel=each.integration.channel,
            row=row,
        )
        for row, (kind, each) in enumerate(news)
    ]
    if events:
        ticks = await tick(tx, tenant, events=len(events), rows=len(events), now=now)
        await append(tx, tenant, events, ticks)


def _first_of_each(heard: Iterable[_Heard]) -> list[_Heard]:
    """One of each order, in the order of their first."""
    return list({each.hook.key: each for each in heard}.values())
