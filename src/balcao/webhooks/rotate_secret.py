"""Give a webhook a new secret; for a day the one before it signs too."""

from typing import Final
from uuid import UUID

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.seal import Seal
from balcao.base.values import Micros, Tenant
from balcao.events.append import append
from balcao.webhooks.find import get_webhook
from balcao.webhooks.sign import new_secret
from balcao.webhooks.store import webhooks as store
from balcao.webhooks.subscribe import NewWebhook, webhook_event

OVERLAP_US: Final = 24 * 3600 * 1_000_000
"""Time for a receiver to take over the new secret: until then each message carries a signature by both."""


async def rotate_secret(tx: Tx, tenant: Tenant, webhook_id: UUID, seal: Seal, *, actor: str, now: Micros) -> NewWebhook:
    """The webhook with its new secret, shown this once; appends `webhook.secret_rotated`. Raises NotFound.

    Of two rotations within a day only the two newest secrets sign.
    """
    await get_webhook(tx, tenant, webhook_id, lock=True)
    secret = new_secret()
    until = Micros(now + OVERLAP_US)
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    await store.update_secret(tx, tenant, webhook_id, seal.close(secret), former_until_us=until, now=now)
    webhook = await get_webhook(tx, tenant, webhook_id)
    await append(tx, tenant, [webhook_event("webhook.secret_rotated", webhook, actor)], ticks)
    return NewWebhook(webhook, secret)
