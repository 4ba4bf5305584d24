"""Find integrations, with how the line to each fares."""

import hashlib
import hmac
from typing import Final

import msgspec

from balcao.base.db import Tx
from balcao.base.errors import NotFound, Unauthenticated
from balcao.base.values import Micros, Tenant
from balcao.omnichat.rules.model import Integration, tenant_of
from balcao.omnichat.store import integrations as store
from balcao.webhooks.find import Listed, get_listed, list_lines
from balcao.webhooks.rules.model import Way

_NOBODY: Final = bytes(32)
"""Compared with when there is no such integration, so that knowing its id takes no less time."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An integration, and the line on which it is called."""

    integration: Integration
    line: Listed


async def get_integration(tx: Tx, tenant: Tenant, integration_id: str, *, lock: bool = False) -> Integration:
    """The integration; raises NotFound. lock: its row locked."""
    found = await store.find_integration(tx, tenant, integration_id, lock=lock)
    if found is None:
        raise NotFound(f"There is no integration {integration_id!r}.", code="integration_not_found")
    return found


async def get_kept(tx: Tx, tenant: Tenant, integration_id: str) -> Kept:
    """The integration with its line; raises NotFound."""
    integration = await get_integration(tx, tenant, integration_id)
    return Kept(integration=integration, line=await get_listed(tx, tenant, integration.webhook_id, way=Way.OMNICHAT))


async def list_integrations(tx: Tx, tenant: Tenant) -> list[Kept]:
    """All the tenant's integrations, oldest first."""
    lines = {listed.webhook.webhook_id: listed for listed in await list_lines(tx, tenant, Way.OMNICHAT)}
    return [Kept(integration=each, line=lines[each.webhook_id]) for each in await store.list_integrations(tx, tenant)]


async def admit(tx: Tx, integration_id: str, secret: str, now: Micros) -> tuple[Tenant, Integration]:
    """Whose hook it is; raises Unauthenticated alike for no such integration, one switched off, a wrong secret."""
    tenant = tenant_of(integration_id)
    row = await store.find_with_secrets(tx, tenant, integration_id) if tenant is not None else None
    hashed = secret_hash(secret)
    matches = hmac.compare_digest(hashed, row["inbound_hash"] if row is not None else _NOBODY)
    if row is not None and row["former_hash"] is not None and row["former_until_us"] > now:
        matches = hmac.compare_digest(hashed, row["former_hash"]) or matches
    if tenant is None or row is None or not matches or not row["is_active"]:
        raise Unauthenticated("Wrong integration or secret.", code="wrong_secret")
    return tenant, store.as_integration(row)


def secret_hash(secret: str) -> bytes:
    """What is kept of an inbound secret: 32 random bytes, so that no slow hash is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
