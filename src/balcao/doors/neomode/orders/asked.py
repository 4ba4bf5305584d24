"""What a channel sends to create an order, in the current form; `older` has the older one."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec

from balcao.doors.wire import Bounds, Count, Money, Quantity, Wire

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Note = Annotated[str, msgspec.Meta(max_length=5000)]
Short = Annotated[str, msgspec.Meta(max_length=500)]
Degrees = Annotated[Decimal, msgspec.Meta(extra={"bounds": Bounds(digits=3, places=20)})]
"""A latitude or longitude, with all the decimals that somebody's binary numbers have."""
LINES_MAX = 500
PAYMENTS_MAX = 50

_ADDRESS = {
    "ZipCode": "04321130",
    "Street": "Rua Farjalla Koraicho",
    "Number": "654",
    "Neighborhood": "Vila Parque Jabaquara",
    "City": "São Paulo",
    "State": "SP",
}


class AddressAsked(Wire, kw_only=True, rename="pascal"):
    """An address; the CEP as `ZipCode` or `Cep`, with or without hyphen."""

    __aliases__: ClassVar[Mapping[str, str]] = {"cep": "ZipCode"}

    zip_code: Text
    street: Text
    number: Text
    neighborhood: Text
    city: Text
    state: Annotated[str, msgspec.Meta(min_length=2, max_length=60)]
    complement: Short | None = None
    reference: Short | None = None
    label: Short | None = None
    recipient: Short | None = None
    country: Short | None = None
    latitude: Degrees | None = None
    longitude: Degrees | None = None


class BuyerAsked(Wire, kw_only=True, rename="pascal"):
    """Who pays: a person by `Cpf`, or a company by `Cnpj`; documents with or without punctuation."""

    full_name: Text
    email: Text
    phone_number: Text
    cpf: Short | None = None
    cnpj: Short | None = None
    company_name: Short | None = None
    state_inscription: Short | None = None
    date_of_birth: Short | None = None
    gender: int | Short | None = None
    bonus_customer_id: Short | None = None
    device_token: Short | None = None
    image_url: Short | None = None
    address: AddressAsked


class SellerAsked(Wire, kw_only=True, rename="pascal"):
    """The store: by `Cnpj` or by `PointSaleId`."""

    cnpj: Short | None = None
    point_sale_id: Short | None = None


class ItemAsked(Wire, kw_only=True, rename="pascal"):
    """A line. `DiscountPrice` is per unit, or for the line where the channel is set so."""

    sku_code: Text
    product_code: Text
    quantity: Quantity
    unit_price: Money
    discount_price: Money
    is_gift: bool = False


class FreightAsked(Wire, kw_only=True, rename="pascal"):
    """The freight that the shopper chose; `CalculationKey` names a kept quote."""

    amount: Money
    delivery_time: Count
    reference: Text
    description: Text
    calculation_key: Short | None = None


class PaymentMethodAsked(Wire, kw_only=True, rename="pascal"):
    """1 credit card, 2 debit card, 3 bank slip, 4 voucher, 5 cash on pickup, 6 PIX, 7 payment link."""

    type: Annotated[int, msgspec.Meta(ge=1, le=7)]
    brand: Short | None = None
    info: Short | None = None
    modality: int | Short | None = None
    card_holder_name: Short | None = None
    card_last_digits: Annotated[str, msgspec.Meta(max_length=4)] | None = None


class PaymentAsked(Wire, kw_only=True, rename="pascal"):
    """One payment; which further fields it needs depends on its type."""

    amount: Money
    payment_method: PaymentMethodAsked
    payment_status: Annotated[int, msgspec.Meta(ge=0, le=5)] = 0
    quantity_installments: Annotated[int, msgspec.Meta(ge=1, le=99)] | None = None
    acquirer_message: Short | None = None
    acquirer_approval_code: int | Short | None = None
    nsu: int | Short | None = None
    authorization_code: int | Short | None = None
    tid: int | Short | None = None
    external_order_id: Short | None = None
    is_authorized: bool | None = None
    is_captured: bool | None = None


class VoucherAsked(Wire, kw_only=True, rename="pascal"):
    """A voucher that the shopper used."""

    code: Short | None = None


class CustomDatumAsked(Wire, kw_only=True, rename="pascal"):
    """One of the order's own key and value pairs."""

    key: Text
    value: Any = None


class OrderAsked(Wire, kw_only=True, rename="pascal"):
    """An order to create (contract, section 3.1). Payments as `PaymentList`, or one (or several) as `PaymentInfo`."""

    __example__: ClassVar[Any] = {
        "ClientId": "qaapp",
        "Channel": "ecommerce",
        "ExternalId": "NEOMODE-1",
        "Seller": {"Cnpj": "04109169000135"},
        "Buyer": {
            "Cpf": "55570403906",
            "Email": "shopper@example.com",
            "FullName": "Implantacao Neomode",
            "PhoneNumber": "41999999999",
            "Address": _ADDRESS,
        },
        "DeliveryAddress": _ADDRESS,
        "Items": [{"SkuCode": "1", "ProductCode": "1", "Quantity": 1, "UnitPrice": 19.9, "DiscountPrice": 10}],
        "IsDelivery": True,
        "Freight": {
            "Amount": 1.1,
            "DeliveryTime": 1,
            "Reference": "SEDEX",
            "Description": "SEDEX",
            "CalculationKey": None,
        },
        "PaymentList": [{"Amount": 21, "PaymentMethod": {"Type": 7}}],
    }

    client_id: Text
    channel: Text
    external_id: Text
    seller: SellerAsked
    buyer: BuyerAsked
    items: Annotated[list[ItemAsked], msgspec.Meta(min_length=1, max_length=LINES_MAX)]
    is_delivery: bool
    freight: FreightAsked
    delivery_address: AddressAsked | None = None
    payment_list: Annotated[list[PaymentAsked], msgspec.Meta(max_length=PAYMENTS_MAX)] | None = None
    payment_info: PaymentAsked | Annotated[list[PaymentAsked], msgspec.Meta(max_length=PAYMENTS_MAX)] | None = None
    cpf_pick_up: Short | None = None
    cpf_invoice: Short | None = None
    order_note: Note | None = None
    order_package_id: Short | None = None
    dealer_code: Short | None = None
    fee_amount: Money = Decimal(0)
    bonus_amount: Money = Decimal(0)
    voucher: VoucherAsked | None = None
    custom_data: Annotated[list[CustomDatumAsked], msgspec.Meta(max_length=200)] | None = None
    create_date: datetime | None = None
