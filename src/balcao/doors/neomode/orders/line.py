"""An order in a list: its summary, and the page around it (contract, section 3.3)."""

from decimal import Decimal
from uuid import UUID

from balcao.base.paging import Page
from balcao.base.values import iso
from balcao.doors.paging import Envelope, enveloped
from balcao.doors.wire import Instant, Wire
from balcao.orders.rules.listing import OrderLine
from balcao.orders.rules.status import SUMMARY_NAMES, summary_of, wire_name


class LineSeller(Wire, kw_only=True):
    """The store of an order in a list."""

    cnpj: str
    point_sale_id: str | None
    full_name: str


class LineBuyer(Wire, kw_only=True):
    """Who bought, in a list."""

    full_name: str
    document: str | None


class LineFreight(Wire, kw_only=True):
    """The freight, in a list."""

    reference: str
    description: str
    amount: Decimal


class OrderSummary(Wire, kw_only=True):
    """One order in a list. `status` is the raw status, or the canonical one with `useCanonicalStatus=true`."""

    id: UUID
    external_id: str
    friendly_code: str
    seller_order_id: str | None
    create_date: Instant
    last_update: Instant
    channel: str
    status: int
    status_name: str
    is_delivery: bool
    is_short: bool
    seller: LineSeller
    buyer: LineBuyer
    freight: LineFreight
    payment_types: list[int]
    invoice_key: str | None
    tracking_code: str | None
    sub_total_amount: Decimal
    discount_amount: Decimal
    freight_amount: Decimal
    fee_amount: Decimal
    bonus_amount: Decimal
    total_amount: Decimal


class OrderPage(Envelope, kw_only=True):
    """One page of orders."""

    orders: list[OrderSummary]


def show_page(page: Page[OrderLine], *, canonical: bool) -> OrderPage:
    """The page as it is answered; canonical: with the canonical statuses in the place of the raw ones."""
    return OrderPage(**enveloped(page), orders=[_line(line, canonical=canonical) for line in page.rows])


def _line(line: OrderLine, *, canonical: bool) -> OrderSummary:
    summary = summary_of(line.status)
    return OrderSummary(
        id=line.order_id,
        external_id=line.external_id,
        friendly_code=line.friendly_code,
        seller_order_id=line.seller_order_id,
        create_date=iso(line.create_us),
        last_update=iso(line.last_update_us),
        channel=line.channel,
        status=summary if canonical else line.status,
        status_name=SUMMARY_NAMES[summary] if canonical else wire_name(line.status),
        is_delivery=line.is_delivery,
        is_short=line.is_short,
        seller=LineSeller(cnpj=line.seller_cnpj, point_sale_id=line.point_sale_id, full_name=line.seller_name),
        buyer=LineBuyer(full_name=line.buyer_name, document=line.buyer_document),
        freight=LineFreight(
            reference=line.freight_reference, description=line.freight_description, amount=line.freight_amount
        ),
        payment_types=[int(kind) for kind in line.payment_types],
        invoice_key=line.invoice_key,
        tracking_code=line.tracking_code,
        sub_total_amount=line.sub_total_amount,
        discount_amount=line.discount_amount,
        freight_amount=line.freight_amount,
        fee_amount=line.fee_amount,
        bonus_amount=line.bonus_amount,
        total_amount=line.total_amount,
    )
