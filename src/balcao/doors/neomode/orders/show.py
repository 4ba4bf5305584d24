"""From an order to its full body."""

from decimal import Decimal

from balcao.base.values import iso
from balcao.doors.neomode.address import show_address
from balcao.doors.neomode.orders import body as wire
from balcao.doors.neomode.orders.links import Links
from balcao.orders.rules.buttons import buttons
from balcao.orders.rules.change import Situation
from balcao.orders.rules.checks import PAYMENT_NAMES
from balcao.orders.rules.model import Buyer, Invoice, Item, Order, Payment, PaymentStatus
from balcao.orders.rules.status import SUMMARY_NAMES, summary_of, wire_name
from balcao.orders.rules.whole import Whole
from balcao.sellers.rules import Seller
from balcao.tenants.rules import Caller


def show_order(whole: Whole, caller: Caller, links: Links) -> wire.OrderBody:
    """The full body for this caller: the buttons are what it may do, the links lead to this server."""
    order, extra = whole.order, whole.order.body
    invoices = [_invoice(order, invoice, links) for invoice in order.invoices]
    payments = [_payment(payment) for payment in order.payments]
    summary = summary_of(order.status)
    return wire.OrderBody(
        id=order.order_id,
        client_id=order.tenant,
        create_date=iso(order.create_us),
        last_update=iso(order.last_update_us),
        external_id=order.external_id,
        seller_order_id=order.seller_order_id,
        order_package_id=extra.order_package_id,
        channel=order.channel,
        friendly_code=order.friendly_code,
        cpf_pick_up=extra.cpf_pickup,
        cpf_invoice=extra.cpf_invoice,
        invoice_url=invoices[-1].file_url if invoices else None,
        dealer_code=extra.dealer_code,
        fee_amount=order.fee_amount,
        bonus_amount=order.bonus_amount,
        is_delivery=order.is_delivery,
        is_cvv_validated=False,
        is_short=order.is_short,
        max_pick_up_time=None,
        order_note=extra.order_note,
        plp=extra.plp,
        status=order.status,
        status_name=wire_name(order.status),
        canonical_status=summary,
        canonical_status_name=SUMMARY_NAMES[summary],
        buyer=_buyer(extra.buyer),
        seller=_seller(whole.seller),
        freight=wire.FreightBody(
            delivery_time=extra.freight.delivery_time,
            reference=extra.freight.reference,
            description=extra.freight.description,
            amount=extra.freight.amount,
            calculation_key=extra.freight.calculation_key,
        ),
        delivery_address=show_address(extra.delivery_address),
        payment_info=payments[0] if payments else None,
        payment_list=payments,
        invoice=invoices[-1] if invoices else None,
        invoices=invoices,
        tracking=_tracking(order),
        labels=[
            wire.LabelBody(
                number=label.number,
                file_name=label.file_name,
                content_type=label.content_type,
                url=links.label(order, label),
            )
            for label in order.labels
        ],
        items=[_item(item) for item in order.items],
        voucher=wire.VoucherBody(code=extra.voucher_code) if extra.voucher_code else None,
        custom_data=[wire.CustomDatumBody(key=datum.key, value=datum.value) for datum in extra.custom_data],
        steps=[
            wire.StepBody(description=step.description, status=step.status, create_date=iso(step.created_us))
            for step in whole.history.steps
        ],
        action_logs=[
            wire.ActionLogBody(
                display_message=line.display_message,
                internal_message=line.internal_message,
                issuer=line.issuer,
                type=line.type,
                create_date=iso(line.created_us),
            )
            for line in whole.history.logs
        ],
        buttons=_buttons(whole, caller, links),
        has_fee_installment=order.fee_amount > 0,
        max_installments_with_tax=None,
        sub_total_amount=order.sub_total_amount,
        discount_amount=order.discount_amount,
        freight_amount=order.freight_amount,
        total_without_fee_amount=order.sub_total_amount - order.discount_amount + order.freight_amount,
        total_amount=order.total_amount,
    )


def show_invoice(order: Order, invoice: Invoice, links: Links) -> wire.InvoiceBody:
    """An invoice with its files' addresses."""
    return _invoice(order, invoice, links)


def _buyer(buyer: Buyer) -> wire.BuyerBody:
    return wire.BuyerBody(
        bonus_customer_id=buyer.bonus_customer_id,
        cpf=buyer.cpf,
        cnpj=buyer.cnpj,
        state_inscription=buyer.state_inscription,
        document_type=2 if buyer.cnpj else 1,
        phone_number=buyer.phone_number,
        full_name=buyer.full_name,
        email=buyer.email,
        company_name=buyer.company_name,
        device_token=buyer.device_token,
        image_url=buyer.image_url,
        gender=buyer.gender if buyer.gender is not None else 0,
        date_of_birth=buyer.date_of_birth,
        address=show_address(buyer.address),
    )


def _seller(seller: Seller) -> wire.SellerBody:
    hours = [
        wire.WorkingHoursBody(weekday=opening.weekday, opens=opening.opens, closes=opening.closes)
        for opening in seller.working_hours
    ]
    return wire.SellerBody(
        point_sale_id=seller.point_sale_id,
        full_name=seller.full_name,
        company_name=seller.company_name,
        email=seller.email,
        cnpj=seller.cnpj,
        whatsapp_phone_number=seller.whatsapp_phone_number,
        is_ecommerce=seller.is_ecommerce,
        gateway_id=seller.gateway_id,
        distance=None,
        address=show_address(seller.address),
        working_hours=hours,
    )


def _payment(payment: Payment) -> wire.PaymentBody:
    told, done = payment.body, payment.status
    return wire.PaymentBody(
        amount=payment.amount,
        payment_status=done,
        quantity_installments=told.quantity_installments or 1,
        external_order_id=told.external_order_id,
        is_captured=told.is_captured if told.is_captured is not None else done is PaymentStatus.CAPTURED,
        is_authorized=told.is_authorized
        if told.is_authorized is not None
        else done in {PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED},
        acquirer_message=told.acquirer_message,
        acquirer_approval_code=told.acquirer_approval_code,
        nsu=told.nsu,
        authorization_code=told.authorization_code,
        tid=told.tid,
        payment_method=wire.PaymentMethodBody(
            id=told.payment_id,
            type=payment.type,
            info=told.info or PAYMENT_NAMES[payment.type],
            brand=told.brand,
            modality=_number_or_text(told.modality),
            card_holder_name=told.card_holder_name,
            card_last_digits=told.card_last_digits,
        ),
    )


def _invoice(order: Order, invoice: Invoice, links: Links) -> wire.InvoiceBody:
    return wire.InvoiceBody(
        key=invoice.access_key,
        number=invoice.number,
        serie_number=_number_or_text(invoice.serie) or 0,
        total_amount=invoice.total_amount,
        xml_url=links.xml(order, invoice),
        file_url=links.danfe(order, invoice),
        issuance_date=iso(invoice.issued_us) if invoice.issued_us is not None else None,
        items=[wire.InvoicedItemBody(sku_code=item.sku_code, quantity=item.quantity) for item in invoice.body.items],
    )


def _tracking(order: Order) -> wire.TrackingBody | None:
    tracking = order.body.tracking
    if tracking is None:
        return None
    return wire.TrackingBody(
        carrier_name=tracking.carrier_name,
        tracking_link=tracking.link,
        tracking_code=tracking.code,
        delivery_date=tracking.delivery_date,
    )


def _item(item: Item) -> wire.ItemBody:
    sub_total: Decimal = item.unit_price * item.quantity
    sold = item.body
    return wire.ItemBody(
        code=item.sku_code,
        barcode=sold.barcode,
        quantity=item.quantity,
        unit_price=item.unit_price,
        discount_price=item.discount_price,
        discount_amount=sold.discount_amount,
        sub_total_amount=sub_total,
        total_amount=sub_total - sold.discount_amount,
        is_gift=item.is_gift,
        coupon=None,
        sku=wire.SkuBody(
            id=item.sku_id,
            code=item.sku_code,
            name=sold.name,
            barcode=sold.barcode,
            aux_code=sold.aux_code,
            image_url=sold.image_url,
            product_code=item.product_code,
            product_name=sold.product_name,
            product_description=sold.product_description,
            attributes=list(sold.attributes),
            product=wire.ProductBody(
                code=item.product_code,
                name=sold.product_name,
                description=sold.product_description,
                reference_code=sold.reference_code,
            ),
        ),
    )


def _buttons(whole: Whole, caller: Caller, links: Links) -> list[wire.ButtonBody]:
    own = links.order(whole.order)
    return [
        wire.ButtonBody(type=button.type, url=f"{own}/{button.route}", label=button.label)
        for button in buttons(Situation(whole.order, whole.channel, caller))
    ]


def _number_or_text(text: str | None) -> int | str | None:
    """A number where the reference documents one and the text is one."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else text
