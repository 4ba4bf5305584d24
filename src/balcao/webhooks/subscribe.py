"""Subscribe an address to what happens."""

from typing import Final, NamedTuple

import msgspec

from balcao.base.addresses import refuse_url
from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import Conflict, FieldErrors, Invalid
from balcao.base.seal import Seal
from balcao.base.values import Micros, Tenant, new_id
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.webhooks.rules.filters import check_wanted
from balcao.webhooks.rules.model import LIVE, Wanted, Webhook
from balcao.webhooks.sign import new_secret
from balcao.webhooks.store import readers
from balcao.webhooks.store import webhooks as store

WEBHOOKS_MAX: Final = 10_000
DESCRIPTION_MAX: Final = 500


class Subscribe(msgspec.Struct, frozen=True, kw_only=True):
    """after: the last event that is not sent any more, None for the newest: then it begins with what happens next."""

    tenant: Tenant
    url: str
    wanted: Wanted
    description: str = ""
    after: int | None = None
    allow_private: bool
    actor: str


class NewWebhook(NamedTuple):
    """The webhook and its secret, which is shown this once."""

    webhook: Webhook
    secret: str


async def subscribe(tx: Tx, cmd: Subscribe, seal: Seal, now: Micros) -> NewWebhook:
    """Add a webhook; appends `webhook.created`.

    Raises Invalid for an address that may not be called or a filter that cannot be, Conflict for an `after` beyond the
    log's end.
    """
    check_address(cmd.url, cmd.description, allow_private=cmd.allow_private)
    wanted = check_wanted(cmd.wanted)
    if await store.count_webhooks(tx, cmd.tenant) >= WEBHOOKS_MAX:
        raise Conflict(f"There are {WEBHOOKS_MAX} webhooks already.", code="too_many_webhooks")
    webhook = Webhook(
        webhook_id=new_id(),
        url=cmd.url,
        description=cmd.description,
        wanted=wanted,
        is_active=True,
        disabled_reason=None,
        former_until_us=None,
        failing_since_us=None,
        hold_until_us=Micros(0),
        created_us=now,
        changed_us=now,
    )
    secret = new_secret()
    ticks = await tick(tx, cmd.tenant, events=1, rows=1, now=now)
    newest = ticks.seq(0) - 1
    if cmd.after is not None and cmd.after > newest:
        raise Conflict(f"The log ends at {newest}.", code="cursor_ahead", newest=newest)
    await store.insert_webhook(tx, cmd.tenant, webhook, seal.close(secret))
    # It does not hear of its own creation: the bookmark stands behind that event.
    seq = ticks.seq(0) if cmd.after is None else cmd.after
    await readers.insert_reader(tx, cmd.tenant, webhook.webhook_id, LIVE, seq=seq, upto=None)
    await append(tx, cmd.tenant, [webhook_event("webhook.created", webhook, cmd.actor)], ticks)
    return NewWebhook(webhook, secret)


def check_address(url: str, description: str, *, allow_private: bool) -> None:
    """Raise Invalid for an address that may not be called, as far as its text tells, or too long a description."""
    errors: FieldErrors = {}
    refused = refuse_url(url, allow_private=allow_private)
    if refused is not None:
        errors["url"] = [refused]
    if len(description) > DESCRIPTION_MAX:
        errors["description"] = [f"at most {DESCRIPTION_MAX} characters"]
    if errors:
        raise Invalid(errors=errors)


def webhook_event(kind: str, webhook: Webhook, actor: str) -> Event:
    """The event that tells of a webhook: never its secret, and of its address only the host."""
    facts = {
        "webhookId": str(webhook.webhook_id),
        "host": webhook.url.split("/", 3)[2],
        "isActive": webhook.is_active,
        "disabledReason": webhook.disabled_reason,
    }
    return Event(type=kind, subject=str(webhook.webhook_id), actor=actor, data=facts)
