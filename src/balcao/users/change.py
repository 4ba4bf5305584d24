"""Change a user: another password, in or out. Either way the user is logged out everywhere."""

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import NotFound
from balcao.base.values import Micros, Tenant
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.users import store
from balcao.users.find import user_of
from balcao.users.passwords import hash_password
from balcao.users.rules import User, check_password


async def set_password(tx: Tx, tenant: Tenant, email: str, password: str, *, actor: str, now: Micros) -> User:
    """Give the user another password; raises Invalid for one that cannot be, NotFound for the user."""
    check_password(password)
    user = await _lock(tx, tenant, email)
    await store.update_password(tx, tenant, user.user_id, hash_password(password))
    await _announce(tx, user, "user.password_set", actor=actor, now=now)
    return user


async def enable_user(tx: Tx, tenant: Tenant, email: str, *, enabled: bool, actor: str, now: Micros) -> bool:
    """Let the user in again or no more; False when it is so already. Raises NotFound."""
    user = await _lock(tx, tenant, email)
    if (user.disabled_us is None) is enabled:
        return False
    await store.update_disabled(tx, tenant, user.user_id, None if enabled else now)
    await _announce(tx, user, "user.enabled" if enabled else "user.disabled", actor=actor, now=now)
    return True


async def _lock(tx: Tx, tenant: Tenant, email: str) -> User:
    row = await store.lock_user(tx, tenant, email.strip().lower())
    if row is None:
        raise NotFound(f"There is no user {email}.", code="user_not_found")
    return user_of(row)


async def _announce(tx: Tx, user: User, kind: str, *, actor: str, now: Micros) -> None:
    await store.delete_sessions_of(tx, user.tenant, user.user_id)
    ticks = await tick(tx, user.tenant, events=1, rows=1, now=now)
    event = Event(type=kind, subject=str(user.user_id), actor=actor, data={"email": user.email})
    await append(tx, user.tenant, [event], ticks)
