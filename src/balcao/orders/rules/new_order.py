"""An order to create, as any of the request forms asks for it."""

from datetime import datetime
from decimal import Decimal

from balcao.base.address import Address
from balcao.orders.rules.model import Buyer, CustomDatum, Freight, PaymentStatus, PaymentType, Value


class NewItem(Value, frozen=True, kw_only=True):
    """A line of an order to create. discount_amount: the line's whole discount, in place of a `discount_price`."""

    sku_code: str
    product_code: str
    quantity: int
    unit_price: Decimal
    discount_price: Decimal
    is_gift: bool = False
    discount_amount: Decimal | None = None


class NewPayment(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A payment of an order to create."""

    type: PaymentType
    amount: Decimal
    status: PaymentStatus = PaymentStatus.PENDING
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


class NewOrder(Value, frozen=True, kw_only=True, omit_defaults=True):
    """An order to create, as any of the forms asks for it. Documents and CEPs are already without punctuation.

    seller_cnpj or point_sale_id names the store; created_at is the sender's own time of creation, if any.
    """

    channel: str
    external_id: str
    buyer: Buyer
    freight: Freight
    items: tuple[NewItem, ...]
    payments: tuple[NewPayment, ...]
    is_delivery: bool
    seller_cnpj: str | None = None
    point_sale_id: str | None = None
    delivery_address: Address | None = None
    fee_amount: Decimal = Decimal(0)
    bonus_amount: Decimal = Decimal(0)
    cpf_pickup: str | None = None
    cpf_invoice: str | None = None
    order_note: str | None = None
    order_package_id: str | None = None
    dealer_code: str | None = None
    voucher_code: str | None = None
    custom_data: tuple[CustomDatum, ...] = ()
    created_at: datetime | None = None
