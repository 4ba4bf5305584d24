"""What is wrong with an order to create: in itself, in what it names, and in what its channel wants checked."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from balcao.base.errors import FieldErrors
from balcao.base.values import Micros, SellerId, document_checks
from balcao.catalog.rules import SkuFacts
from balcao.freight.rules.model import Offer
from balcao.orders.rules.model import PaymentType
from balcao.orders.rules.new_order import NewOrder, NewPayment
from balcao.orders.rules.totals import paid_difference
from balcao.tenants.rules import Channel, Policy

PAYMENT_NAMES: Mapping[PaymentType, str] = {
    PaymentType.CREDIT_CARD: "Credit Card",
    PaymentType.DEBIT_CARD: "Debit Card",
    PaymentType.BANK_SLIP: "Bankslip",
    PaymentType.VOUCHER: "Voucher",
    PaymentType.CASH_ON_PICKUP: "Cash",
    PaymentType.PIX: "Pix",
    PaymentType.PAYMENT_LINK: "Payment Link",
}

Doubt = tuple[str, Policy, str]
"""A field, how strictly the channel takes it, and what is doubtful."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a new order names, as the tenant has it; None or absent is unknown."""

    seller_id: SellerId | None
    seller_cnpj: str
    skus: Mapping[str, SkuFacts]
    offer: Offer | None = None


def check_new_order(new: NewOrder) -> FieldErrors:
    """What the request itself lacks (contract, section 3.1), by the documented field names; empty when nothing."""
    errors: FieldErrors = {}
    if new.is_delivery and new.delivery_address is None:
        errors["DeliveryAddress"] = ["is required when IsDelivery is true"]
    if not (new.seller_cnpj or new.point_sale_id):
        errors["Seller"] = ["needs Cnpj or PointSaleId"]
    if not new.items:
        errors["Items"] = ["needs at least one item"]
    if not new.payments:
        errors["PaymentList"] = ["needs at least one payment"]
    if new.buyer.document is None:
        errors["Buyer.Cpf"] = ["a Cpf or a Cnpj is required"]
    for n, payment in enumerate(new.payments):
        errors.update(_check_payment(f"PaymentList[{n}]", payment))
    return errors


def check_found(new: NewOrder, channel: Channel | None, found: Found) -> FieldErrors:
    """What the request names and the tenant does not have, or not in use; empty when nothing."""
    errors: FieldErrors = {}
    if channel is None:
        errors["Channel"] = [f"the channel {new.channel!r} does not exist"]
    if found.seller_id is None:
        errors["Seller"] = [f"the store {new.seller_cnpj or new.point_sale_id!r} does not exist or is not active"]
    for n, item in enumerate(new.items):
        sku = found.skus.get(item.sku_code)
        if sku is None or sku.is_deleted or not sku.is_active:
            errors[f"Items[{n}].SkuCode"] = [f"the SKU {item.sku_code!r} does not exist or is not active"]
    return errors


def doubts_about(
    new: NewOrder, channel: Channel, found: Found, total: Decimal, now: Micros
) -> list[tuple[str, Policy, str]]:
    """What the channel wants checked and is not right: field, how strictly, and why. total: what the order comes to."""
    doubts: list[tuple[str, Policy, str]] = []
    if channel.document_check is not Policy.OFF:
        documents = {
            "Buyer.Cpf": new.buyer.cpf,
            "Buyer.Cnpj": new.buyer.cnpj,
            "CpfPickUp": new.cpf_pickup,
            "CpfInvoice": new.cpf_invoice,
        }
        doubts += [
            (field, channel.document_check, "the check digits are wrong")
            for field, document in documents.items()
            if document is not None and not document_checks(document)
        ]
    if channel.amount_check is not Policy.OFF:
        difference = paid_difference((payment.amount for payment in new.payments), total)
        if difference != 0:
            text = f"the payments come to {total + difference}, the order to {total}"
            doubts.append(("PaymentList", channel.amount_check, text))
    if channel.quote_policy is not Policy.OFF and new.freight.calculation_key is not None:
        reason = _quote_doubt(new, found, now)
        if reason is not None:
            doubts.append(("Freight.CalculationKey", channel.quote_policy, reason))
    return doubts


def _quote_doubt(new: NewOrder, found: Found, now: Micros) -> str | None:
    offer = found.offer
    if offer is None:
        return "no such quote was kept"
    if offer.expires_us <= now:
        return "the quote has expired"
    if offer.seller_id != found.seller_id:
        return "the quote was for another store"
    if offer.reference != new.freight.reference:
        return f"the quote was for {offer.reference!r}"
    if offer.amount != new.freight.amount:
        return f"the quote was {offer.amount}"
    return None


def _check_payment(field: str, payment: NewPayment) -> FieldErrors:
    needed: Sequence[tuple[str, object]] = ()
    if payment.type is PaymentType.CREDIT_CARD:
        needed = (
            ("PaymentMethod.Brand", payment.brand),
            ("AcquirerMessage", payment.acquirer_message),
            ("AcquirerApprovalCode", payment.acquirer_approval_code),
            ("QuantityInstallments", payment.quantity_installments),
        )
    elif payment.type is PaymentType.PIX:
        needed = (
            ("AcquirerMessage", payment.acquirer_message),
            ("AcquirerApprovalCode", payment.acquirer_approval_code),
        )
    name = PAYMENT_NAMES[payment.type]
    return {f"{field}.{part}": [f"is required for {name}"] for part, value in needed if value is None}
