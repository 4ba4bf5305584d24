"""Approve payments over HTTP (contract, section 3.6)."""

from typing import Any

import pytest

from balcao.tenants.rules import Role
from tests.doors.shop import Api, path_of, sent


async def pay(api: Api, order_id: str, body: Any, **more: Any) -> None:
    await api.done("PUT", path_of(order_id, "payment"), body, **({"role": Role.CHANNEL} | more))


async def state(api: Api, order_id: str) -> tuple[int, list[tuple[float, int]]]:
    """The order's status, and amount and status of each payment."""
    order = await api.order(order_id)
    return order["status"], [(each["amount"], each["paymentStatus"]) for each in order["paymentList"]]


TWO = [{"Amount": 6, "PaymentMethod": {"Type": 7}},
       {"Amount": 5, "PaymentMethod": {"Type": 6}, "AcquirerMessage": "", "AcquirerApprovalCode": "1"}]  # fmt: skip


@pytest.mark.parametrize("path", ["{id}/payment", "external/{external}/payment", "{external}/payment/"])
async def test_an_approval_pays_the_order(api: Api, path: str) -> None:
    body = sent()
    order_id = (await api.place(body)).json()["id"]
    address = f"/management/commerce/orders/{path.format(id=order_id, external=body['ExternalId'])}"
    await api.done("PUT", address, {"nsu": "000123", "brand": "Visa"}, role=Role.CHANNEL)
    order = await api.order(order_id)
    assert (order["status"], order["statusName"]) == (2, "PendingCreate")
    assert [step["status"] for step in order["steps"]] == [1, 2]
    payment = order["paymentInfo"]
    assert (payment["nsu"], payment["paymentMethod"]["brand"], payment["paymentStatus"]) == ("000123", "Visa", 2)


@pytest.mark.parametrize(
    ("news", "status", "payment"),
    [
        ({}, 2, 2),
        ({"paymentStatus": 1}, 2, 1),
        ({"paymentStatus": 2}, 2, 2),
        ({"isAuthorized": True}, 2, 1),
        ({"isAuthorized": True, "isCaptured": False}, 2, 1),
        ({"IsCaptured": True}, 2, 2),
        ({"paymentStatus": 0}, 1, 0),
        ({"paymentStatus": 3}, 1, 3),
        ({"isAuthorized": False}, 1, 3),
        ({"paymentStatus": 4}, 1, 4),
        ({"paymentMethod": {"type": 7}, "amount": 21}, 2, 2),
        ({"amount": 11}, 2, 2),
        ({"amount": 10.99}, 1, 2),
        ({"paymentList": [{"nsu": "1"}]}, 2, 2),
        ({"PaymentList": [{"Nsu": 1, "AuthorizationCode": 2, "Tid": 3, "QuantityInstallments": 2}]}, 2, 2),
    ],
)
async def test_what_news_do(api: Api, news: dict[str, Any], status: int, payment: int) -> None:
    order_id = await api.placed()
    await pay(api, order_id, news)
    amount = news.get("amount", 21)
    assert await state(api, order_id) == (status, [(amount, payment)])


async def test_everything_that_an_approval_says_is_kept(api: Api) -> None:
    order_id = await api.placed()
    await pay(
        api,
        order_id,
        {
            "amount": 21, "nsu": 123, "authorizationCode": "A1B2", "tid": "T-1", "brand": "Elo",
            "acquirerMessage": "ok", "acquirerApprovalCode": 99, "quantityInstallments": 3,
            "cardHolderName": "M SILVA", "cardLastDigits": "4321", "externalOrderId": "PSP-9",
            "paymentMethod": {"type": 7, "info": "Link", "modality": 1}, "unknown": {},
        },
    )  # fmt: skip
    payment = (await api.order(order_id))["paymentInfo"]
    assert (payment["nsu"], payment["authorizationCode"], payment["tid"]) == ("123", "A1B2", "T-1")
    assert (payment["acquirerMessage"], payment["acquirerApprovalCode"], payment["quantityInstallments"]) == (
        "ok", "99", 3,
    )  # fmt: skip
    method = payment["paymentMethod"]
    assert (method["brand"], method["cardHolderName"], method["cardLastDigits"]) == ("Elo", "M SILVA", "4321")
    assert (method["info"], method["modality"], payment["externalOrderId"]) == ("Link", 1, "PSP-9")


async def test_two_payments_pay_only_together(api: Api) -> None:
    order_id = await api.placed(PaymentList=TWO)
    await pay(api, order_id, {"paymentMethod": {"type": 6}, "nsu": "1"})
    assert await state(api, order_id) == (1, [(6, 0), (5, 2)])
    await pay(api, order_id, {"paymentMethod": {"type": 7}, "nsu": "2"})
    assert await state(api, order_id) == (2, [(6, 2), (5, 2)])


async def test_two_payments_in_one_list(api: Api) -> None:
    order_id = await api.placed(PaymentList=TWO)
    news = [{"nsu": "1", "paymentMethod": {"type": 6}}, {"nsu": "2", "paymentMethod": {"type": 7}}]
    await pay(api, order_id, {"paymentList": news})
    assert await state(api, order_id) == (2, [(6, 2), (5, 2)])


async def test_any_payment_is_enough_where_the_channel_says_so(api: Api) -> None:
    await api.shop.channel(payment_cover="any")
    order_id = await api.placed(PaymentList=TWO)
    await pay(api, order_id, {"paymentMethod": {"type": 6}})
    assert (await state(api, order_id))[0] == 2


async def test_a_repeat_changes_nothing(api: Api) -> None:
    order_id = await api.placed()
    await pay(api, order_id, {"nsu": "1", "tid": "T"})
    before = await api.order(order_id)
    for _ in range(2):
        await pay(api, order_id, {"nsu": "1", "tid": "T"})
    assert await api.order(order_id) == before


async def test_a_denied_payment_cancels_where_the_channel_says_so(api: Api) -> None:
    order_id = await api.placed()
    await pay(api, order_id, {"paymentStatus": 3})
    order = await api.order(order_id)
    assert (order["status"], await api.shop.level()) == (1, (100, 1))
    assert [log for log in order["actionLogs"] if "denied" in log["displayMessage"]]
    await api.shop.channel(cancel_on_denied=True)
    other = await api.placed()
    await pay(api, other, {"paymentStatus": 3})
    assert ((await api.order(other))["status"], await api.shop.level()) == (21, (100, 1))


async def test_money_for_a_cancelled_order_is_refused_and_never_lost(api: Api) -> None:
    order_id = await api.placed()
    await api.done("POST", path_of(order_id, "cancel"), {"reason": "gone", "by": "buyer"})
    answer = await api.put(path_of(order_id, "payment"), {"amount": 11, "nsu": "777"}, role=Role.CHANNEL)
    assert (answer.status_code, answer.json()["code"]) == (409, "paid_after_cancellation")
    order = await api.order(order_id)
    assert (order["status"], await api.shop.level()) == (11, (100, 0))
    (log,) = [log for log in order["actionLogs"] if log["type"] == "PaidAfterCancellation"]
    assert "Amount: 11; nsu: 777" in log["internalMessage"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"paymentStatus": 6}, "paymentStatus"),
        ({"paymentStatus": "captured"}, "paymentStatus"),
        ({"amount": -1}, "amount"),
        ({"amount": "much"}, "amount"),
        ({"paymentMethod": {"type": 0}}, "paymentMethod.type"),
        ({"paymentList": [{"quantityInstallments": 0}]}, "paymentList[0].quantityInstallments"),
        ({"cardLastDigits": "12345"}, "cardLastDigits"),
        ([], "body"),
        (b"", "body"),
    ],
)
async def test_what_is_no_news(api: Api, body: Any, field: str) -> None:
    order_id = await api.placed()
    before = await api.order(order_id)
    answer = await api.put(path_of(order_id, "payment"), body, role=Role.CHANNEL)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field]), answer.text
    assert await api.order(order_id, role=Role.ADMIN) == before


async def test_an_order_that_is_not_there(api: Api) -> None:
    for path in (path_of("0190163d-8694-739b-aea5-966c26f8ad91", "payment"), path_of("external", "NOPE", "payment")):
        answer = await api.put(path, {}, role=Role.CHANNEL)
        assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")
