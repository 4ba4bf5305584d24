"""Statuses both ways: what OmniChat tells of orders, what it is told, and cancellations at any time."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from balcao.base.db import Database
from balcao.base.values import OrderId
from balcao.omnichat.rules.model import Checkout, HookKind
from balcao.orders.cancel import CancelOrder, cancel_orders
from balcao.orders.change import Outcome
from balcao.orders.invoice import InvoiceOrder, invoice_orders
from balcao.orders.move import MoveOrder, move_orders
from balcao.orders.rules.model import Order, Tracking
from balcao.orders.rules.moving import CancelledBy
from balcao.orders.rules.status import Status
from balcao.orders.track import TrackOrder, track_orders
from balcao.tenants.rules import Role
from tests.rules.order_samples import invoice
from tests.verbs.chat_shop import ChatShop, asked, chat_shop

T1, T2, T3 = "2026-09-21T12:00:01.000Z", "2026-09-21T12:00:02.000Z", "2026-09-21T12:00:03.000Z"


@pytest.fixture
async def chat(db: Database, tmp_path: Path) -> AsyncIterator[ChatShop]:
    async with chat_shop(db, tmp_path, ship_without_invoice=True) as chat:
        yield chat


async def _provisioned(chat: ChatShop, **over: Any) -> tuple[str, OrderId]:
    body = asked(**over)
    await chat.hook(body)
    await chat.settle()
    return body["objectId"], (await chat.find(body["objectId"])).order_id


async def _move(chat: ChatShop, order_id: OrderId, to: Status) -> Outcome:
    outcome = await chat.shop.one(move_orders, MoveOrder(caller=chat.shop.caller(), order_id=order_id, to=to))
    assert isinstance(outcome, Order), outcome
    return outcome


async def _status(chat: ChatShop, order_id: OrderId) -> Status:
    return (await chat.shop.order(order_id)).status


async def test_paid_packed_shipped_delivered(chat: ChatShop) -> None:
    object_id, order_id = await _provisioned(chat)
    await chat.status(object_id, "PAID", T1)
    await chat.settle()
    assert await _status(chat, order_id) is Status.PENDING_CREATE
    await _move(chat, order_id, Status.SEPARATE)
    tracking = Tracking(carrier_name="Correios", code="BR1", link="https://t.example.com/BR1")
    await chat.shop.one(track_orders, TrackOrder(caller=chat.shop.caller(), order_id=order_id, tracking=tracking))
    await _move(chat, order_id, Status.FINALIZED)
    await chat.settle()
    expected = ["ORDER_GATEWAY_PROVISIONED", "PACKAGED", "SHIPPED", "DELIVERED"]
    assert chat.statuses(object_id) == expected
    shipped = chat.told()[2][2]
    assert shipped["message"] == "Pedido enviado / Order shipped, Correios, BR1, https://t.example.com/BR1"
    assert await chat.shop.level("1") == (95, 0)


async def test_ready_for_pickup_is_shipped(chat: ChatShop) -> None:
    object_id, order_id = await _provisioned(chat, shippingMethod="PICKUP", shippingAddress=...)
    await chat.status(object_id, "PAID", T1)
    await chat.settle()
    await _move(chat, order_id, Status.READY_FOR_PICKUP)
    await chat.settle()
    assert chat.statuses(object_id) == ["ORDER_GATEWAY_PROVISIONED", "SHIPPED"]


async def test_a_part_is_shipped_and_then_the_rest(chat: ChatShop) -> None:
    second = json.loads(json.dumps(asked()["items"][0])) | {"productReference": "2", "objectId": "I2"}
    body = asked()
    body["items"].append(second)
    await chat.hook(body)
    await chat.settle()
    object_id, order_id = body["objectId"], (await chat.find(body["objectId"])).order_id
    await chat.status(object_id, "PAID", T1)
    await chat.settle()
    for n, code in enumerate(("1", "2")):
        note = invoice(key=f"3526080410916900013555001000000{n}{'0' * 12}", items={code: 5}, total="10")
        cmd = InvoiceOrder(caller=chat.shop.caller(), order_id=order_id, invoice=note)
        invoiced: Outcome = await chat.shop.one(invoice_orders, cmd)
        assert isinstance(invoiced, Order)
        if n == 0:
            track = TrackOrder(caller=chat.shop.caller(), order_id=order_id, tracking=Tracking(code="BR1"))
            tracked: Outcome = await chat.shop.one(track_orders, track)
            assert isinstance(tracked, Order)
    await chat.settle()
    assert chat.statuses(object_id) == ["ORDER_GATEWAY_PROVISIONED", "PARTIALLY_SHIPPED", "SHIPPED"]


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        ("CANCELLED", Status.CANCELED_BY_BUYER),
        ("NOT_PAID", Status.CANCELED_BY_PROCESSOR),
        ("ERROR", Status.CANCELED_BY_PROCESSOR),
        ("REVERTED", Status.CANCELED_BY_PROCESSOR),
    ],
)
async def test_what_cancels(chat: ChatShop, status: str, ours: Status) -> None:
    object_id, order_id = await _provisioned(chat)
    await chat.status(object_id, status, T1)
    await chat.settle()
    assert await _status(chat, order_id) is ours
    assert await chat.shop.level("1") == (100, 0)
    assert await chat.outcome(object_id) == ("cancelled", None)
    assert chat.statuses(object_id) == ["ORDER_GATEWAY_PROVISIONED", "CANCELLED"]


@pytest.mark.parametrize("status", ["PARTIAL_PAID", "COLLECT_PAYMENT", "WAITING", "OPEN", "SOMETHING_NEW"])
async def test_what_is_only_logged(chat: ChatShop, status: str) -> None:
    object_id, order_id = await _provisioned(chat)
    await chat.status(object_id, status, T1)
    await chat.settle()
    assert await _status(chat, order_id) is Status.PENDING
    assert await chat.shop.logs(order_id, "OmniChat") == [f"OmniChat: {status} (m)"]
    assert await chat.outcome(object_id) == ("logged", None)


async def test_more_than_due_is_paid_and_logged(chat: ChatShop) -> None:
    object_id, order_id = await _provisioned(chat)
    await chat.status(object_id, "OVER_PAID", T1)
    await chat.settle()
    assert await _status(chat, order_id) is Status.PENDING_CREATE
    assert await chat.shop.logs(order_id, "OmniChat") == ["OmniChat: OVER_PAID (m)"]


async def test_an_echo_is_ignored(chat: ChatShop) -> None:
    object_id, order_id = await _provisioned(chat)
    for status in ("CANCELLED", "PAID", "ORDER_GATEWAY_PROVISIONED"):
        await chat.status(object_id, status, T1, responsible="balcao")
    await chat.settle()
    assert await _status(chat, order_id) is Status.PENDING
    assert [line.outcome for line in (await chat.lines())[object_id]] == ["provisioned", "echo", "echo", "echo"]


async def test_each_notification_counts_once(chat: ChatShop) -> None:
    object_id, _ = await _provisioned(chat)
    for _ in range(3):
        await chat.status(object_id, "PAID", T1)
    await chat.settle()
    await chat.status(object_id, "PAID", T1)
    await chat.settle()
    assert len((await chat.lines())[object_id]) == 2
    assert [event["type"] for event in await chat.shop.events()] == ["order.placed", "order.paid"]


async def test_before_the_provisioning_it_waits_for_it(chat: ChatShop) -> None:
    body = asked()
    await chat.status(body["objectId"], "CANCELLED", T2)
    await chat.status(body["objectId"], "PAID", T1)
    await chat.settle()
    assert [line.is_parked for line in (await chat.lines())[body["objectId"]]] == [True, True]
    await chat.hook(body)
    await chat.settle()
    order = await chat.find(body["objectId"])
    assert order.status is Status.CANCELED_BY_BUYER
    assert Status.PENDING_CREATE in order.passed
    assert chat.statuses(body["objectId"]) == ["ORDER_GATEWAY_PROVISIONED", "CANCELLED"]
    assert await chat.shop.level("1") == (100, 0)


async def test_of_one_that_was_refused_nothing_comes(chat: ChatShop) -> None:
    body = asked(items=[])
    await chat.hook(body)
    await chat.status(body["objectId"], "PAID", T1)
    await chat.settle()
    assert await chat.outcome(body["objectId"]) == ("logged", "o pedido não foi provisionado")
    assert chat.statuses(body["objectId"]) == ["CANCELLED"]


async def test_an_overtaken_refusal_of_payment_does_not_cancel(chat: ChatShop) -> None:
    object_id, order_id = await _provisioned(chat)
    await chat.status(object_id, "PAID", T2)
    await chat.settle()
    await chat.status(object_id, "NOT_PAID", T1)
    await chat.settle()
    assert await _status(chat, order_id) is Status.PENDING_CREATE
    await chat.status(object_id, "REVERTED", T3)
    await chat.settle()
    assert await _status(chat, order_id) is Status.CANCELED_BY_PROCESSOR


async def test_paid_after_cancellation_is_kept_for_the_operator(chat: ChatShop) -> None:
    object_id, order_id = await _provisioned(chat)
    await chat.hook({"objectId": object_id}, HookKind.CANCELLATION)
    await chat.settle()
    await chat.status(object_id, "PAID", T1)
    await chat.settle()
    assert await _status(chat, order_id) is Status.CANCELED_BY_BUYER
    assert len(await chat.shop.logs(order_id, "PaidAfterCancellation")) == 1
    assert chat.statuses(object_id)[1:] == ["CANCELLED"]


@pytest.mark.parametrize("said", ["", "2099-01-01T00:00:00Z"])
async def test_paid_there_after_it_was_told_of_the_cancellation_it_is_told_again(chat: ChatShop, said: str) -> None:
    object_id, order_id = await _provisioned(chat)
    cmd = CancelOrder(caller=chat.shop.caller(), order_id=order_id, by=CancelledBy.SELLER, reason="sem peça")
    await chat.shop.one(cancel_orders, cmd)
    await chat.settle()
    await chat.status(object_id, "PAID", said)
    await chat.settle()
    assert chat.statuses(object_id) == ["ORDER_GATEWAY_PROVISIONED", "CANCELLED", "CANCELLED"]
    assert chat.told()[-1][2]["message"] == "Pedido cancelado / Order cancelled, PAID (m)"
    assert len(await chat.shop.logs(order_id, "PaidAfterCancellation")) == 1


async def test_paid_once_more_after_its_cancellation_it_is_told_again(chat: ChatShop) -> None:
    object_id, order_id = await _provisioned(chat)
    await chat.status(object_id, "PAID", T1)
    await chat.settle()
    cmd = CancelOrder(caller=chat.shop.caller(), order_id=order_id, by=CancelledBy.SELLER, reason="sem peça")
    await chat.shop.one(cancel_orders, cmd)
    await chat.settle()
    await chat.status(object_id, "PAID", "2099-01-01T00:00:00Z")
    await chat.settle()
    assert chat.statuses(object_id) == ["ORDER_GATEWAY_PROVISIONED", "CANCELLED", "CANCELLED"]
    assert await chat.outcome(object_id) == ("logged", "o pedido já está cancelado")
    assert await _status(chat, order_id) is Status.CANCELED_BY_SELLER


STAGES = ["placed", "paid", "packed", "ready", "shipped", "delivered"]


async def _bring(chat: ChatShop, stage: str) -> tuple[str, OrderId]:
    collects = stage == "ready"
    over: dict[str, Any] = {"shippingMethod": "PICKUP", "shippingAddress": ...} if collects else {}
    object_id, order_id = await _provisioned(chat, **over)
    if stage != "placed":
        await chat.status(object_id, "PAID", T1)
        await chat.settle()
    for name, to in (("packed", Status.SEPARATE), ("ready", Status.READY_FOR_PICKUP), ("shipped", Status.IN_DELIVERY)):
        if STAGES.index(stage) >= STAGES.index(name) and (name == "ready") is collects:
            await _move(chat, order_id, to)
    if stage == "delivered":
        await _move(chat, order_id, Status.FINALIZED)
    await chat.settle()
    return object_id, order_id


@pytest.mark.parametrize("kind", [HookKind.CANCELLATION, HookKind.STATUS])
@pytest.mark.parametrize("stage", STAGES[:4])
async def test_cancelled_there_before_shipping_it_is_cancelled_here(chat: ChatShop, stage: str, kind: HookKind) -> None:
    object_id, order_id = await _bring(chat, stage)
    if kind is HookKind.STATUS:
        await chat.status(object_id, "CANCELLED", T3)
    else:
        await chat.hook({"objectId": object_id, "status": "CANCELLED"}, kind)
    await chat.settle()
    assert await _status(chat, order_id) is Status.CANCELED_BY_BUYER
    assert await chat.shop.level("1") == (100, 0)
    assert chat.statuses(object_id)[-1] == "CANCELLED"


@pytest.mark.parametrize("stage", STAGES[4:])
async def test_cancelled_there_after_shipping_the_operator_is_told(chat: ChatShop, stage: str) -> None:
    object_id, order_id = await _bring(chat, stage)
    before = await _status(chat, order_id)
    await chat.status(object_id, "CANCELLED", T3)
    await chat.hook({"objectId": object_id}, HookKind.CANCELLATION)  # OmniChat calls both: the operator is told once
    await chat.settle()
    assert await _status(chat, order_id) is before
    assert (await chat.outcome(object_id))[0] == "late"
    [note] = await chat.shop.logs(order_id, "CancelledAfterShipping")
    assert note.startswith("OmniChat: CANCELLED (m). The goods are on their way")
    [event] = await chat.shop.events("omnichat.cancelled_late")
    assert event["subject"] == str(order_id)
    if stage == "shipped":  # its cancellation stands: no later status of ours overwrites it
        await _move(chat, order_id, Status.FINALIZED)
        await chat.settle()
        assert chat.statuses(object_id)[-1] == "SHIPPED"


@pytest.mark.parametrize("by", list(CancelledBy))
@pytest.mark.parametrize("stage", STAGES[:4])
async def test_cancelled_here_it_is_cancelled_there(chat: ChatShop, stage: str, by: CancelledBy) -> None:
    object_id, order_id = await _bring(chat, stage)
    cmd = CancelOrder(caller=chat.shop.caller(Role.ADMIN), order_id=order_id, by=by, reason="sem peça")
    cancelled: Outcome = await chat.shop.one(cancel_orders, cmd)
    assert isinstance(cancelled, Order)
    await chat.settle()
    assert chat.statuses(object_id)[-1] == "CANCELLED"
    assert chat.told()[-1][2]["message"] == "Pedido cancelado / Order cancelled, sem peça"
    await chat.status(object_id, "CANCELLED", T3)  # somebody there says so too
    await chat.settle()
    assert (await chat.outcome(object_id))[0] in {"cancelled", "logged"}
    assert chat.statuses(object_id).count("CANCELLED") == 1


async def test_a_cancellation_that_meets_the_provisioned_call_has_the_last_word(chat: ChatShop) -> None:
    body = asked()
    await chat.hook(body)
    await chat.hook({"objectId": body["objectId"]}, HookKind.CANCELLATION)
    await chat.settle()
    assert chat.statuses(body["objectId"]) == ["ORDER_GATEWAY_PROVISIONED", "CANCELLED"]


async def test_own_checkout_is_told_statuses_too(chat: ChatShop) -> None:
    body = asked()
    await chat.hook(body, checkout=Checkout.OWN)
    await chat.settle()
    order_id = (await chat.find(body["objectId"])).order_id
    cmd = CancelOrder(caller=chat.shop.caller(), order_id=order_id, by=CancelledBy.SELLER, reason="sem peça")
    await chat.shop.one(cancel_orders, cmd)
    await chat.settle()
    assert [call for _, call, _ in chat.told()] == ["provisions", "statusChange"]
