"""Create a user of the console."""

from collections.abc import Sequence

import msgspec

from balcao.base.clock import tick
from balcao.base.db import Tx
from balcao.base.errors import Conflict
from balcao.base.values import Micros, new_id
from balcao.events.append import append
from balcao.events.rules import Event
from balcao.tenants.tenants import require_tenant
from balcao.users import store
from balcao.users.passwords import hash_password
from balcao.users.rules import User, UserRole, check_password, check_user


class CreateUser(msgspec.Struct, frozen=True, kw_only=True):
    """sellers: CNPJs of the stores that an operator works in, none for every store."""

    tenant: str
    email: str
    name: str = ""
    role: UserRole
    sellers: Sequence[str] = ()
    password: str
    actor: str


async def create_user(tx: Tx, cmd: CreateUser, now: Micros) -> User:
    """Create the user; raises NotFound for the tenant, Invalid for the fields, Conflict when the e-mail is taken."""
    email, cnpjs = check_user(cmd.email, cmd.name, cmd.role, cmd.sellers)
    check_password(cmd.password)
    tenant = await require_tenant(tx, cmd.tenant)
    user = User(
        tenant=tenant,
        user_id=new_id(),
        email=email,
        name=cmd.name.strip() or email.partition("@")[0],
        role=cmd.role,
        seller_cnpjs=cnpjs,
        created_us=now,
    )
    if not await store.insert_new_user(tx, user, hash_password(cmd.password)):
        raise Conflict(f"There is a user {email} already.", code="user_exists")
    ticks = await tick(tx, tenant, events=1, rows=1, now=now)
    facts = {"email": email, "role": user.role, "sellerCnpjs": list(cnpjs)}
    created = Event(type="user.created", subject=str(user.user_id), actor=cmd.actor, data=facts)
    await append(tx, tenant, [created], ticks)
    return user
