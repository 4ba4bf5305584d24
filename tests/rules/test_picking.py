"""Picking, rejecting, rerouting, handing over: what each decision does and what it refuses."""

from collections.abc import Mapping

import msgspec
import pytest

from balcao.base.errors import Conflict
from balcao.base.values import SellerId, new_id
from balcao.orders.rules.change import Change, Refusal, Shift
from balcao.orders.rules.handing import hand_over
from balcao.orders.rules.model import Order
from balcao.orders.rules.picking import (
    PICKED_IN,
    Pick,
    PickLine,
    Rejection,
    RejectReason,
    Target,
    is_picked,
    lines_of,
    may_pick,
    pick,
    reject,
    reroute,
    why_not_reroute,
)
from balcao.orders.rules.status import Status
from balcao.stock.rules.ledger import Cause
from balcao.stock.rules.model import Level
from tests.rules.order_samples import SKU_A, SKU_B, at, invoice, item, order

NOT_FOUND, DAMAGED, ON_DISPLAY = RejectReason
TARGET = Target(SellerId(new_id()), "11222333000181", "Norte")


def line(picked: int = 0, rejected: int = 0, number: int = 1, **body: str) -> PickLine:
    """A line of two of SKU A, of which so many were picked and rejected."""
    plain = item(number)
    return PickLine(
        msgspec.structs.replace(plain, body=msgspec.structs.replace(plain.body, **body)), picked, rejected, None
    )


def level(on_hand: int) -> Level:
    return Level(on_hand=on_hand, reserved=2, safety_stock=0)


def conflict(decided: object, code: str) -> Conflict:
    assert isinstance(decided, Conflict), decided
    assert decided.code == code
    return decided


@pytest.mark.parametrize("code", ["7891", "A", " a ", "erp-a", "ERP-A "])
def test_a_scan_by_any_of_its_codes(code: str) -> None:
    lines = [line(barcode="7891", aux_code="ERP-a"), line(number=2)]
    assert pick(lines, code, 1) == Pick(1, 1, 0)
    assert pick(lines, code, 2) == Pick(1, 2, 0)


def test_a_second_line_of_the_same_sku_takes_what_the_first_has_no_room_for() -> None:
    two = msgspec.structs.replace(line().item, line=3)
    lines = [line(picked=2), PickLine(two, 1, 0, None)]
    assert pick(lines, "A", 1) == Pick(3, 2, 0)
    assert conflict(pick(lines, "A", 2), "picked_enough").facts == {"left": 1}


@pytest.mark.parametrize("code", ["", " ", "C", "AB", "7891x"])
def test_the_wrong_thing_is_refused(code: str) -> None:
    assert conflict(pick([line(barcode="7891")], code, 1), "wrong_item").facts == {"scanned": code.strip()}


@pytest.mark.parametrize(
    ("picked", "rejected", "quantity", "left"), [(0, 0, 3, 2), (1, 1, 1, 0), (2, 0, 1, 0), (0, 0, 0, 2)]
)
def test_more_than_is_wanted_is_refused(picked: int, rejected: int, quantity: int, left: int) -> None:
    assert conflict(pick([line(picked, rejected)], "A", quantity), "picked_enough").facts == {"left": left}


def test_everything_lies_in_the_box() -> None:
    whole = order()
    assert not is_picked(lines_of(whole, []))
    assert not is_picked(lines_of(whole, [Pick(1, 2, 0), Pick(2, 1, 1)]))
    assert is_picked(lines_of(whole, [Pick(1, 2, 0), Pick(2, 2, 0)]))


@pytest.mark.parametrize("status", Status)
def test_when_orders_are_picked(status: Status) -> None:
    assert may_pick(order(status)) is (status in PICKED_IN)
    assert not may_pick(order(status, passed=frozenset({Status.SEPARATE})))


@pytest.mark.parametrize(
    ("reason", "on_hand", "picked", "quantity", "shift", "cause"),
    [
        (NOT_FOUND, 5, 0, 1, Shift(SKU_A, -5, 0), Cause.CORRECTED),
        (NOT_FOUND, 5, 1, 1, Shift(SKU_A, -4, 0), Cause.CORRECTED),
        (NOT_FOUND, 1, 1, 1, None, Cause.CORRECTED),
        (DAMAGED, 5, 0, 2, Shift(SKU_A, -2, 0), Cause.CORRECTED),
        (DAMAGED, 1, 0, 2, Shift(SKU_A, -1, 0), Cause.CORRECTED),
        (DAMAGED, 0, 0, 1, None, Cause.CORRECTED),
        (ON_DISPLAY, 5, 0, 2, Shift(SKU_A, 0, 2), Cause.HELD),
    ],
)
def test_a_rejection_puts_the_stock_right(
    reason: RejectReason, on_hand: int, picked: int, quantity: int, shift: Shift | None, cause: Cause
) -> None:
    made = reject(order(), line(picked), reason, quantity, level(on_hand))
    assert isinstance(made, Rejection)
    assert made.pick == Pick(1, picked, quantity, reason)
    assert made.held == (quantity if reason is ON_DISPLAY else 0)
    assert (made.change.shifts, made.change.cause) == (() if shift is None else (shift,), cause)
    assert made.change.facts["reason"] == reason.value


@pytest.mark.parametrize(("picked", "rejected", "quantity"), [(0, 0, 0), (0, 0, 3), (1, 1, 1), (2, 0, 1), (0, 0, -1)])
def test_no_more_is_rejected_than_is_left(picked: int, rejected: int, quantity: int) -> None:
    conflict(reject(order(), line(picked, rejected), DAMAGED, quantity, level(9)), "picked_enough")


def test_a_store_that_never_counted_has_nothing_to_lose() -> None:
    made = reject(order(), line(), NOT_FOUND, 1, None)
    assert isinstance(made, Rejection)
    assert made.change.shifts == ()


def consumed(whole: Order) -> Order:
    items = tuple(msgspec.structs.replace(each, reserved=0, consumed=each.quantity) for each in whole.items)
    return msgspec.structs.replace(whole, items=items)


def test_which_orders_stay_where_they_are() -> None:
    assert why_not_reroute(order()) is None
    assert why_not_reroute(order(is_delivery=False)) == "the shopper collects it in this store"
    assert why_not_reroute(order(invoices=(invoice(),))) == "the order is invoiced by this store"
    assert why_not_reroute(consumed(order())) == "the order is invoiced by this store"
    for status in set(Status) - PICKED_IN:
        assert why_not_reroute(order(status)) == "the order is not being picked", status


def test_a_rerouted_order_takes_its_reservations_along() -> None:
    before = order(seller_order_id="PV-1")
    made = reroute(at(before), TARGET, {SKU_A: 2, SKU_B: 9})
    assert isinstance(made, Change)
    assert (made.order.seller_id, made.order.seller_cnpj, made.order.seller_order_id) == (*TARGET[:2], None)
    assert made.order.status is before.status
    assert made.shifts == (
        Shift(SKU_A, 0, -2, before.seller_id),
        Shift(SKU_B, 0, -2, before.seller_id),
        Shift(SKU_A, 0, 2, TARGET.seller_id),
        Shift(SKU_B, 0, 2, TARGET.seller_id),
    )
    assert made.facts["sellerCnpjBefore"] == before.seller_cnpj


def test_where_an_order_is_not_sent() -> None:
    here = order()
    own = Target(here.seller_id, here.seller_cnpj, "Centro")
    cases: list[tuple[Target, Mapping[object, int], str]] = [
        (TARGET, {SKU_A: 2, SKU_B: 1}, "the other store has not enough of it"),
        (TARGET, {SKU_A: 2}, "the other store has not enough of it"),
        (own, {SKU_A: 9, SKU_B: 9}, "it is there already"),
    ]
    for to, left, why in cases:
        assert conflict(reroute(at(here), to, left), "not_rerouted").facts["reason"] == why


READY = order(Status.READY_FOR_PICKUP, is_delivery=False)
CPF = READY.body.buyer.cpf or ""


def test_handed_over_for_code_and_document() -> None:
    for code, document in ((READY.friendly_code, CPF), (f" {READY.friendly_code.lower()} ", f"{CPF[:3]}.{CPF[3:]}")):
        made = hand_over(at(READY), code, document)
        assert isinstance(made, Change)
        assert (made.order.status, made.facts["handedOver"]) == (Status.FINALIZED, True)


def test_who_was_named_may_collect() -> None:
    named = msgspec.structs.replace(READY, body=msgspec.structs.replace(READY.body, cpf_pickup="52998224725"))
    assert isinstance(hand_over(at(named), READY.friendly_code, "529.982.247-25"), Change)
    assert isinstance(hand_over(at(named), READY.friendly_code, CPF), Change)


@pytest.mark.parametrize(
    ("whole", "code", "document", "refusal"),
    [
        (READY, "", CPF, "wrong_pickup_code"),
        (READY, "ZZZ", CPF, "wrong_pickup_code"),
        (READY, READY.friendly_code, "", "wrong_document"),
        (READY, READY.friendly_code, "11144477735", "wrong_document"),
        (order(Status.IN_DELIVERY), READY.friendly_code, CPF, "refused_transition"),
        (order(Status.PENDING_CREATE, is_delivery=False), READY.friendly_code, CPF, "refused_transition"),
        (order(Status.CANCELED_BY_BUYER, is_delivery=False), READY.friendly_code, CPF, "refused_transition"),
    ],
)
def test_who_gets_nothing(whole: Order, code: str, document: str, refusal: str) -> None:
    decided = hand_over(at(whole), code, document)
    assert isinstance(decided, Refusal), decided
    assert decided.error.code == refusal


def test_what_was_handed_over_stays_so() -> None:
    assert hand_over(at(order(Status.FINALIZED, is_delivery=False)), "", "") is None
