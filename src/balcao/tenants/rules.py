"""Who may be here: tenants' names, channels' settings, credentials' roles and bindings. Pure."""

import re
from enum import StrEnum
from typing import Final

import msgspec

from balcao.base.errors import FieldErrors, Invalid
from balcao.base.values import Micros, Tenant, cnpj_has_format

_TENANT_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_CLIENT_ID: Final = re.compile(r"([a-z0-9-]{1,40})\.[a-z2-7]{10}")
NAME_LENGTH_MAX: Final = 100
PAYMENT_EXPIRY_MAX_S: Final = 366 * 24 * 3600


class Role(StrEnum):
    """What a credential is for (contract, section 1)."""

    CHANNEL = "channel"
    ERP = "erp"
    CARRIER = "carrier"
    OPERATOR = "operator"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a token may be narrowed to: reading only, writing only. A token without a narrower scope has both."""

    READ = "read"
    WRITE = "write"


EVERY_SCOPE = frozenset(Scope)
LORI = "lori"
"""The documented name of the scope that holds everything (contract, section 1: Token)."""


class Policy(StrEnum):
    """How strictly a channel checks something."""

    OFF = "off"
    WARN = "warn"
    REJECT = "reject"


class StockPolicy(StrEnum):
    """What a channel does when the stock is short: refuse the order, take and flag it, or not look at all."""

    REJECT = "reject"
    ACCEPT = "accept"
    OFF = "off"


class DiscountBasis(StrEnum):
    """Whether `DiscountPrice` is per unit or for the whole line."""

    UNIT = "unit"
    LINE = "line"


class PaymentCover(StrEnum):
    """When an order counts as paid: once approved payments cover the total, or with any approved payment."""

    TOTAL = "total"
    ANY = "any"


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A sales channel: the order pipeline that `Channel` in an order names, and its settings.

    payment_expiry_s: seconds after which an unpaid order expires; three days unless set otherwise.
    """

    name: str
    document_check: Policy = Policy.WARN
    stock_policy: StockPolicy = StockPolicy.REJECT
    quote_policy: Policy = Policy.WARN
    amount_check: Policy = Policy.WARN
    discount_basis: DiscountBasis = DiscountBasis.UNIT
    payment_cover: PaymentCover = PaymentCover.TOTAL
    paid_on_create: bool = False
    cancel_on_denied: bool = False
    cancel_needs_consent: bool = False
    ship_without_invoice: bool = False
    payment_expiry_s: int = 3 * 24 * 3600


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, as its token says: the tenant, the credential, its role and what the credential is bound to.

    channel: only that channel's orders; seller_cnpj: only that store's; carrier: only orders of that freight reference.
    """

    tenant: Tenant
    client_id: str
    role: Role
    channel: str | None = None
    seller_cnpj: str | None = None
    carrier: str | None = None
    scopes: frozenset[Scope] = EVERY_SCOPE


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A credential as it may be shown: whom it acts for and since when; never its secret."""

    caller: Caller
    created_us: Micros
    revoked_us: Micros | None = None


def check_tenant_name(name: str) -> Tenant:
    """The name as a tenant's, or Invalid: lower-case letters, digits and hyphens inside, at most 40."""
    if not is_tenant_name(name):
        raise Invalid(errors={"name": ["must be 1 to 40 lower-case letters, digits and hyphens, such as `my-shop`"]})
    return Tenant(name)


def is_tenant_name(name: str) -> bool:
    """Whether a tenant can have this name."""
    return _TENANT_NAME.fullmatch(name) is not None


def check_channel(channel: Channel) -> None:
    """Raise Invalid for a channel's name or expiry that cannot be."""
    errors: FieldErrors = {}
    if not _is_name(channel.name):
        errors["name"] = [f"must be 1 to {NAME_LENGTH_MAX} printable characters without blanks around"]
    if not 1 <= channel.payment_expiry_s <= PAYMENT_EXPIRY_MAX_S:
        errors["paymentExpiryS"] = [f"must be from 1 to {PAYMENT_EXPIRY_MAX_S} seconds"]
    if errors:
        raise Invalid(errors=errors)


def check_bindings(role: Role, *, seller_cnpj: str | None, carrier: str | None) -> None:
    """Raise Invalid for bindings that the role cannot have; `seller_cnpj` comes stripped.

    A carrier sees the orders of its freight reference and nothing else, so it must name one; for other roles nothing
    would enforce it.
    """
    errors: FieldErrors = {}
    if role is Role.CARRIER and not _is_name(carrier or ""):
        errors["carrier"] = ["a carrier's credential needs its freight reference"]
    if role is not Role.CARRIER and carrier is not None:
        errors["carrier"] = ["only a credential of role carrier is bound to a freight reference"]
    if seller_cnpj is not None and not cnpj_has_format(seller_cnpj):
        errors["sellerCnpj"] = ["must be a CNPJ: 14 characters, the last two digits"]
    if errors:
        raise Invalid(errors=errors)


def read_scopes(text: str) -> frozenset[Scope] | None:
    """The scopes that a blank-separated text asks for, any case; all when it is empty, None when one is unknown."""
    names = text.lower().split()
    if not all(name == LORI or name in EVERY_SCOPE for name in names):
        return None
    return EVERY_SCOPE if not names or LORI in names else frozenset(Scope(name) for name in names)


def tenant_of(client_id: str) -> Tenant | None:
    """The tenant that a client id names, or None when no client id of ours looks like that."""
    match = _CLIENT_ID.fullmatch(client_id)
    return Tenant(match[1]) if match else None


def _is_name(text: str) -> bool:
    return 0 < len(text) <= NAME_LENGTH_MAX and text == text.strip() and text.isprintable()
