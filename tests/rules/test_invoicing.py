"""Invoices, trackings and labels: what they do to an order and when it refuses them."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from balcao.base.errors import BalcaoError, Invalid
from balcao.orders.rules.change import Change, Decision, Note, Refusal, Shift, facts_of
from balcao.orders.rules.invoicing import covered, invoice, label, track, why_not_invoice
from balcao.orders.rules.model import Label, Order, PaymentStatus, PaymentType, Tracking
from balcao.orders.rules.status import Status
from tests.rules import order_samples as samples
from tests.rules.order_samples import CNPJ, KEY, SKU_A, SKU_B, at, item, order, payment, unpaid

OTHER_KEY = KEY[:-1] + "9"
PARCEL = Tracking(carrier_name="Correios", code="BR1", link="https://example.com/BR1", delivery_date="2026-08-12")
PDF = Label(number=0, file_name="etiqueta.pdf", content_type="application/pdf", path="qaapp/1/label_ab.pdf")
CASH = payment(status=PaymentStatus.PENDING, kind=PaymentType.CASH_ON_PICKUP)


def invoiced(order: Order, *, key_owner: str | None = None, **made: Any) -> Decision | BalcaoError:
    return invoice(at(order), samples.invoice(**made), seller_order_id=None, key_owner=key_owner)


def change(decision: Decision | BalcaoError) -> Change:
    assert isinstance(decision, Change), decision
    return decision


def refusal(decision: Decision | BalcaoError) -> Refusal:
    assert isinstance(decision, Refusal), decision
    return decision


def test_an_invoice_moves_the_order_and_takes_the_goods() -> None:
    before = order(Status.PROCESSING)
    done = change(invoice(at(before), samples.invoice(), seller_order_id="PV-7", key_owner=None))
    assert (done.order.status, done.order.seller_order_id) == (Status.INVOICE_CREATED, "PV-7")
    assert done.order.invoices == (samples.invoice(),)
    assert done.shifts == (Shift(SKU_A, -2, -2), Shift(SKU_B, -2, -2))
    assert [(line.reserved, line.consumed) for line in done.order.items] == [(0, 2), (0, 2)]
    assert (done.event, done.steps) == ("order.invoiced", (Status.INVOICE_CREATED,))
    assert done.notes == (
        Note("Status", "Nota fiscal emitida / Invoice issued", "InvoiceCreated (20)"),
        Note("Invoice", "Nota fiscal / Invoice NF-e 1/1", f"NF-e 1/1, {KEY}"),
    )
    assert done.facts == {
        "orderId": str(before.order_id),
        "externalId": "NEOMODE-1",
        "statusBefore": "Processing",
        "status": "InvoiceCreated",
        "invoiceKey": KEY,
        "totalAmount": Decimal("40.00"),
    }


@pytest.mark.parametrize("status", [2, 3, 4, 5, 6])
def test_a_paid_order_is_invoiced_from_wherever_the_erp_skips(status: int) -> None:
    assert change(invoiced(order(Status(status)))).order.status is Status.INVOICE_CREATED


@pytest.mark.parametrize("status", [6, 20, 7, 8])
def test_a_further_invoice_leaves_the_order_where_it_is(status: int) -> None:
    known = samples.invoice(total="10.00", items={"A": 1})
    further = order(
        Status(status),
        invoices=(known,),
        items=(item(1, reserved=1, consumed=1), item(2)),
        passed=frozenset({Status.INVOICE_CREATED, Status(status)}),
    )
    done = change(invoiced(further, key=OTHER_KEY, total="30.00"))
    assert (done.order.status, done.steps) == (status, ())
    assert done.order.invoices[1].access_key == OTHER_KEY
    assert done.shifts == (Shift(SKU_A, -1, -1), Shift(SKU_B, -2, -2))


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (9, "the order is closed"),
        (10, "the order is closed"),
        (11, "the order is closed"),
        (12, "the order is closed"),
        (21, "the order is closed"),
        (13, "InvoiceCreated does not follow PendingCancel"),
        (17, "InvoiceCreated does not follow PendingUpdate"),
    ],
)
def test_where_no_invoice_is_taken(status: int, why: str) -> None:
    no = refusal(invoiced(order(Status(status), resume_status=Status.PROCESSING)))
    assert no.error.facts["reason"] == why
    assert no.error.facts["to"] == "InvoiceCreated"
    assert no.note.type == "Refused"


@pytest.mark.parametrize("status", [0, 1, 14, 15])
def test_an_unpaid_order_is_not_invoiced_unless_it_is_paid_on_pickup(status: int) -> None:
    assert refusal(invoiced(unpaid(Status(status)))).error.facts["reason"] == "the order is not paid"
    pickup = unpaid(Status(status), is_delivery=False, payments=(CASH,))
    assert change(invoiced(pickup)).order.status is Status.INVOICE_CREATED
    assert why_not_invoice(at(unpaid(Status(status)), paid_on_create=True)) is None


def test_the_same_key_again_changes_nothing() -> None:
    for status in Status:
        assert invoiced(order(status, invoices=(samples.invoice(),))) is None


def test_a_key_of_another_order_is_refused() -> None:
    no = refusal(invoiced(order(), key_owner="0198"))
    assert (no.error.code, no.error.detail) == ("invoice_key_taken", f"The invoice {KEY} belongs to another order.")
    assert no.note == Note("Refused", "Nota fiscal recusada / Invoice refused", no.error.detail)


@pytest.mark.parametrize(
    ("known", "total", "text"),
    [
        ([], "40.01", "The order's invoices would come to 40.01, more than its total of 40.00."),
        (["30.00"], "10.01", "The order's invoices would come to 40.01, more than its total of 40.00."),
        (["30.00", None], "20", "The order's invoices would come to 50.00, more than its total of 40.00."),
    ],
)
def test_invoices_beyond_the_total_are_refused(known: list[str | None], total: str, text: str) -> None:
    before = order(
        Status.SEPARATE,
        invoices=tuple(samples.invoice(KEY[:-2] + f"{n:02}", total, {"A": 0}) for n, total in enumerate(known)),
    )
    no = refusal(invoiced(before, key=OTHER_KEY, total=total))
    assert (no.error.code, no.error.detail) == ("invoice_exceeds_order", text)


@pytest.mark.parametrize("total", ["40.00", "39.99", "0", None])
def test_invoices_up_to_the_total_are_taken(total: str | None) -> None:
    assert change(invoiced(order(), total=total)).order.status is Status.INVOICE_CREATED


def test_part_of_the_items() -> None:
    first = change(invoiced(order(), total="10.00", items={"A": 1}))
    assert first.order.status is Status.INVOICE_CREATED
    assert first.shifts == (Shift(SKU_A, -1, -1),)
    second = change(invoiced(first.order, key=OTHER_KEY, total="30.00", items={"A": 1, "B": 2}))
    assert second.shifts == (Shift(SKU_A, -1, -1), Shift(SKU_B, -2, -2))
    assert [(line.reserved, line.consumed) for line in second.order.items] == [(0, 2), (0, 2)]


def test_parts_of_a_sku_that_stands_on_two_lines() -> None:
    """The second invoice takes what the first left on the second line, not the first line again."""
    twice = order(items=(item(1), item(3)))
    first = change(invoiced(twice, total="30.00", items={"A": 3}))
    assert [(line.reserved, line.consumed) for line in first.order.items] == [(0, 2), (1, 1)]
    second = change(invoiced(first.order, key=OTHER_KEY, total="10.00", items={"A": 1}))
    assert [(line.reserved, line.consumed) for line in second.order.items] == [(0, 2), (0, 2)]
    assert second.shifts == (Shift(SKU_A, -1, -1),)


@pytest.mark.parametrize(
    ("known", "asked", "text"),
    [
        ({}, {"A": 3}, "A: 3 invoiced, 2 open"),
        ({}, {"C": 1}, "C: 1 invoiced, 0 open"),
        ({"A": 1}, {"A": 2, "B": 3}, "A: 2 invoiced, 1 open; B: 3 invoiced, 2 open"),
    ],
)
def test_more_items_than_are_left_to_invoice(known: dict[str, int], asked: dict[str, int], text: str) -> None:
    invoices = (samples.invoice(total="1", items=known),) if known else ()
    no = invoiced(order(Status.SEPARATE, invoices=invoices), key=OTHER_KEY, total="1", items=asked)
    assert isinstance(no, Invalid)
    assert no.errors == {"items": [f"The order has not so many left to invoice: {text}."]}


def test_an_invoice_of_everything_leaves_nothing_to_name() -> None:
    whole = change(invoiced(order(), total="20.00")).order
    assert isinstance(covered(whole, samples.invoice(OTHER_KEY, "20.00", {"A": 1})), Invalid)
    assert change(invoiced(whole, key=OTHER_KEY, total="20.00")).shifts == ()


def test_an_order_that_reserved_nothing_loses_nothing() -> None:
    off = order(items=(item(1, reserved=0), item(2, reserved=0)))
    assert change(invoiced(off)).shifts == ()


def test_another_stores_invoice_is_taken_with_a_warning() -> None:
    ours, theirs = (
        msgspec.structs.replace(samples.invoice(), body=msgspec.structs.replace(samples.invoice().body, issuer=issuer))
        for issuer in (CNPJ, "11222333000181")
    )
    warned = change(invoice(at(order()), theirs, seller_order_id=None, key_owner=None))
    assert [note.type for note in warned.notes] == ["Status", "Invoice", "Warning"]
    assert warned.notes[2].internal == f"issued by 11222333000181, the order's store is {CNPJ}"
    quiet = change(invoice(at(order()), ours, seller_order_id=None, key_owner=None))
    assert [note.type for note in quiet.notes] == ["Status", "Invoice"]


def test_a_tracking_ships_the_order() -> None:
    before = order(Status.INVOICE_CREATED, invoices=(samples.invoice(),))
    done = change(track(at(before), PARCEL))
    assert (done.order.status, done.order.body.tracking) == (Status.IN_DELIVERY, PARCEL)
    assert (done.event, done.steps, done.shifts) == ("order.tracked", (Status.IN_DELIVERY,), ())
    assert [note.type for note in done.notes] == ["Status", "Tracking"]
    assert done.notes[1].internal == "carrierName Correios, trackingCode BR1, trackingLink https://example.com/BR1"
    assert done.facts | {"orderId": "", "externalId": ""} == {
        "orderId": "",
        "externalId": "",
        "statusBefore": "InvoiceCreated",
        "status": "InDelivery",
        "carrierName": "Correios",
        "trackingCode": "BR1",
        "trackingLink": "https://example.com/BR1",
    }
    assert track(at(done.order), PARCEL) is None


def test_a_tracking_without_details_ships_too() -> None:
    done = change(track(at(order(Status.SEPARATE, invoices=(samples.invoice(),))), Tracking()))
    assert (done.order.status, done.order.body.tracking) == (Status.IN_DELIVERY, None)
    assert done.notes[1].internal == "no tracking details"


def test_later_news_keeps_what_it_does_not_say() -> None:
    shipped = change(track(at(order(Status.SEPARATE, invoices=(samples.invoice(),))), PARCEL)).order
    told = change(track(at(shipped), Tracking(code="BR2")))
    assert told.order.body.tracking == msgspec.structs.replace(PARCEL, code="BR2")
    assert (told.order.status, told.steps) == (Status.IN_DELIVERY, ())
    assert track(at(shipped), Tracking(carrier_name="Correios")) is None


@pytest.mark.parametrize(
    ("before", "settings", "why"),
    [
        (unpaid(), {}, "the order is not paid"),
        (order(), {}, "the order has no invoice"),
        (order(is_delivery=False, invoices=(samples.invoice(),)), {}, "the order is collected in the store"),
        (order(Status.PENDING_CANCEL, invoices=(samples.invoice(),)), {}, "InDelivery does not follow PendingCancel"),
        (order(Status.FINALIZED, invoices=(samples.invoice(),)), {}, "Finalized is final"),
        (order(Status.CANCELED_BY_BUYER), {}, "CanceledByBuyer is final"),
    ],
)
def test_what_does_not_ship(before: Order, settings: dict[str, Any], why: str) -> None:
    no = refusal(track(at(before, **settings), PARCEL))
    assert no.error.facts["reason"] == why
    assert no.error.facts["to"] == "InDelivery"


def test_an_order_ships_without_invoice_where_the_channel_says_so() -> None:
    done = change(track(at(order(), ship_without_invoice=True), PARCEL))
    assert (done.order.status, done.shifts) == (Status.IN_DELIVERY, ())
    assert facts_of(at(done.order)).has_invoice is False


def test_a_repeat_of_the_tracking_after_the_delivery_changes_nothing() -> None:
    body = msgspec.structs.replace(order().body, tracking=PARCEL)
    assert track(at(order(Status.FINALIZED, body=body)), PARCEL) is None


def test_a_label_comes_with_its_tracking_and_does_not_ship() -> None:
    before = order(Status.INVOICE_CREATED, invoices=(samples.invoice(),))
    done = change(label(at(before), PDF, PARCEL, "PLP-1"))
    assert done.order.labels == (msgspec.structs.replace(PDF, number=1),)
    assert (done.order.body.tracking, done.order.body.plp) == (PARCEL, "PLP-1")
    assert (done.order.status, done.event, done.steps) == (Status.INVOICE_CREATED, "order.labelled", ())
    assert done.facts["label"] == "etiqueta.pdf"


def test_labels_are_numbered_as_they_come_and_the_same_file_comes_once() -> None:
    first = change(label(at(order(invoices=(samples.invoice(),))), PDF, Tracking(), None)).order
    assert label(at(first), PDF, Tracking(), None) is None
    again = change(label(at(first), PDF, Tracking(code="BR1"), None))
    assert (len(again.order.labels), again.facts["label"]) == (1, None)
    second = change(label(at(first), msgspec.structs.replace(PDF, path="other"), Tracking(), None)).order
    assert [(one.number, one.path) for one in second.labels] == [(1, "qaapp/1/label_ab.pdf"), (2, "other")]


def test_a_label_needs_an_invoice_unless_the_channel_ships_without() -> None:
    assert refusal(label(at(order()), PDF, PARCEL, None)).error.facts["reason"] == "the order has no invoice"
    assert isinstance(label(at(order(), ship_without_invoice=True), PDF, PARCEL, None), Change)


@pytest.mark.parametrize("status", [9, 10, 11, 12, 21])
def test_a_closed_order_takes_no_label(status: int) -> None:
    no = refusal(label(at(order(Status(status), invoices=(samples.invoice(),))), PDF, PARCEL, None))
    assert no.error.facts["reason"] == "the order is closed"


def test_a_postal_list_alone_is_news() -> None:
    known = order(invoices=(samples.invoice(),))
    told = change(label(at(known), None, Tracking(), "PLP-1"))
    assert (told.order.body.plp, told.order.labels) == ("PLP-1", ())
    assert label(at(told.order), None, Tracking(), None) is None
