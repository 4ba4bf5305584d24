"""Who a user is, what a password must be, and when guessing one is stopped. Pure."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from balcao.base.errors import FieldErrors, Invalid, TooMany
from balcao.base.values import Micros, Tenant, cnpj_has_format, strip_document
from balcao.tenants.rules import Caller, Role

EMAIL_LENGTH_MAX: Final = 200
NAME_LENGTH_MAX: Final = 100
PASSWORD_MIN: Final = 10
PASSWORD_MAX: Final = 200
SESSION_HOURS: Final = 12
"""A long day in the store: then everybody logs in again."""
WINDOW_S: Final = 15 * 60
ADDRESS_LENGTH_MAX: Final = 64
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class UserRole(StrEnum):
    """What a user may do: an operator everything with orders, an administrator the settings too."""

    OPERATOR = "operator"
    ADMIN = "admin"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person. seller_cnpjs: the stores that the person works in, none for every store."""

    tenant: Tenant
    user_id: UUID
    email: str
    name: str
    role: UserRole
    seller_cnpjs: tuple[str, ...] = ()
    created_us: Micros
    disabled_us: Micros | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is logged in; seller_cnpj: the store that is worked in, None for every one."""

    user: User
    seller_cnpj: str | None
    expires_us: Micros

    @property
    def caller(self) -> Caller:
        """The user as the nouns know who asks: action logs name the e-mail address."""
        role = Role.ADMIN if self.user.role is UserRole.ADMIN else Role.OPERATOR
        return Caller(tenant=self.user.tenant, client_id=self.user.email, role=role, seller_cnpj=self.seller_cnpj)


class Limit(NamedTuple):
    """How many attempts within `WINDOW_S` one subject has."""

    subject: str
    attempts_max: int


def check_user(email: str, name: str, role: UserRole, sellers: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The e-mail in lower case and the CNPJs stripped; raises Invalid for what cannot be."""
    errors: FieldErrors = {}
    plain = email.strip().lower()
    if not _EMAIL.fullmatch(plain) or len(plain) > EMAIL_LENGTH_MAX or not plain.isprintable():
        errors["email"] = ["must be an e-mail address"]
    if len(name) > NAME_LENGTH_MAX or not name.isprintable():
        errors["name"] = [f"must be at most {NAME_LENGTH_MAX} printable characters"]
    cnpjs = tuple(dict.fromkeys(strip_document(text) for text in sellers))
    if not all(cnpj_has_format(cnpj) for cnpj in cnpjs):
        errors["seller"] = ["must be a CNPJ: 14 characters, the last two digits"]
    if cnpjs and role is UserRole.ADMIN:
        errors["seller"] = ["an administrator works in every store"]
    if errors:
        raise Invalid(errors=errors)
    return plain, cnpjs


def check_password(password: str) -> None:
    """Raise Invalid for one too short or too long: NIST SP 800-63B asks for length, not for odd characters."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise Invalid(errors={"password": [f"must have {PASSWORD_MIN} to {PASSWORD_MAX} characters"]})


def limits_of(email: str, address: str) -> tuple[Limit, ...]:
    """What an attempt counts against: few for one person from one place, more for a person or a place alone."""
    address = address[:ADDRESS_LENGTH_MAX]
    return (
        Limit(f"both:{email}|{address}", 5),
        Limit(f"email:{email}", 30),
        Limit(f"address:{address}", 100),
    )


def check_attempts(limits: Sequence[Limit], counted: dict[str, tuple[int, Micros]], now: Micros) -> None:
    """Raise TooMany where a subject has more attempts than it may; `counted`: attempts and since when, by subject."""
    over = [counted[limit.subject][1] for limit in limits if counted[limit.subject][0] > limit.attempts_max]
    if over:
        wait_s = max(since // 1_000_000 + WINDOW_S - now // 1_000_000 for since in over)
        raise TooMany("Too many attempts to log in; try again later.", retry_after_s=max(wait_s, 1))


def can_be_email(text: str) -> bool:
    """Whether it is worth a look: what is longer or stranger belongs to nobody."""
    return len(text) <= EMAIL_LENGTH_MAX and _EMAIL.fullmatch(text) is not None and text.isprintable()
