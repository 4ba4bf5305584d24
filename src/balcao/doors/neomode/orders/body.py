"""An order's full body (contract, section 3.5): the union of the two that the reference documents."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from balcao.doors.neomode.address import AddressBody
from balcao.doors.wire import Instant, Wire


class BuyerBody(Wire, kw_only=True):
    """Who pays; `documentType` is 1 for a CPF, 2 for a CNPJ."""

    bonus_customer_id: str | None
    cpf: str | None
    cnpj: str | None
    state_inscription: str | None
    document_type: int
    phone_number: str
    full_name: str
    email: str
    company_name: str | None
    device_token: str | None
    image_url: str | None
    gender: int | str
    date_of_birth: str | None
    address: AddressBody | None


class WorkingHoursBody(Wire, kw_only=True):
    """One opening on a weekday, 1 (Monday) to 7."""

    weekday: int
    opens: str
    closes: str


class SellerBody(Wire, kw_only=True):
    """The store. `integrationConfig` and `credentialsString` are documented and always null: they would be secrets."""

    point_sale_id: str | None
    full_name: str
    company_name: str | None
    email: str | None
    cnpj: str
    whatsapp_phone_number: str | None
    is_ecommerce: bool
    gateway_id: str | None
    distance: Decimal | None
    address: AddressBody | None
    working_hours: list[WorkingHoursBody]
    integration_config: None = None
    credentials_string: None = None


class FreightBody(Wire, kw_only=True):
    """The freight as sold; `deliveryTime` in days."""

    delivery_time: int
    reference: str
    description: str
    amount: Decimal
    calculation_key: str | None


class PaymentMethodBody(Wire, kw_only=True):
    """How it was paid: `type` is the number, `info` the name."""

    id: UUID
    type: int
    info: str
    brand: str | None
    modality: int | str | None
    card_holder_name: str | None
    card_last_digits: str | None


class PaymentBody(Wire, kw_only=True):
    """One payment; `paymentStatus`: 0 pending, 1 authorized, 2 captured, 3 denied, 4 refunded, 5 cancelled."""

    amount: Decimal
    payment_status: int
    quantity_installments: int
    external_order_id: str | None
    is_captured: bool
    is_authorized: bool
    acquirer_message: str | None
    acquirer_approval_code: str | None
    nsu: str | None
    authorization_code: str | None
    tid: str | None
    payment_method: PaymentMethodBody


class InvoicedItemBody(Wire, kw_only=True):
    """How many of a SKU an invoice covers."""

    sku_code: str
    quantity: int


class InvoiceBody(Wire, kw_only=True):
    """A fiscal invoice; `items` is empty when it covers everything."""

    key: str
    number: str
    serie_number: int | str
    total_amount: Decimal | None
    xml_url: str | None
    file_url: str | None
    issuance_date: Instant | None
    items: list[InvoicedItemBody]


class ProductBody(Wire, kw_only=True):
    """The product of an item's SKU."""

    code: str
    name: str
    description: str | None
    reference_code: str | None


class SkuBody(Wire, kw_only=True):
    """The SKU as it was when it was sold."""

    id: UUID
    code: str
    name: str
    barcode: str | None
    aux_code: str | None
    image_url: str | None
    product_code: str
    product_name: str
    product_description: str | None
    attributes: list[dict[str, Any]]
    product: ProductBody


class ItemBody(Wire, kw_only=True):
    """A line; amounts in BRL."""

    code: str
    barcode: str | None
    quantity: int
    unit_price: Decimal
    discount_price: Decimal
    discount_amount: Decimal
    sub_total_amount: Decimal
    total_amount: Decimal
    is_gift: bool
    coupon: None
    sku: SkuBody


class StepBody(Wire, kw_only=True):
    """A line of the status history."""

    description: str
    status: int
    create_date: Instant


class ActionLogBody(Wire, kw_only=True):
    """A line of the audit."""

    display_message: str
    internal_message: str
    issuer: str
    type: str
    create_date: Instant


class ButtonBody(Wire, kw_only=True):
    """Something that this caller may do now."""

    type: str
    url: str
    label: str


class TrackingBody(Wire, kw_only=True):
    """Where the parcel is."""

    carrier_name: str | None
    tracking_link: str | None
    tracking_code: str | None
    delivery_date: str | None


class LabelBody(Wire, kw_only=True):
    """A shipping label's file."""

    number: int
    file_name: str
    content_type: str
    url: str


class VoucherBody(Wire, kw_only=True):
    """A voucher that the shopper used."""

    code: str


class CustomDatumBody(Wire, kw_only=True):
    """One of the order's own key and value pairs."""

    key: str
    value: str


class OrderBody(Wire, kw_only=True):
    """An order with everything that is known of it."""

    id: UUID
    client_id: str
    create_date: Instant
    last_update: Instant
    external_id: str
    seller_order_id: str | None
    order_package_id: str | None
    channel: str
    friendly_code: str
    cpf_pick_up: str | None
    cpf_invoice: str | None
    invoice_url: str | None
    dealer_code: str | None
    fee_amount: Decimal
    bonus_amount: Decimal
    is_delivery: bool
    is_cvv_validated: bool
    is_short: bool
    max_pick_up_time: Instant | None
    order_note: str | None
    plp: str | None
    status: int
    status_name: str
    canonical_status: int
    canonical_status_name: str
    buyer: BuyerBody
    seller: SellerBody
    freight: FreightBody
    delivery_address: AddressBody | None
    payment_info: PaymentBody | None
    payment_list: list[PaymentBody]
    invoice: InvoiceBody | None
    invoices: list[InvoiceBody]
    tracking: TrackingBody | None
    labels: list[LabelBody]
    items: list[ItemBody]
    voucher: VoucherBody | None
    custom_data: list[CustomDatumBody]
    steps: list[StepBody]
    action_logs: list[ActionLogBody]
    buttons: list[ButtonBody]
    has_fee_installment: bool
    max_installments_with_tax: int | None
    sub_total_amount: Decimal
    discount_amount: Decimal
    freight_amount: Decimal
    total_without_fee_amount: Decimal
    total_amount: Decimal
