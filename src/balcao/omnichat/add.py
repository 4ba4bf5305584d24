"""Add an integration."""

import base64
import secrets
from typing import NamedTuple

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import Invalid
from balcao.base.seal import Seal
from balcao.base.values import Micros, new_id
from balcao.events.append import append
from balcao.omnichat.find import secret_hash
from balcao.omnichat.rules.model import Checkout, Integration
from balcao.omnichat.settings import IntegrationSettings, apply_settings, integration_event
from balcao.omnichat.store import integrations as store
from balcao.omnichat.store.lane import insert_lane
from balcao.partners.omnichat import BASE_URL
from balcao.tenants.tenants import require_tenant
from balcao.webhooks.lines import Line, open_line
from balcao.webhooks.rules.model import Way


class NewIntegration(NamedTuple):
    """The integration and its inbound secret, which is shown this once."""

    integration: Integration
    inbound_secret: str


async def add_integration(tx: Tx, name: str, given: IntegrationSettings, seal: Seal, now: Micros) -> NewIntegration:
    """Add an integration to the tenant of that name; appends `integration.created`.

    Raises NotFound for the tenant, Invalid for what cannot be: no such channel or store, an address that may not be
    called.
    """
    tenant = await require_tenant(tx, name)
    blank = Integration(
        integration_id=f"{tenant}.{_random_name()}",
        name="",
        channel="",
        checkout=Checkout.OMNI,
        webhook_id=new_id(),
        created_us=now,
    )
    wanted = await apply_settings(tx, tenant, blank, given, now)
    if given.api_secret is None:
        raise Invalid(errors={"apiSecret": ["is required"]})
    line = Line(
        tenant=tenant,
        way=Way.OMNICHAT,
        url=given.base_url or BASE_URL,
        secret=given.api_secret,
        allow_private=given.allow_private,
    )
    integration = msgspec.structs.replace(wanted, webhook_id=await open_line(tx, line, seal, now))
    secret = new_inbound_secret()
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    await store.insert_integration(tx, tenant, integration, secret_hash(secret))
    await insert_lane(tx, tenant, ticks.seq(0))
    await append(tx, tenant, [integration_event("integration.created", integration, given.actor)], ticks)
    return NewIntegration(integration, secret)


def new_inbound_secret() -> str:
    """A secret for OmniChat to send: 32 random bytes."""
    return secrets.token_urlsafe(32)


def _random_name() -> str:
    return base64.b32encode(secrets.token_bytes(7)).decode("ascii").lower()[:10]
