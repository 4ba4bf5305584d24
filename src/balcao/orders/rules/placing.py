"""Creating an order: what a request must say, what its channel checks, and the order that comes of it."""

from collections.abc import Mapping

import msgspec

from balcao.base.errors import Conflict, FieldErrors, Invalid
from balcao.base.values import Micros, OrderId, SkuId, Tenant, new_id, to_micros
from balcao.catalog.rules import SkuFacts
from balcao.orders.rules.change import Note, covers, pays_on_pickup, step_notes
from balcao.orders.rules.checks import Found, check_found, doubts_about
from balcao.orders.rules.model import (
    Item,
    ItemBody,
    Order,
    OrderBody,
    Payment,
    PaymentBody,
)
from balcao.orders.rules.new_order import NewItem, NewOrder, NewPayment
from balcao.orders.rules.status import Status
from balcao.orders.rules.totals import discount_of, discount_price_of, totals_of
from balcao.tenants.rules import Channel, Policy, StockPolicy

_PAYMENT_FIELDS = frozenset(PaymentBody.__struct_fields__) & frozenset(NewPayment.__struct_fields__)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An order about to be written, and the log lines of what was found doubtful about it."""

    order: Order
    steps: tuple[Status, ...]
    notes: tuple[Note, ...]


def draft_order(
    tenant: Tenant, new: NewOrder, channel: Channel, found: Found, *, order_id: OrderId, created_by: str, now: Micros
) -> Draft | Invalid | Conflict:
    """The order that the request makes, before the stock is asked; or what its channel rejects.

    What a channel only warns of becomes a log line.
    """
    if found.seller_id is None:
        return Invalid(errors=check_found(new, channel, found))
    totals = totals_of(new, channel.discount_basis)
    if totals.total_amount < 0:
        return Invalid(errors={"Items": ["the discounts and the bonus exceed what the goods and the freight come to"]})
    doubts = doubts_about(new, channel, found, totals.total_amount, now)
    rejected: FieldErrors = {field: [text] for field, policy, text in doubts if policy is Policy.REJECT}
    if rejected:
        return Invalid(errors=rejected)
    status = Status.PENDING_CREATE if channel.paid_on_create else Status.PENDING
    order = Order(
        tenant=tenant,
        order_id=order_id,
        channel=channel.name,
        external_id=new.external_id,
        friendly_code="",
        seller_id=found.seller_id,
        seller_cnpj=found.seller_cnpj,
        seller_order_id=None,
        status=status,
        resume_status=None,
        is_delivery=new.is_delivery,
        is_short=False,
        create_us=to_micros(new.created_at) if new.created_at is not None else Micros(0),
        last_update_us=Micros(0),
        expires_us=None,
        sub_total_amount=totals.sub_total_amount,
        discount_amount=totals.discount_amount,
        freight_amount=totals.freight_amount,
        fee_amount=totals.fee_amount,
        bonus_amount=totals.bonus_amount,
        total_amount=totals.total_amount,
        created_by=created_by,
        body=_body(new),
        items=tuple(_item(n, item, found.skus[item.sku_code], channel) for n, item in enumerate(new.items, 1)),
        payments=tuple(_payment(n, payment) for n, payment in enumerate(new.payments, 1)),
        passed=frozenset({status}),
    )
    warnings = tuple(Note("Warning", f"Atenção / Warning: {field}", text) for field, _, text in doubts)
    order = msgspec.structs.replace(order, expires_us=_expiry(order, channel, now))
    return Draft(order=order, steps=(status,), notes=(*step_notes((status,), None), *warnings))


def _expiry(order: Order, channel: Channel, now: Micros) -> Micros | None:
    """When an unpaid order goes; what is paid, or will be in the store, stays."""
    if channel.paid_on_create or pays_on_pickup(order) or covers(order, channel):
        return None
    return Micros(now + channel.payment_expiry_s * 1_000_000)


def promise(draft: Draft, policy: StockPolicy, available: Mapping[SkuId, int]) -> Draft | Conflict:
    """The draft with its stock reserved, if the channel looks at the stock; or the refusal that names what is short.

    A channel that accepts short orders reserves all the same, and the order is flagged.
    """
    if policy is StockPolicy.OFF:
        return draft
    short = shortage(draft.order, available)
    if short and policy is StockPolicy.REJECT:
        return out_of_stock(short)
    whole = promise_all(draft, policy)
    if not short:
        return whole
    order = msgspec.structs.replace(whole.order, is_short=True)
    note = Note("OutOfStock", "Sem estoque / Out of stock", out_of_stock(short).detail)
    return msgspec.structs.replace(draft, order=order, notes=(*draft.notes, note))


def promise_all(draft: Draft, policy: StockPolicy) -> Draft:
    """The same where the stock has everything."""
    return draft if policy is StockPolicy.OFF else msgspec.structs.replace(draft, order=reserve_all(draft.order))


def shortage(order: Order, available: Mapping[SkuId, int]) -> dict[str, tuple[int, int]]:
    """The SKUs of which the order asks more than its store has: code → (asked, available)."""
    asked: dict[SkuId, int] = {}
    for item in order.items:
        asked[item.sku_id] = asked.get(item.sku_id, 0) + item.quantity
    short = {sku: (quantity, left) for sku, quantity in asked.items() if quantity > (left := available.get(sku, 0))}
    if not short:
        return {}
    codes = {item.sku_id: item.sku_code for item in order.items}
    return {codes[sku]: (quantity, max(left, 0)) for sku, (quantity, left) in short.items()}


def out_of_stock(short: Mapping[str, tuple[int, int]]) -> Conflict:
    """The refusal that lists each short SKU with asked and available."""
    text = "; ".join(f"{sku}: {asked} asked, {left} available" for sku, (asked, left) in short.items())
    items = [{"skuCode": sku, "asked": asked, "available": left} for sku, (asked, left) in short.items()]
    return Conflict(f"The store has not enough stock. {text}.", code="out_of_stock", items=items)


def reserve_all(order: Order) -> Order:
    """The order with every line's quantity reserved."""
    items = tuple(msgspec.structs.replace(item, reserved=item.quantity) for item in order.items)
    return msgspec.structs.replace(order, items=items)


def _body(new: NewOrder) -> OrderBody:
    return OrderBody(
        buyer=new.buyer,
        freight=new.freight,
        delivery_address=new.delivery_address,
        cpf_pickup=new.cpf_pickup,
        cpf_invoice=new.cpf_invoice,
        order_note=new.order_note,
        order_package_id=new.order_package_id,
        dealer_code=new.dealer_code,
        voucher_code=new.voucher_code,
        custom_data=new.custom_data,
    )


def _item(line: int, item: NewItem, sku: SkuFacts, channel: Channel) -> Item:
    body = ItemBody(
        name=sku.name,
        product_name=sku.product_name,
        discount_amount=discount_of(item, channel.discount_basis),
        product_description=sku.product_description,
        barcode=sku.barcode,
        aux_code=sku.aux_code,
        reference_code=sku.reference_code,
        image_url=sku.image_url,
        attributes=tuple(msgspec.to_builtins(attribute) for attribute in sku.attributes),
    )
    return Item(
        line=line,
        sku_id=sku.sku_id,
        sku_code=sku.code,
        product_code=sku.product_code,
        quantity=item.quantity,
        unit_price=item.unit_price,
        discount_price=discount_price_of(item, channel.discount_basis),
        is_gift=item.is_gift,
        reserved=0,
        consumed=0,
        body=body,
    )


def _payment(line: int, payment: NewPayment) -> Payment:
    said = {field: getattr(payment, field) for field in _PAYMENT_FIELDS}
    body = PaymentBody(payment_id=new_id(), **said)
    return Payment(line=line, type=payment.type, status=payment.status, amount=payment.amount, body=body)
