"""The documented order as wire structs, and ways to write it down, for the tests of the wire."""

import json
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec
import pytest

from balcao.base.errors import Invalid
from balcao.doors.wire import (
    Count,
    Money,
    Quantity,
    Wire,
    reader,
)

SEED = """{
"ClientId": "qaapp",
"Channel": "ecommerce",
"ExternalId": "NEOMODE-1",
"Seller": { "Cnpj": "04109169000135" },
"Buyer": {
"Cpf": "55570403906",
"Email": "qa@example.com",
"FullName": "Implantacao Neomode",
"PhoneNumber": "41999999999",
"Address": {
"ZipCode": "04321130",
"Street": "Rua Farjalla Koraicho",
"Number": "654",
"Neighborhood": "Vila Parque Jabaquara",
"City": "São Paulo",
"State": "SP"
}
},
"DeliveryAddress": {
"ZipCode": "04321130",
"Street": "Rua Farjalla Koraicho",
"Number": "654",
"Neighborhood": "Vila Parque Jabaquara",
"City": "São Paulo",
"State": "SP"
},
"Items": [
{
"SkuCode": "1",
"ProductCode": "1",
"Quantity": 1,
"UnitPrice": 19.9,
"DiscountPrice": 10
}
],
"IsDelivery": true,
"Freight": {
"Amount": 1.1,
"DeliveryTime": 1,
"Reference": "SEDEX",
"Description": "SEDEX",
"CalculationKey": null
},
"PaymentList": [ {
"Amount": 21,
"PaymentMethod": {
"Type": 7
}
}]
}""".encode()


class Kind(IntEnum):
    CARD = 1
    PIX = 6
    LINK = 7


class Address(Wire, rename="pascal", kw_only=True):
    __aliases__: ClassVar[dict[str, str]] = {"cep": "ZipCode"}

    zip_code: str
    street: str
    number: str
    neighborhood: str
    city: str
    state: str
    complement: str | None = None


class Buyer(Wire, rename="pascal", kw_only=True):
    cpf: str | None = None
    email: str
    full_name: str
    phone_number: str
    address: Address


class Seller(Wire, rename="pascal", kw_only=True):
    cnpj: str | None = None
    point_sale_id: str | None = None


class Item(Wire, rename="pascal", kw_only=True):
    sku_code: str
    product_code: str
    quantity: Quantity
    unit_price: Money
    discount_price: Money
    is_gift: bool = False


class Freight(Wire, rename="pascal", kw_only=True):
    amount: Money
    delivery_time: Count
    reference: str
    description: str
    calculation_key: str | None = None


class Method(Wire, rename="pascal", kw_only=True):
    type: Kind
    brand: str | None = None


class Payment(Wire, rename="pascal", kw_only=True):
    amount: Money
    payment_method: Method
    payment_status: int | None = None


class Order(Wire, rename="pascal", kw_only=True):
    client_id: str
    channel: str
    external_id: str
    seller: Seller
    buyer: Buyer
    delivery_address: Address | None = None
    items: Annotated[list[Item], msgspec.Meta(min_length=1)]
    is_delivery: bool
    freight: Freight
    payment_list: list[Payment] | None = None
    payment_info: Payment | list[Payment] | None = None
    create_date: datetime | None = None
    order_note: str = ""
    fee: Decimal = Decimal(0)
    custom: dict[str, Any] | None = None


class Category(Wire, kw_only=True):
    code: str
    lenght: Decimal | None = None
    children: list["Category"] = msgspec.field(default_factory=list)
    quantity: int = 0
    __aliases__: ClassVar[dict[str, str]] = {"length": "lenght"}


class Everything(Wire, kw_only=True):
    """One field of every sort that the contract has."""

    id: UUID | None = None
    ratio: float | None = None
    at: datetime | None = None
    kind: Literal["Text", "Color"] | None = None
    labels: dict[str, Money] = msgspec.field(default_factory=dict)
    tags: set[str] = msgspec.field(default_factory=set)
    pair: tuple[str, ...] = ()
    code: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", max_length=2)] | None = None
    mixed: int | str | None = None
    blob: Any = None


def seed_with(**changes: Any) -> dict[str, Any]:
    return {**json.loads(SEED), **changes}


def as_body(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def recased(document: Any, spell: Any) -> Any:
    if isinstance(document, dict):
        return {spell(key): recased(value, spell) for key, value in document.items()}
    return [recased(value, spell) for value in document] if isinstance(document, list) else document


def errors_of(kind: Any, body: bytes) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refused:
        reader(kind).read(body)
    return refused.value.errors
