"""What an order is made of. Plain values: the store fills them, rules change them by copying."""

from decimal import Decimal
from enum import IntEnum
from typing import Any
from uuid import UUID

import msgspec

from balcao.base.address import Address
from balcao.base.values import Micros, OrderId, SellerId, SkuId, Tenant
from balcao.orders.rules.status import Status


class PaymentType(IntEnum):
    """`PaymentMethod.Type`; 1, 6 and 7 are documented, the others are this project's."""

    CREDIT_CARD = 1
    DEBIT_CARD = 2
    BANK_SLIP = 3
    VOUCHER = 4
    CASH_ON_PICKUP = 5
    PIX = 6
    PAYMENT_LINK = 7


class PaymentStatus(IntEnum):
    """`PaymentStatus`, numbers this project's."""

    PENDING = 0
    AUTHORIZED = 1
    CAPTURED = 2
    DENIED = 3
    REFUNDED = 4
    CANCELLED = 5


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of the order's parts: immutable, and short on disk."""


class Buyer(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Who pays; documents without punctuation; document_type 1 CPF, 2 CNPJ; gender as it was sent."""

    full_name: str
    email: str
    phone_number: str
    cpf: str | None = None
    cnpj: str | None = None
    company_name: str | None = None
    state_inscription: str | None = None
    date_of_birth: str | None = None
    gender: int | str | None = None
    bonus_customer_id: str | None = None
    device_token: str | None = None
    image_url: str | None = None
    address: Address | None = None

    @property
    def document(self) -> str | None:
        """The document the order is in the name of: the company's before the person's."""
        return self.cnpj or self.cpf


class Freight(Value, frozen=True, kw_only=True, omit_defaults=True):
    """What the channel sold as freight: amount in BRL, delivery_time in days."""

    amount: Decimal
    delivery_time: int
    reference: str
    description: str
    calculation_key: str | None = None


class Tracking(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Where the parcel is; delivery_date is the promised day, ISO 8601."""

    carrier_name: str | None = None
    link: str | None = None
    code: str | None = None
    delivery_date: str | None = None


class CustomDatum(Value, frozen=True, kw_only=True, omit_defaults=True):
    """One of the order's own key and value pairs."""

    key: str
    value: str


class OrderBody(Value, frozen=True, kw_only=True, omit_defaults=True):
    """The part of an order that is only kept and answered, never searched."""

    buyer: Buyer
    freight: Freight
    delivery_address: Address | None = None
    tracking: Tracking | None = None
    cpf_pickup: str | None = None
    cpf_invoice: str | None = None
    order_note: str | None = None
    order_package_id: str | None = None
    dealer_code: str | None = None
    voucher_code: str | None = None
    plp: str | None = None
    custom_data: tuple[CustomDatum, ...] = ()


class ItemBody(Value, frozen=True, kw_only=True, omit_defaults=True):
    """The SKU as it was when it was sold, and the line's whole discount in BRL."""

    name: str
    product_name: str
    discount_amount: Decimal = Decimal(0)
    product_description: str | None = None
    barcode: str | None = None
    aux_code: str | None = None
    reference_code: str | None = None
    image_url: str | None = None
    attributes: tuple[dict[str, Any], ...] = ()


class Item(Value, frozen=True, kw_only=True):
    """A line. reserved and consumed: this line's share of the stock row's reservations and of what left on-hand."""

    line: int
    sku_id: SkuId
    sku_code: str
    product_code: str
    quantity: int
    unit_price: Decimal
    discount_price: Decimal
    is_gift: bool
    reserved: int
    consumed: int
    body: ItemBody


class PaymentBody(Value, frozen=True, kw_only=True, omit_defaults=True):
    """What the acquirer said; of a card at most the holder's name and the last digits."""

    payment_id: UUID
    brand: str | None = None
    info: str | None = None
    modality: str | None = None
    quantity_installments: int | None = None
    acquirer_message: str | None = None
    acquirer_approval_code: str | None = None
    nsu: str | None = None
    authorization_code: str | None = None
    tid: str | None = None
    card_holder_name: str | None = None
    card_last_digits: str | None = None
    external_order_id: str | None = None
    is_authorized: bool | None = None
    is_captured: bool | None = None


class Payment(Value, frozen=True, kw_only=True):
    """One of the order's payments; amount in BRL."""

    line: int
    type: PaymentType
    status: PaymentStatus
    amount: Decimal
    body: PaymentBody


class InvoicedItem(Value, frozen=True, kw_only=True):
    """How many of a SKU an invoice covers."""

    sku_code: str
    quantity: int


class InvoiceBody(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Where an invoice's files are, what it covers and who issued it. A path is our file's, a URL somebody else's."""

    issuer: str | None = None
    xml_url: str | None = None
    file_url: str | None = None
    xml_path: str | None = None
    danfe_path: str | None = None
    items: tuple[InvoicedItem, ...] = ()


class Invoice(Value, frozen=True, kw_only=True):
    """A fiscal invoice (NF-e); total_amount in BRL, None when the sender gave none."""

    access_key: str
    number: str
    serie: str
    total_amount: Decimal | None
    issued_us: Micros | None
    body: InvoiceBody


class Label(Value, frozen=True, kw_only=True):
    """A shipping label's file."""

    number: int
    file_name: str
    content_type: str
    path: str


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the rules see it: everything but its history, of which `passed` keeps the statuses it has been in.

    Instants are microseconds; amounts BRL; is_short: taken although the stock was not enough.
    """

    tenant: Tenant
    order_id: OrderId
    channel: str
    external_id: str
    friendly_code: str
    seller_id: SellerId
    seller_cnpj: str
    seller_order_id: str | None
    status: Status
    resume_status: Status | None
    is_delivery: bool
    is_short: bool
    create_us: Micros
    last_update_us: Micros
    expires_us: Micros | None
    sub_total_amount: Decimal
    discount_amount: Decimal
    freight_amount: Decimal
    fee_amount: Decimal
    bonus_amount: Decimal
    total_amount: Decimal
    created_by: str
    body: OrderBody
    items: tuple[Item, ...]
    payments: tuple[Payment, ...]
    invoices: tuple[Invoice, ...] = ()
    labels: tuple[Label, ...] = ()
    passed: frozenset[Status] = frozenset()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the status history."""

    status: Status
    description: str
    created_us: Micros


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the action log: what people read, what operators read, who did it, and of what kind it is."""

    type: str
    display_message: str
    internal_message: str
    issuer: str
    created_us: Micros


class History(msgspec.Struct, frozen=True, kw_only=True):
    """An order's steps and action log, oldest first."""

    steps: tuple[Step, ...]
    logs: tuple[LogLine, ...]
