"""Disable webhooks that want nothing any more, or that have failed for too long."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.events.append import append
from balcao.webhooks.store import webhooks as store
from balcao.webhooks.subscribe import webhook_event

ACTOR: Final = "webhooks"
GONE: Final = "the address answered 410 Gone"
PAST_HOPE: Final = "nothing could be delivered for ten days"


async def disable_webhooks(tx: Tx, tenant: Tenant, reasons: Mapping[UUID, str], now: Micros) -> int:
    """Disable those that are active still; appends `webhook.disabled` for each. How many there were.

    What waits for them stays queued, and the log keeps the rest: switched on again they miss nothing.
    """
    active = [each for each in await store.find_webhooks(tx, tenant, reasons, lock=True) if each.is_active]
    if not active:
        return 0
    ticks = await tick(tx, tenant, events=len(active), rows=len(active), now=now)
    ids = [each.webhook_id for each in active]
    await store.update_disabled(tx, tenant, [(webhook_id, reasons[webhook_id]) for webhook_id in ids], now)
    disabled = await store.find_webhooks(tx, tenant, ids)
    events = [webhook_event("webhook.disabled", webhook, ACTOR) for webhook in disabled]
    await append(tx, tenant, events, ticks)
    return len(active)
