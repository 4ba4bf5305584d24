"""Change an integration, give it a new inbound secret, remove it."""

from typing import Final

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.seal import Seal
from balcao.base.values import Micros, Tenant
from balcao.events.append import append
from balcao.omnichat.add import NewIntegration, new_inbound_secret
from balcao.omnichat.find import get_integration, secret_hash
from balcao.omnichat.rules.model import Integration
from balcao.omnichat.settings import IntegrationSettings, apply_settings, integration_event
from balcao.omnichat.store import integrations as store
from balcao.webhooks.lines import Line, change_line, close_line
from balcao.webhooks.rules.model import Way

OVERLAP_US: Final = 24 * 3600 * 1_000_000
"""Time to take a new inbound secret over at OmniChat: until then both hold."""


class ChangeIntegration(msgspec.Struct, frozen=True, kw_only=True):
    """Give this integration these settings."""

    tenant: Tenant
    integration_id: str
    settings: IntegrationSettings


async def change_integration(tx: Tx, cmd: ChangeIntegration, seal: Seal, now: Micros) -> Integration:
    """The integration after the change; appends `integration.changed`.

    Switched off, its hooks are refused and its calls wait; what waited for a later attempt is due at once. Raises
    NotFound and Invalid.
    """
    tenant, given = cmd.tenant, cmd.settings
    before = await get_integration(tx, tenant, cmd.integration_id, lock=True)
    after = await apply_settings(tx, tenant, before, given, now)
    line = Line(
        tenant=tenant,
        way=Way.OMNICHAT,
        url=given.base_url,
        secret=given.api_secret,
        is_active=given.is_active,
        allow_private=given.allow_private,
    )
    await change_line(tx, before.webhook_id, line, seal, now)
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    await store.update_integration(tx, tenant, after)
    await append(tx, tenant, [integration_event("integration.changed", after, given.actor)], ticks)
    return after


async def rotate_inbound_secret(
    tx: Tx, tenant: Tenant, integration_id: str, *, actor: str, now: Micros
) -> NewIntegration:
    """The integration with its new inbound secret, shown this once; for a day the one before it holds too.

    Appends `integration.secret_rotated`. Raises NotFound.
    """
    integration = await get_integration(tx, tenant, integration_id, lock=True)
    secret, until = new_inbound_secret(), Micros(now + OVERLAP_US)
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    await store.update_inbound(tx, tenant, integration_id, secret_hash(secret), former_until_us=until, now=now)
    await append(tx, tenant, [integration_event("integration.secret_rotated", integration, actor)], ticks)
    return NewIntegration(msgspec.structs.replace(integration, former_until_us=until, changed_us=now), secret)


async def remove_integration(tx: Tx, tenant: Tenant, integration_id: str, *, actor: str, now: Micros) -> None:
    """Remove the integration and the calls that wait; its orders stay. Appends `integration.removed`.

    Raises NotFound.
    """
    integration = await get_integration(tx, tenant, integration_id, lock=True)
    await close_line(tx, tenant, integration.webhook_id, way=Way.OMNICHAT)
    await store.delete_integration(tx, tenant, integration_id)
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    await append(tx, tenant, [integration_event("integration.removed", integration, actor)], ticks)
