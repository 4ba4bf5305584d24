"""Change a webhook, switch it off or on, or remove it."""

from uuid import UUID

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.events.append import append
from balcao.webhooks.find import get_webhook
from balcao.webhooks.rules.filters import check_wanted
from balcao.webhooks.rules.model import Wanted, Webhook
from balcao.webhooks.store import queue
from balcao.webhooks.store import webhooks as store
from balcao.webhooks.subscribe import check_address, webhook_event

BY_HAND = "switched off by an administrator"


class ChangeWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """What is None stays as it is."""

    tenant: Tenant
    webhook_id: UUID
    url: str | None = None
    description: str | None = None
    wanted: Wanted | None = None
    is_active: bool | None = None
    allow_private: bool
    actor: str


async def change_webhook(tx: Tx, cmd: ChangeWebhook, now: Micros) -> Webhook:
    """The webhook after the change; appends `webhook.changed` where there is one.

    Switched on again it goes on where it stopped, and what waits for a later attempt is due at once; so it is with a
    new address. Filters hold for events that are not queued yet. Raises NotFound and Invalid.
    """
    before = await get_webhook(tx, cmd.tenant, cmd.webhook_id, lock=True)
    after = _change(before, cmd, now)
    if msgspec.structs.replace(after, changed_us=before.changed_us) == before:
        return before
    ticks = await tick(tx, cmd.tenant, events=1, rows=1, now=now)
    await store.update_webhook(tx, cmd.tenant, after)
    if after.is_active and (after.url != before.url or not before.is_active):
        await queue.update_due(tx, cmd.tenant, cmd.webhook_id, now)
    await append(tx, cmd.tenant, [webhook_event("webhook.changed", after, cmd.actor)], ticks)
    return after


async def remove_webhook(tx: Tx, tenant: Tenant, webhook_id: UUID, *, actor: str, now: Micros) -> None:
    """Remove the webhook with everything that waits for it; appends `webhook.removed`. Raises NotFound.

    Its delivery log stays for its 30 days.
    """
    webhook = await get_webhook(tx, tenant, webhook_id)
    await store.delete_webhook(tx, tenant, webhook_id)
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    await append(tx, tenant, [webhook_event("webhook.removed", webhook, actor)], ticks)


def _change(before: Webhook, cmd: ChangeWebhook, now: Micros) -> Webhook:
    url = before.url if cmd.url is None else cmd.url
    description = before.description if cmd.description is None else cmd.description
    check_address(url, description, allow_private=cmd.allow_private)
    is_active = before.is_active if cmd.is_active is None else cmd.is_active
    after = msgspec.structs.replace(
        before,
        url=url,
        description=description,
        wanted=before.wanted if cmd.wanted is None else check_wanted(cmd.wanted),
        is_active=is_active,
        disabled_reason=None if is_active else before.disabled_reason or BY_HAND,
        changed_us=now,
    )
    if is_active and (url != before.url or not before.is_active):
        return msgspec.structs.replace(after, failing_since_us=None, hold_until_us=Micros(0))
    return after
