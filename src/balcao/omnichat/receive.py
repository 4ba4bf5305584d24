"""Receive hooks: kept before they are answered; the worker does what they ask for."""

from collections.abc import Sequence

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.omnichat.rules.model import NewHook
from balcao.omnichat.store import hooks as store


async def receive_hooks(tx: Tx, tenant: Tenant, hooks: Sequence[NewHook], now: Micros) -> list[None]:
    """Keep hooks, each once however often it is sent. Nothing happens to any order here, and the log is not told."""
    await store.insert_hooks(tx, tenant, hooks, now)
    return [None] * len(hooks)
