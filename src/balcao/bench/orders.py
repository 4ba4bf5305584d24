"""Requests that create orders: the reference's example over many SKUs, larger ones, and one hot SKU."""

import json
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from balcao.bench.load.plan import Requests
from balcao.bench.shop import CHANNEL, CNPJ, Shop

PATH: Final = "/cp/management/commerce/orders/external"
KEY_LENGTH: Final = 16
CHOICES: Final = 512
UNIT_PRICE: Final = 19.9
DISCOUNT_PRICE: Final = 10

ADDRESS: Final = {
    "ZipCode": "04321130",
    "Street": "Rua Farjalla Koraicho",
    "Number": "654",
    "Neighborhood": "Vila Parque Jabaquara",
    "City": "São Paulo",
    "State": "SP",
}


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What the orders are like: so many lines each, of so many SKUs in all."""

    name: str
    lines: int = 1
    is_hot: bool = False


SEED: Final = Kind(name="one line, many SKUs")
HOT: Final = Kind(name="one line, one hot SKU", is_hot=True)
TWO: Final = Kind(name="two lines, many SKUs", lines=2)
TWENTY: Final = Kind(name="twenty lines, many SKUs", lines=20)


def order_keys(count: int, mark: str) -> list[bytes]:
    """So many external ids that begin with the mark, all of one length."""
    return [f"{mark}-{n:0{KEY_LENGTH - len(mark) - 1}d}".encode() for n in range(count)]


def creations(shop: Shop, kind: Kind, keys: list[bytes], port: int) -> Requests:
    """One request for each external id."""
    choices = item_choices(shop, kind)
    body = json.dumps(_body(shop), ensure_ascii=False).encode()
    before_key, _, rest = body.partition(b"{KEY}")
    middle, _, after = rest.partition(b'"{ITEMS}"')
    length = len(before_key) + KEY_LENGTH + len(middle) + len(choices[0]) + len(after)
    head = request_head("POST", PATH, shop, port, length=length)
    return Requests(before=head + before_key, keys=keys, middle=middle, choices=choices, after=after)


def request_head(method: str, path: str, shop: Shop, port: int, *, length: int | None = None) -> bytes:
    """The head of a request as a program sends it, with its token."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Authorization: Bearer {shop.token}",
        "Accept: application/json",
        "User-Agent: balcao-bench",
    ]
    if length is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {length}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def item_choices(shop: Shop, kind: Kind) -> tuple[bytes, ...]:
    """Baskets of the kind, as JSON, all of one length; the same ones in every run."""
    codes = list(shop.skus)
    chance = random.Random(kind.name)  # noqa: S311 (baskets, no secrets)
    if kind.is_hot:
        return (_items(codes[:1]),)
    if kind.lines == 1:
        return tuple(_items([code]) for code in codes)
    return tuple(_items(chance.sample(codes, kind.lines)) for _ in range(CHOICES))


def _items(codes: Sequence[str]) -> bytes:
    return json.dumps([_item(code) for code in codes]).encode()


def _item(code: str) -> dict[str, Any]:
    price = {"UnitPrice": UNIT_PRICE, "DiscountPrice": DISCOUNT_PRICE}
    return {"SkuCode": code, "ProductCode": code, "Quantity": 1, **price}


def _body(shop: Shop) -> dict[str, Any]:
    buyer = {
        "Cpf": "55570403906",
        "Email": "comprador@example.com",
        "FullName": "Implantacao Neomode",
        "PhoneNumber": "41999999999",
        "Address": ADDRESS,
    }
    freight = {"Amount": 1.1, "DeliveryTime": 1, "Reference": "SEDEX", "Description": "SEDEX", "CalculationKey": None}
    return {
        "ClientId": shop.tenant,
        "Channel": CHANNEL,
        "ExternalId": "{KEY}",
        "Seller": {"Cnpj": CNPJ},
        "Buyer": buyer,
        "DeliveryAddress": ADDRESS,
        "Items": "{ITEMS}",
        "IsDelivery": True,
        "Freight": freight,
        "PaymentList": [{"Amount": 21, "PaymentMethod": {"Type": 7}}],
    }


def total_of(kind: Kind) -> Decimal:
    """What such an order comes to."""
    return (Decimal(str(UNIT_PRICE)) - DISCOUNT_PRICE) * kind.lines + Decimal("1.1")
