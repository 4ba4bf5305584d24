"""Credentials: client id and secret of a program that acts for a tenant in one role, perhaps bound to a part."""

import base64
import hashlib
import hmac
import secrets
from typing import Any, Final, NamedTuple

import asyncpg
import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import Conflict, Invalid, NotFound, Unauthenticated
from balcao.base.values import Micros, Tenant, strip_document
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.tenants import store
from balcao.tenants.channels import get_channels
from balcao.tenants.rules import Caller, Credential, Role, check_bindings, tenant_of
from balcao.tenants.tenants import require_tenant

_NOBODY: Final = bytes(32)
"""Compared with when the client id is unknown, so that knowing one takes no less time."""


class CreateCredential(msgspec.Struct, frozen=True, kw_only=True):
    """channel, seller_cnpj, carrier: what the credential is bound to; None is not bound."""

    tenant: str
    role: Role
    channel: str | None = None
    seller_cnpj: str | None = None
    carrier: str | None = None
    actor: str


class NewCredential(NamedTuple):
    """The credential and its secret, which is shown this once and not kept."""

    caller: Caller
    client_secret: str


async def create_credential(tx: Tx, cmd: CreateCredential, now: Micros) -> NewCredential:
    """Make a client id and a secret of 32 random bytes, of which only the SHA-256 is kept.

    Raises NotFound for the tenant, Invalid for bindings that the role cannot have or a channel that does not exist.
    """
    seller_cnpj = strip_document(cmd.seller_cnpj) if cmd.seller_cnpj is not None else None
    check_bindings(cmd.role, seller_cnpj=seller_cnpj, carrier=cmd.carrier)
    tenant = await require_tenant(tx, cmd.tenant)
    if cmd.channel is not None and not await get_channels(tx, tenant, [cmd.channel]):
        raise Invalid(errors={"channel": [f"there is no channel {cmd.channel!r}"]})
    caller = Caller(
        tenant=tenant,
        client_id=f"{tenant}.{_random_name()}",
        role=cmd.role,
        channel=cmd.channel,
        seller_cnpj=seller_cnpj,
        carrier=cmd.carrier,
    )
    secret = secrets.token_urlsafe(32)
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    await store.insert_credential(tx, caller, _hash(secret), now)
    await append(tx, tenant, [_event("credential.created", caller, cmd.actor)], ticks)
    return NewCredential(caller, secret)


async def authenticate(tx: Tx, client_id: str, secret: str) -> Caller:
    """Whom the pair belongs to; raises Unauthenticated alike for an unknown id, a wrong secret and a revoked pair."""
    tenant = tenant_of(client_id)
    row = await store.find_credential(tx, tenant, client_id) if tenant is not None else None
    matches = hmac.compare_digest(_hash(secret), row["secret_hash"] if row is not None else _NOBODY)
    if row is None or not matches or row["revoked_us"] is not None:
        raise Unauthenticated("Wrong client id or secret.", code="invalid_client")
    return _credential(row).caller


async def revoke_credential(tx: Tx, client_id: str, *, actor: str, now: Micros) -> bool:
    """Refuse the pair from the commit on, and its living tokens within the revocation poll; False when it was already.

    Raises NotFound when there is no such credential.
    """
    tenant = tenant_of(client_id)
    row = await store.lock_credential(tx, tenant, client_id) if tenant is not None else None
    if tenant is None or row is None:
        raise NotFound(f"There is no credential {client_id!r}.", code="credential_not_found")
    if row["revoked_us"] is not None:
        return False
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    await store.update_revoked(tx, tenant, client_id, now)
    await append(tx, tenant, [Event(type="credential.revoked", subject=client_id, actor=actor, data={})], ticks)
    return True


async def rotate_credential(tx: Tx, client_id: str, *, actor: str, now: Micros) -> NewCredential:
    """Give the credential a new secret; the former is refused from the commit on; living tokens last their hour.

    Raises NotFound when there is no such credential, Conflict when it is revoked.
    """
    tenant = tenant_of(client_id)
    if tenant is None or await store.lock_credential(tx, tenant, client_id) is None:
        raise NotFound(f"There is no credential {client_id!r}.", code="credential_not_found")
    row = await store.find_credential(tx, tenant, client_id)
    if row is None or row["revoked_us"] is not None:
        raise Conflict("The credential is revoked: make another one.", code="credential_revoked")
    caller, secret = _credential(row).caller, secrets.token_urlsafe(32)
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    await store.update_secret(tx, tenant, client_id, _hash(secret))
    await append(tx, tenant, [_event("credential.rotated", caller, actor)], ticks)
    return NewCredential(caller, secret)


async def list_credentials(tx: Tx, tenant: Tenant) -> list[Credential]:
    """The tenant's credentials, oldest first, the revoked ones too."""
    return [_credential(row) for row in await store.list_credentials(tx, tenant)]


async def list_revoked(tx: Tx, *, since: Micros) -> list[str]:
    """The client ids revoked since then, of every tenant."""
    return await store.list_revoked(tx, since)


def _random_name() -> str:
    return base64.b32encode(secrets.token_bytes(7)).decode("ascii").lower()[:10]


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _event(kind: str, caller: Caller, actor: str) -> Event:
    bound: dict[str, Any] = {
        "role": caller.role,
        "channel": caller.channel,
        "sellerCnpj": caller.seller_cnpj,
        "carrier": caller.carrier,
    }
    return Event(type=kind, subject=caller.client_id, actor=actor, data=bound, channel=caller.channel)


def _credential(row: asyncpg.Record) -> Credential:
    return Credential(
        caller=Caller(
            tenant=Tenant(row["tenant"]),
            client_id=row["client_id"],
            role=Role(row["role"]),
            channel=row["channel"],
            seller_cnpj=row["seller_cnpj"],
            carrier=row["carrier"],
        ),
        created_us=row["created_us"],
        revoked_us=row["revoked_us"],
    )
