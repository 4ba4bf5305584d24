"""The SQL of users, their sessions, and attempts to log in."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from balcao.base.db import Tx
from balcao.base.values import Micros, Tenant
from balcao.users.rules import User

_USER = "u.tenant, u.user_id, u.email, u.name, u.role, u.seller_cnpjs, u.created_us, u.disabled_us"


async def insert_new_user(tx: Tx, user: User, password_hash: str) -> bool:
    """Add the user; False when the tenant has one with this e-mail address."""
    inserted = await tx.fetchval(
        """
        INSERT INTO console_user (tenant, user_id, email, name, role, seller_cnpjs, password_hash, created_us)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant, email) DO NOTHING RETURNING true
        """,
        user.tenant,
        user.user_id,
        user.email,
        user.name,
        user.role,
        list(user.seller_cnpjs),
        password_hash,
        user.created_us,
    )
    return inserted is not None


async def find_user(tx: Tx, tenant: Tenant, email: str) -> asyncpg.Record | None:
    """The user with this e-mail address and the hash of the password, disabled or not."""
    return await tx.fetchrow(
        f"SELECT {_USER}, u.password_hash FROM console_user u WHERE u.tenant = $1 AND u.email = $2",  # noqa: S608
        tenant,
        email,
    )


async def lock_user(tx: Tx, tenant: Tenant, email: str) -> asyncpg.Record | None:
    """As `find_user` without the password, the row locked."""
    return await tx.fetchrow(
        f"SELECT {_USER} FROM console_user u WHERE u.tenant = $1 AND u.email = $2 FOR UPDATE",  # noqa: S608
        tenant,
        email,
    )


async def list_users(tx: Tx, tenant: Tenant) -> list[asyncpg.Record]:
    """The tenant's users by e-mail address, the disabled ones too."""
    return await tx.fetch(
        f"SELECT {_USER} FROM console_user u WHERE u.tenant = $1 ORDER BY u.email",  # noqa: S608
        tenant,
    )


async def update_password(tx: Tx, tenant: Tenant, user_id: UUID, password_hash: str) -> None:
    """Keep another password's hash."""
    await tx.execute(
        "UPDATE console_user SET password_hash = $3 WHERE tenant = $1 AND user_id = $2",
        tenant,
        user_id,
        password_hash,
    )


async def update_disabled(tx: Tx, tenant: Tenant, user_id: UUID, disabled: Micros | None) -> None:
    """Mark the user disabled since then, or not."""
    await tx.execute(
        "UPDATE console_user SET disabled_us = $3 WHERE tenant = $1 AND user_id = $2", tenant, user_id, disabled
    )


async def insert_session(
    tx: Tx, user: User, token_hash: bytes, seller_cnpj: str | None, *, now: Micros, expires: Micros
) -> None:
    """Somebody logged in."""
    await tx.execute(
        """
        INSERT INTO console_session (tenant, token_hash, user_id, seller_cnpj, created_us, expires_us)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        user.tenant,
        token_hash,
        user.user_id,
        seller_cnpj,
        now,
        expires,
    )


async def find_session(tx: Tx, tenant: Tenant, token_hash: bytes, now: Micros) -> asyncpg.Record | None:
    """The living session of a user who is not disabled, by the primary keys of both."""
    return await tx.fetchrow(
        f"""
        SELECT {_USER}, s.seller_cnpj, s.expires_us
          FROM console_session s JOIN console_user u ON u.tenant = s.tenant AND u.user_id = s.user_id
         WHERE s.tenant = $1 AND s.token_hash = $2 AND s.expires_us > $3 AND u.disabled_us IS NULL
        """,  # noqa: S608 (a constant list of columns)
        tenant,
        token_hash,
        now,
    )


async def update_session_seller(tx: Tx, tenant: Tenant, token_hash: bytes, seller_cnpj: str | None) -> None:
    """The store that is worked in from now on."""
    await tx.execute(
        "UPDATE console_session SET seller_cnpj = $3 WHERE tenant = $1 AND token_hash = $2",
        tenant,
        token_hash,
        seller_cnpj,
    )


async def delete_session(tx: Tx, tenant: Tenant, token_hash: bytes) -> None:
    """Somebody logged out."""
    await tx.execute("DELETE FROM console_session WHERE tenant = $1 AND token_hash = $2", tenant, token_hash)


async def delete_sessions_of(tx: Tx, tenant: Tenant, user_id: UUID) -> None:
    """The user is logged out everywhere (console_session_by_user)."""
    await tx.execute("DELETE FROM console_session WHERE tenant = $1 AND user_id = $2", tenant, user_id)


async def delete_past(tx: Tx, tenant: Tenant, *, now: Micros, attempts_before: Micros) -> None:
    """Forget sessions that are over and attempts that no longer count, by the indexes on their ages."""
    await tx.execute("DELETE FROM console_session WHERE tenant = $1 AND expires_us <= $2", tenant, now)
    await tx.execute("DELETE FROM console_attempt WHERE tenant = $1 AND since_us <= $2", tenant, attempts_before)


async def count_attempts(
    tx: Tx, tenant: Tenant, subjects: Sequence[str], *, now: Micros, window_us: int
) -> list[asyncpg.Record]:
    """One attempt more for each subject, within the window that its first one opened; the new counts.

    In the subjects' order, so that attempts at the same time never wait for each other in a circle.
    """
    return await tx.fetch(
        """
        INSERT INTO console_attempt AS a (tenant, subject, attempts, since_us)
        SELECT $1, n.subject, 1, $3 FROM unnest($2::text[]) AS n(subject)
        ON CONFLICT (tenant, subject) DO UPDATE SET
               attempts = CASE WHEN a.since_us <= $3 - $4::bigint THEN 1 ELSE a.attempts + 1 END,
               since_us = CASE WHEN a.since_us <= $3 - $4::bigint THEN $3 ELSE a.since_us END
        RETURNING subject, attempts, since_us
        """,
        tenant,
        sorted(subjects),
        now,
        window_us,
    )


async def delete_attempts(tx: Tx, tenant: Tenant, subjects: Sequence[str]) -> None:
    """The right password was given: earlier slips count no more."""
    await tx.execute(
        "DELETE FROM console_attempt WHERE tenant = $1 AND subject = ANY ($2::text[])", tenant, list(subjects)
    )


async def upsert_seen(tx: Tx, tenant: Tenant, what: str, upto: Micros, actor: str) -> None:
    """Note that somebody has seen to this, up to then."""
    await tx.execute(
        """
        INSERT INTO console_seen (tenant, what, upto_us, actor) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, what) DO UPDATE SET upto_us = excluded.upto_us, actor = excluded.actor
         WHERE console_seen.upto_us < excluded.upto_us
        """,
        tenant,
        what,
        upto,
        actor,
    )


async def find_seen(tx: Tx, tenant: Tenant, whats: Sequence[str]) -> dict[str, Micros]:
    """Up to when somebody has seen to each of these."""
    rows = await tx.fetch(
        "SELECT what, upto_us FROM console_seen WHERE tenant = $1 AND what = ANY ($2::text[])", tenant, whats
    )
    return {row["what"]: Micros(row["upto_us"]) for row in rows}
