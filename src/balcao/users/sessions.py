"""Log in, be known by a cookie, choose the store to work in, log out.

A session's token is `tenant.secret`: which tenant to look in, and 32 random bytes of which only the SHA-256 is kept.
"""

import hashlib
import secrets
from functools import partial
from typing import NamedTuple

import asyncpg
import msgspec

from balcao.base.db import Database, Tx
from balcao.base.errors import Forbidden, Unauthenticated
from balcao.base.values import Micros, Tenant
from balcao.tenants.rules import is_tenant_name
from balcao.tenants.tenants import find_tenant
from balcao.users import store
from balcao.users.find import user_of
from balcao.users.passwords import hash_password, is_outdated, password_matches
from balcao.users.rules import SESSION_HOURS, WINDOW_S, Session, User, can_be_email, check_attempts, limits_of

TOKEN_LENGTH_MAX = 200
WINDOW_US = WINDOW_S * 1_000_000
SESSION_US = SESSION_HOURS * 3600 * 1_000_000


class LogIn(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed, and from which address it came."""

    tenant: str
    email: str
    password: str
    address: str


class NewSession(NamedTuple):
    """The session and its token, which goes into the cookie and is not kept."""

    token: str
    session: Session


async def log_in(db: Database, cmd: LogIn, now: Micros) -> NewSession:
    """Open a session; its token is new each time, so that no token set beforehand can ever be logged in.

    Every attempt is counted before the password is looked at, in all processes together. Raises Unauthenticated alike
    for an unknown tenant or user, a disabled one and a wrong password; TooMany after too many attempts.
    """
    email = cmd.email.strip().lower()
    async with db.read() as tx:
        tenant = await find_tenant(tx, cmd.tenant.strip()) if is_tenant_name(cmd.tenant.strip()) else None
    if tenant is None or not can_be_email(email):
        await password_matches(None, cmd.password)
        raise _wrong()
    row = await db.run(partial(_attempt, tenant=tenant, email=email, address=cmd.address, now=now))
    known = row is not None and row["disabled_us"] is None
    if not await password_matches(row["password_hash"] if row is not None and known else None, cmd.password):
        raise _wrong()
    assert row is not None  # noqa: S101 - a password matched
    fresh = hash_password(cmd.password) if is_outdated(row["password_hash"]) else None
    return await db.run(partial(_open, user=user_of(row), address=cmd.address, fresh_hash=fresh, now=now))


async def find_session(tx: Tx, token: str, now: Micros) -> Session | None:
    """Whose token it is; None for one that is unknown or over, or whose user is disabled."""
    tenant, _, secret = token.partition(".")
    if len(token) > TOKEN_LENGTH_MAX or not secret or not is_tenant_name(tenant):
        return None
    row = await store.find_session(tx, Tenant(tenant), _hash(secret), now)
    if row is None:
        return None
    return Session(user=user_of(row), seller_cnpj=row["seller_cnpj"], expires_us=row["expires_us"])


async def choose_store(tx: Tx, token: str, session: Session, seller_cnpj: str) -> None:
    """Work in another of the user's stores; raises Forbidden for one that is not."""
    if seller_cnpj not in session.user.seller_cnpjs:
        raise Forbidden("This user does not work in that store.", code="wrong_store")
    await store.update_session_seller(tx, session.user.tenant, _hash(token.partition(".")[2]), seller_cnpj)


async def log_out(tx: Tx, token: str, session: Session) -> None:
    """End the session: its token opens nothing any more."""
    await store.delete_session(tx, session.user.tenant, _hash(token.partition(".")[2]))


async def _attempt(tx: Tx, *, tenant: Tenant, email: str, address: str, now: Micros) -> asyncpg.Record | None:
    limits = limits_of(email, address)
    rows = await store.count_attempts(tx, tenant, [limit.subject for limit in limits], now=now, window_us=WINDOW_US)
    check_attempts(limits, {row["subject"]: (row["attempts"], row["since_us"]) for row in rows}, now)
    return await store.find_user(tx, tenant, email)


async def _open(tx: Tx, *, user: User, address: str, fresh_hash: str | None, now: Micros) -> NewSession:
    secret = secrets.token_urlsafe(32)
    seller_cnpj = user.seller_cnpjs[0] if user.seller_cnpjs else None
    expires = Micros(now + SESSION_US)
    await store.delete_attempts(tx, user.tenant, [limit.subject for limit in limits_of(user.email, address)[:2]])
    await store.delete_past(tx, user.tenant, now=now, attempts_before=Micros(now - WINDOW_US))
    if fresh_hash is not None:
        await store.update_password(tx, user.tenant, user.user_id, fresh_hash)
    await store.insert_session(tx, user, _hash(secret), seller_cnpj, now=now, expires=expires)
    return NewSession(f"{user.tenant}.{secret}", Session(user=user, seller_cnpj=seller_cnpj, expires_us=expires))


def _wrong() -> Unauthenticated:
    return Unauthenticated("Wrong e-mail address or password.", code="wrong_password")


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
