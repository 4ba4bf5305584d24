"""Tenants: the shops that share an installation and see nothing of each other."""

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import Conflict, NotFound
from balcao.base.values import Micros, Tenant
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.tenants import store
from balcao.tenants.rules import check_tenant_name


class CreateTenant(msgspec.Struct, frozen=True, kw_only=True):
    """name: the key of everything the tenant has, never changed; title: what people read, the name when empty."""

    name: str
    title: str = ""
    actor: str


class TenantFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant as it is listed."""

    tenant: Tenant
    title: str
    created_us: Micros


async def create_tenant(tx: Tx, cmd: CreateTenant, now: Micros) -> Tenant:
    """Create the tenant with its clock; raises Invalid for a name that cannot be one, Conflict when it exists."""
    tenant = check_tenant_name(cmd.name)
    if not await store.insert_new_tenant(tx, tenant, cmd.title or cmd.name, now):
        raise Conflict(f"There is a tenant {tenant} already.", code="tenant_exists")
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    created = Event(type="tenant.created", subject=tenant, actor=cmd.actor, data={"title": cmd.title or cmd.name})
    await append(tx, tenant, [created], ticks)
    return tenant


async def list_tenants(tx: Tx) -> list[TenantFacts]:
    """Every tenant of the installation, by name."""
    return [msgspec.convert(dict(row), TenantFacts) for row in await store.list_tenants(tx)]


async def find_tenant(tx: Tx, name: str) -> Tenant | None:
    """The tenant of that name, or None."""
    return Tenant(name) if await store.tenant_exists(tx, Tenant(name)) else None


async def require_tenant(tx: Tx, name: str) -> Tenant:
    """The tenant of that name; raises NotFound."""
    if not await store.tenant_exists(tx, Tenant(name)):
        raise NotFound(f"There is no tenant {name}.", code="tenant_not_found")
    return Tenant(name)
