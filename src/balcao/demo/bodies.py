"""What the demo's parties send, in the documented fields: carts to quote, orders, payments, trackings."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from balcao.demo.answers import Offer, Order
from balcao.demo.sample import TENANT, Line, Record

Body = dict[str, Any]
CARD: Final = 1
PIX: Final = 6
PAYMENT_LINK: Final = 7
INSTALMENTS: Final = 10
CAPTURED: Final = 2
_BUYER = ("Cpf", "Cnpj", "CompanyName", "Email", "FullName", "PhoneNumber", "DateOfBirth", "Address")


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """What a shopper decided at a channel: the goods, how they come, and how they are paid."""

    channel: str
    external_id: str
    shopper: Record
    lines: Sequence[Line]
    offer: Offer
    payment: int

    @property
    def total(self) -> Decimal:
        """Goods and freight."""
        return sum((line.total for line in self.lines), self.offer.amount)


def quote_body(lines: Sequence[Line], cep: str, *, origin_cnpj: str | None = None) -> Body:
    """A freight simulation for the cart; `origin_cnpj` asks one store alone."""
    items = [{"sku": line.sku_code, "quantity": line.quantity, "price": line.unit_price} for line in lines]
    return {"originIdentifier": origin_cnpj, "postalCode": cep, "items": items}


def order_body(sale: Sale) -> Body:
    """The order as `POST /orders/external` documents it."""
    address = sale.shopper["Address"]
    collects = {} if sale.offer.is_delivery else {"CpfPickUp": sale.shopper["Cpf"]}
    return {
        "ClientId": TENANT,
        "Channel": sale.channel,
        "ExternalId": sale.external_id,
        "Seller": {"Cnpj": sale.offer.seller_cnpj},
        "Buyer": {name: sale.shopper[name] for name in _BUYER if name in sale.shopper},
        "DeliveryAddress": address if sale.offer.is_delivery else None,
        "Items": [_item(line) for line in sale.lines],
        "IsDelivery": sale.offer.is_delivery,
        "Freight": {
            "Amount": sale.offer.amount,
            "DeliveryTime": sale.offer.delivery_time,
            "Reference": sale.offer.reference,
            "Description": sale.offer.description,
            "CalculationKey": sale.offer.calculation_key,
        },
        "PaymentList": [_payment(sale)],
        **collects,
    }


def paid_body(payment: int, order: Order) -> Body:
    """The acquirer's word that the order's one payment is captured."""
    digits = order.id.replace("-", "")
    common = {
        "amount": order.total_amount,
        "nsu": str(int(digits[-9:], 16))[-9:],
        "paymentStatus": CAPTURED,
        "paymentMethod": {"type": payment},
    }
    if payment == PIX:
        return common | {"tid": f"E{digits[:31]}".upper(), "acquirerMessage": "Pix recebido"}
    if payment == CARD:
        return common | {"authorizationCode": digits[-6:].upper(), "brand": "Visa", "isCaptured": True}
    return common | {"tid": f"LINK-{digits[-12:].upper()}", "brand": "Mastercard", "quantityInstallments": 1}


def tracking_body(carrier: Record, code: str, deliver_at: datetime) -> Body:
    """How the parcel travels, the date as Brazilians write it."""
    return {
        "carrierName": carrier["carrierName"],
        "trackingCode": code,
        "trackingLink": carrier["trackingLink"].format(trackingCode=code),
        "deliveryDate": deliver_at.strftime("%d/%m/%Y"),
    }


def _item(line: Line) -> Body:
    return {
        "SkuCode": line.sku_code,
        "ProductCode": line.product_code,
        "Quantity": line.quantity,
        "UnitPrice": line.unit_price,
        "DiscountPrice": line.discount_price,
    }


def _payment(sale: Sale) -> Body:
    common = {"Amount": sale.total}
    if sale.payment == PIX:
        told = {"AcquirerMessage": "QR Code emitido", "AcquirerApprovalCode": f"QR-{sale.external_id}"}
        return common | told | {"PaymentMethod": {"Type": PIX, "Info": "Pix"}}
    if sale.payment == CARD:
        told = {"AcquirerMessage": "Pre-autorizado", "AcquirerApprovalCode": f"AP-{sale.external_id}"}
        method = {
            "Type": CARD,
            "Brand": "Visa",
            "Info": "Credit Card",
            "CardHolderName": sale.shopper["FullName"].upper(),
            "CardLastDigits": "4242",
        }
        return common | told | {"QuantityInstallments": INSTALMENTS, "PaymentMethod": method}
    return common | {"PaymentMethod": {"Type": PAYMENT_LINK}}
