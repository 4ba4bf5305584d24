"""What a list of orders may be asked for, and what a line of it says."""

from decimal import Decimal

import msgspec

from balcao.base.paging import Sort
from balcao.base.values import Micros, OrderId
from balcao.orders.rules.model import PaymentType
from balcao.orders.rules.status import Status

CREATED = Sort("createDate", "o.create_us")
UPDATED = Sort("lastUpdate", "o.last_update_us")
SELLER_POLL_MAX = 200
OPEN_COUNT_MAX = 1_000
"""So far are orders counted of one status in one store, or in one channel."""


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders; None is "any". Instants in microseconds: since and until include their ends, of the last updates
    only until does. channel may hold `%` wildcards. query: what `rules.searching` understands.
    """

    since: Micros | None = None
    until: Micros | None = None
    last_update_since: Micros | None = None
    last_update_until: Micros | None = None
    statuses: frozenset[Status] | None = None
    channel: str | None = None
    payment_types: frozenset[PaymentType] | None = None
    freight_reference: str | None = None
    freight_description: str | None = None
    query: str | None = None


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """One order in a list: what a list shows, without opening the order."""

    order_id: OrderId
    channel: str
    external_id: str
    friendly_code: str
    seller_order_id: str | None
    status: Status
    is_delivery: bool
    is_short: bool
    create_us: Micros
    last_update_us: Micros
    sub_total_amount: Decimal
    discount_amount: Decimal
    freight_amount: Decimal
    fee_amount: Decimal
    bonus_amount: Decimal
    total_amount: Decimal
    freight_reference: str
    freight_description: str
    buyer_name: str
    buyer_document: str | None
    payment_types: tuple[PaymentType, ...]
    invoice_key: str | None
    tracking_code: str | None
    seller_cnpj: str
    seller_name: str
    point_sale_id: str | None
