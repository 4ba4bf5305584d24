"""Who may be here: tenants' names, channels' settings, credentials' roles and bindings. Pure."""

from enum import StrEnum

import msgspec

from balcao.base.values import Tenant


class Role(StrEnum):
    """What a credential is for (contract, section 1)."""

    CHANNEL = "channel"
    ERP = "erp"
    CARRIER = "carrier"
    OPERATOR = "operator"
    ADMIN = "admin"


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
