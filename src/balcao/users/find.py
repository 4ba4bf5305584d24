"""Find users."""

from typing import Any

from balcao.base.db import Tx
from balcao.base.values import Tenant
from balcao.users import store
from balcao.users.rules import User, UserRole


async def list_users(tx: Tx, tenant: Tenant) -> list[User]:
    """The tenant's users by e-mail address, the disabled ones too."""
    return [user_of(row) for row in await store.list_users(tx, tenant)]


def user_of(row: Any) -> User:
    """The user that a row tells of."""
    return User(
        tenant=Tenant(row["tenant"]),
        user_id=row["user_id"],
        email=row["email"],
        name=row["name"],
        role=UserRole(row["role"]),
        seller_cnpjs=tuple(row["seller_cnpjs"]),
        created_us=row["created_us"],
        disabled_us=row["disabled_us"],
    )
