"""From what a channel sent to an order to place: documents and postal codes normalised, everything missing named."""

import re
from typing import Any

import msgspec

from balcao.base.address import Address
from balcao.base.errors import FieldErrors, Invalid
from balcao.base.values import cnpj_has_format, cpf_has_format, parse_cep, strip_document
from balcao.doors.neomode.orders import asked as wire
from balcao.orders.rules.checks import check_new_order
from balcao.orders.rules.model import Buyer, CustomDatum, Freight, PaymentStatus, PaymentType
from balcao.orders.rules.new_order import NewItem, NewOrder, NewPayment

_SEGMENT = re.compile(r"(^|\.)([A-Z])")
_DIGITS_MAX = 4


def understand(sent: wire.OrderAsked) -> NewOrder:
    """The order to place. Raises Invalid with every field that is missing or has not its format, by documented name."""
    errors: FieldErrors = {}
    new = _new_order(sent, errors)
    for field, messages in check_new_order(new).items():
        errors.setdefault(field, messages)
    if errors:
        raise Invalid(errors=errors)
    return new


def _new_order(sent: wire.OrderAsked, errors: FieldErrors) -> NewOrder:
    buyer, freight = sent.buyer, sent.freight
    return NewOrder(
        channel=sent.channel.strip(),
        external_id=sent.external_id,
        buyer=Buyer(
            full_name=buyer.full_name,
            email=buyer.email,
            phone_number=buyer.phone_number,
            cpf=_cpf("Buyer.Cpf", buyer.cpf, errors),
            cnpj=_cnpj("Buyer.Cnpj", buyer.cnpj, errors),
            company_name=buyer.company_name or None,
            state_inscription=buyer.state_inscription or None,
            date_of_birth=buyer.date_of_birth or None,
            gender=buyer.gender,
            bonus_customer_id=buyer.bonus_customer_id or None,
            device_token=buyer.device_token or None,
            image_url=buyer.image_url or None,
            address=_address("Buyer.Address", buyer.address, errors),
        ),
        freight=Freight(
            amount=freight.amount,
            delivery_time=freight.delivery_time,
            reference=freight.reference,
            description=freight.description,
            calculation_key=freight.calculation_key or None,
        ),
        items=tuple(_item(item) for item in sent.items),
        payments=tuple(_payment(payment) for payment in payments_of(sent)),
        is_delivery=sent.is_delivery,
        seller_cnpj=_cnpj("Seller.Cnpj", sent.seller.cnpj, errors),
        point_sale_id=sent.seller.point_sale_id or None,
        delivery_address=_address("DeliveryAddress", sent.delivery_address, errors),
        fee_amount=sent.fee_amount,
        bonus_amount=sent.bonus_amount,
        cpf_pickup=_cpf("CpfPickUp", sent.cpf_pick_up, errors),
        cpf_invoice=_cpf_or_cnpj("CpfInvoice", sent.cpf_invoice, errors),
        order_note=sent.order_note or None,
        order_package_id=sent.order_package_id or None,
        dealer_code=sent.dealer_code or None,
        voucher_code=(sent.voucher.code or None) if sent.voucher else None,
        custom_data=tuple(CustomDatum(key=datum.key, value=as_text(datum.value)) for datum in sent.custom_data or ()),
        created_at=sent.create_date,
    )


def payments_of(sent: wire.OrderAsked) -> list[wire.PaymentAsked]:
    """The payments under whichever name they came: `PaymentList` (the example's) before `PaymentInfo` (the table's)."""
    if sent.payment_list:
        return sent.payment_list
    if isinstance(sent.payment_info, list):
        return sent.payment_info
    return [sent.payment_info] if sent.payment_info is not None else []


def in_camel_case(refusal: Invalid) -> Invalid:
    """The refusal with the fields as the older form spells them."""
    spelt = {
        _SEGMENT.sub(lambda match: match[1] + match[2].lower(), name): told for name, told in refusal.errors.items()
    }
    return Invalid(refusal.detail, errors=spelt, code=refusal.code)


def as_text(value: Any) -> str:
    """A custom value as the text that is kept: text as it is, everything else as its JSON."""
    return value if isinstance(value, str) else msgspec.json.Encoder(decimal_format="number").encode(value).decode()


def said(value: Any) -> str | None:
    """A code that some senders write as a number, as text; blank is "not said"."""
    return None if value is None or value == "" else str(value)


def _item(item: wire.ItemAsked) -> NewItem:
    return NewItem(
        sku_code=item.sku_code,
        product_code=item.product_code,
        quantity=item.quantity,
        unit_price=item.unit_price,
        discount_price=item.discount_price,
        is_gift=item.is_gift,
    )


def _payment(payment: wire.PaymentAsked) -> NewPayment:
    method = payment.payment_method
    return NewPayment(
        type=PaymentType(method.type),
        amount=payment.amount,
        status=PaymentStatus(payment.payment_status),
        brand=said(method.brand),
        info=said(method.info),
        modality=said(method.modality),
        quantity_installments=payment.quantity_installments,
        acquirer_message=payment.acquirer_message,
        acquirer_approval_code=None if payment.acquirer_approval_code is None else str(payment.acquirer_approval_code),
        nsu=said(payment.nsu),
        authorization_code=said(payment.authorization_code),
        tid=said(payment.tid),
        card_holder_name=said(method.card_holder_name),
        card_last_digits=said(method.card_last_digits),
        external_order_id=said(payment.external_order_id),
        is_authorized=payment.is_authorized,
        is_captured=payment.is_captured,
    )


def _address(field: str, sent: wire.AddressAsked | None, errors: FieldErrors) -> Address | None:
    if sent is None:
        return None
    cep = parse_cep(sent.zip_code)
    if cep is None:
        errors[f"{field}.ZipCode"] = ["must be a CEP of eight digits"]
    return Address(
        cep=cep or "",
        street=sent.street,
        number=sent.number,
        complement=sent.complement or None,
        neighborhood=sent.neighborhood,
        city=sent.city,
        state=sent.state,
        country=sent.country or "BR",
        reference=sent.reference or None,
        label=sent.label or None,
        recipient=sent.recipient or None,
        latitude=sent.latitude,
        longitude=sent.longitude,
    )


def _cpf(field: str, text: str | None, errors: FieldErrors) -> str | None:
    stripped = strip_document(text or "")
    if stripped and not cpf_has_format(stripped):
        errors[field] = ["must be a CPF of eleven digits"]
    return stripped or None


def _cnpj(field: str, text: str | None, errors: FieldErrors) -> str | None:
    stripped = strip_document(text or "")
    if stripped and not cnpj_has_format(stripped):
        errors[field] = ["must be a CNPJ of fourteen characters"]
    return stripped or None


def _cpf_or_cnpj(field: str, text: str | None, errors: FieldErrors) -> str | None:
    stripped = strip_document(text or "")
    return _cnpj(field, text, errors) if len(stripped) > 11 else _cpf(field, text, errors)
