"""Channels: the order pipelines that `Channel` in an order names, with their settings."""

from collections.abc import Sequence

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.statements import Statement, run
from balcao.base.values import Micros, Tenant
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.tenants import store
from balcao.tenants.rules import Channel, check_channel
from balcao.tenants.tenants import require_tenant


async def get_channels(tx: Tx, tenant: Tenant, names: Sequence[str]) -> dict[str, Channel]:
    """The channels of these names; a name that there is no channel of is absent."""
    return await run(tx, getting_channels(tenant, names))


def getting_channels(tenant: Tenant, names: Sequence[str]) -> Statement[dict[str, Channel]]:
    """`get_channels` as a statement, to go with others."""
    return store.find_channels(tenant, names).then(lambda found: {channel.name: channel for channel in found})


async def list_channels(tx: Tx, tenant: Tenant) -> list[Channel]:
    """All the tenant's channels, by name."""
    return await run(tx, store.find_channels(tenant, None))


async def set_channel(tx: Tx, tenant: Tenant, channel: Channel, *, actor: str, now: Micros) -> bool:
    """Create the channel or replace its settings; whether anything changed.

    Raises Invalid for a name or expiry that cannot be, NotFound when there is no such tenant.
    """
    check_channel(channel)
    await require_tenant(tx, tenant)
    if (await get_channels(tx, tenant, [channel.name])).get(channel.name) == channel:
        return False
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    await store.upsert_channel(tx, tenant, channel)
    changed = Event(
        type="channel.changed",
        subject=channel.name,
        actor=actor,
        data=msgspec.to_builtins(channel),
        channel=channel.name,
    )
    await append(tx, tenant, [changed], ticks)
    return True
