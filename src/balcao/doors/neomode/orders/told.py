"""What is told of an order after its creation: payments, invoices, trackings, labels, moves, cancellations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec

from balcao.doors.neomode.orders.asked import PAYMENTS_MAX, Note, Short, Text
from balcao.doors.wire import Money, Quantity, Wire
from balcao.orders.rules.moving import CancelledBy

XML_TEXT_MAX = 4 * 1024 * 1024
LABEL_TEXT_MAX = 7 * 1024 * 1024


class PaymentMethodTold(Wire, kw_only=True):
    """Which of the order's payments this is about."""

    type: Annotated[int, msgspec.Meta(ge=1, le=7)] | None = None
    brand: Short | None = None
    info: Short | None = None
    modality: int | Short | None = None
    card_holder_name: Short | None = None
    card_last_digits: Annotated[str, msgspec.Meta(max_length=4)] | None = None


class PaymentTold(Wire, kw_only=True):
    """What became of one payment. Without `paymentStatus` it is captured, unless the two flags say otherwise."""

    __example__: ClassVar[Any] = {
        "nsu": "000123456",
        "authorizationCode": "A1B2C3",
        "brand": "Visa",
        "amount": 21,
        "paymentMethod": {"type": 7},
    }

    amount: Money | None = None
    nsu: int | Short | None = None
    authorization_code: int | Short | None = None
    tid: int | Short | None = None
    brand: Short | None = None
    acquirer_message: Short | None = None
    acquirer_approval_code: int | Short | None = None
    quantity_installments: Annotated[int, msgspec.Meta(ge=1, le=99)] | None = None
    payment_status: Annotated[int, msgspec.Meta(ge=0, le=5)] | None = None
    card_holder_name: Short | None = None
    card_last_digits: Annotated[str, msgspec.Meta(max_length=4)] | None = None
    external_order_id: Short | None = None
    is_authorized: bool | None = None
    is_captured: bool | None = None
    payment_method: PaymentMethodTold | None = None


class PaymentsTold(PaymentTold, kw_only=True):
    """One payment's news flat, or several as `paymentList`."""

    payment_list: Annotated[list[PaymentTold], msgspec.Meta(max_length=PAYMENTS_MAX)] | None = None


class InvoicedItemTold(Wire, kw_only=True):
    """How many of a SKU the invoice covers."""

    sku_code: Text
    quantity: Quantity


class InvoiceTold(Wire, kw_only=True):
    """An invoice's facts; with `xmlString` (the NF-e in Base64, or raw) they are read from the XML and must agree."""

    key: Short | None = None
    number: int | Short | None = None
    serie_number: int | Short | None = None
    total_amount: Money | None = None
    xml_url: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    file_url: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    issuance_date: datetime | None = None
    xml_string: str | None = None
    items: Annotated[list[InvoicedItemTold], msgspec.Meta(max_length=1000)] | None = None


class SellerTold(Wire, kw_only=True):
    """The store that issued the invoice, as some ERPs send it along."""

    cnpj: Short | None = None
    point_sale_id: Short | None = None


class InvoiceDetails(InvoiceTold, kw_only=True):
    """An invoice flat, or under `invoice`, with the store's own number of the order beside."""

    __example__: ClassVar[Any] = {
        "invoice": {
            "key": "35260804109169000135550010000001231000001233",
            "number": "123",
            "serieNumber": "1",
            "totalAmount": 11.0,
            "xmlUrl": "https://erp.example/nfe/123.xml",
            "fileUrl": "https://erp.example/nfe/123.pdf",
        },
        "sellerOrderId": "ERP-0042",
    }

    invoice: InvoiceTold | None = None
    seller_order_id: int | Short | None = None
    seller: SellerTold | Short | None = None


class TrackingTold(Wire, kw_only=True):
    """How the order travels; `deliveryDate` as `dd/MM/yyyy`, `yyyy-MM-dd` or ISO 8601."""

    __aliases__: ClassVar[Mapping[str, str]] = {"carrier": "carrierName"}
    __example__: ClassVar[Any] = {
        "carrierName": "SEDEX",
        "trackingLink": "https://rastreio.example/BR123456789BR",
        "trackingCode": "BR123456789BR",
        "deliveryDate": "31/08/2026",
    }

    carrier_name: Short | None = None
    tracking_link: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    tracking_code: Short | None = None
    delivery_date: Short | None = None


class LabelFile(Wire, kw_only=True):
    """A label's file: PDF, PNG or ZPL in Base64."""

    content: str
    file_name: Short | None = None
    content_type: Short | None = None


class LabelTold(TrackingTold, kw_only=True):
    """A carrier's label and tracking; `plp` is the postal list."""

    plp: Short | None = None
    label: LabelFile | None = None


class StatusTold(Wire, kw_only=True):
    """Where the order moves: `status` by id or name."""

    __example__: ClassVar[Any] = {
        "status": "ApprovedExternal",
        "message": "picked by the ERP",
        "sellerOrderId": "ERP-0042",
    }

    status: int | Text
    message: Note | None = None
    seller_order_id: int | Short | None = None


class CancelTold(Wire, kw_only=True):
    """Why the order is cancelled, and in whose name; without `by`, the caller's own."""

    __example__: ClassVar[Any] = {"reason": "the shopper changed their mind", "by": "buyer"}

    reason: Note = ""
    by: CancelledBy | None = None
