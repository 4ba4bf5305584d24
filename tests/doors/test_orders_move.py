"""Move and cancel orders over HTTP (contract, section 3.10)."""

import asyncio
from typing import Any

import pytest

from balcao.orders.rules.status import Status, wire_name
from balcao.tenants.rules import Role
from tests.doors.shop import Api, b64, key_of, lines, nfe, path_of

CARRIER = {"carrier": "SEDEX"}


async def move(
    api: Api, order_id: str, status: Any, *, role: Role = Role.ERP, **more: Any
) -> tuple[int, dict[str, Any]]:
    """The answer's status and, of a refusal, its problem."""
    answer = await api.put(path_of(order_id, "status"), {"status": status, **more}, role=role)
    return answer.status_code, answer.json() if answer.content else {}


async def status_of(api: Api, order_id: str) -> int:
    return int((await api.order(order_id))["status"])


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ((4, "4", " 4 ", 4.0, "ApprovedExternal", "approvedexternal", "Approved", "APPROVED "), 4),
        ((10, "CandeledBySeller", "CanceledBySeller", "canceledbyseller"), 10),
        ((6, "Separate"), 6),
        ((3, "PendingApproval"), 3),
    ],
)
async def test_a_status_by_id_and_by_name(api: Api, words: tuple[Any, ...], status: int) -> None:
    for word in words:
        order_id = await api.paid()
        assert await move(api, order_id, word) == (204, {}), word
        assert await status_of(api, order_id) == status


@pytest.mark.parametrize("word", [22, -1, "", "Shipped", None, "6.5", 6.5, True, [6], {}, "Separated", "²", 10**30])
async def test_what_is_no_status(api: Api, word: Any) -> None:
    order_id = await api.paid()
    code, problem = await move(api, order_id, word)
    assert (code, next(iter(problem["errors"]))) in {(400, "status"), (400, "body")}, problem
    assert await status_of(api, order_id) == 2


async def test_the_whole_way_of_a_delivery(api: Api) -> None:
    order_id = await api.paid()
    for status in ("PendingApproval", "ApprovedExternal", "Processing"):
        assert await move(api, order_id, status, message=f"to {status}", sellerOrderId="ERP-9") == (204, {})
    await api.done("PUT", path_of(order_id, "invoicedetails"), {"xmlString": b64(nfe())}, role=Role.ERP)
    assert await move(api, order_id, 6) == (204, {})
    await api.done("PUT", path_of(order_id, "trackingdetails"), {"trackingCode": "BR1"}, role=Role.ERP)
    await api.done("PUT", path_of(order_id, "status"), {"status": "Finalized"}, role=Role.CARRIER, bound=CARRIER)
    order = await api.order(order_id)
    assert [step["status"] for step in order["steps"]] == [1, 2, 3, 4, 5, 20, 6, 7, 9]
    assert (order["sellerOrderId"], await api.shop.level()) == ("ERP-9", (99, 0))
    told = [log["internalMessage"] for log in order["actionLogs"] if log["type"] == "Status"]
    assert "Processing (5): to Processing" in told
    kinds = await api.shop.events()
    assert [event["type"] for event in kinds] == [
        "order.placed", "order.paid", *["order.moved"] * 3, "order.invoiced", "order.moved", "order.tracked",
        "order.moved",
    ]  # fmt: skip


async def test_the_whole_way_of_a_pickup(api: Api) -> None:
    order_id = await api.paid(IsDelivery=False)
    for status in (4, 6, 8, 9):
        assert await move(api, order_id, status) == (204, {}), status
    assert (await status_of(api, order_id), await api.shop.level()) == (9, (99, 0))


async def test_a_refused_move_says_what_is_allowed(api: Api) -> None:
    order_id = await api.paid()
    code, problem = await move(api, order_id, "InDelivery")
    assert (code, problem["code"]) == (409, "refused_transition")
    assert (problem["from"], problem["to"], problem["reason"]) == (
        "PendingCreate", "InDelivery", "the order has no invoice",
    )  # fmt: skip
    assert problem["allowed"] == [
        "PendingApproval", "ApprovedExternal", "Processing", "Separate", "CandeledBySeller", "CanceledByBuyer",
        "CanceledByAdmin", "PendingUpdate", "CanceledByProcessor",
    ]  # fmt: skip
    assert problem["detail"].startswith(
        "The order cannot move from PendingCreate (2) to InDelivery (7): the order has no invoice. Allowed now: "
    )
    order = await api.order(order_id)
    assert (order["status"], await api.shop.level()) == (2, (100, 1))
    (log,) = [log for log in order["actionLogs"] if log["type"] == "Refused"]
    assert log["internalMessage"] == problem["detail"]


async def test_every_refused_move_of_a_final_order(api: Api) -> None:
    order_id = await api.shipped()
    assert await move(api, order_id, 9) == (204, {})
    for status in Status:
        code, problem = await move(api, order_id, int(status), role=Role.ADMIN)
        if status is Status.FINALIZED:
            assert code == 204  # it is so already
        else:
            assert (code, problem["to"]) == (409, wire_name(status))
    assert await status_of(api, order_id) == 9


async def test_a_repeat_changes_nothing(api: Api) -> None:
    order_id = await api.paid()
    assert await move(api, order_id, 4) == (204, {})
    before = await api.order(order_id)
    assert await move(api, order_id, "Approved") == (204, {})
    assert await api.order(order_id) == before


async def test_who_may_move_whither(api: Api) -> None:
    paid, shipped = await api.paid(), await api.shipped()
    assert (await move(api, paid, 4, role=Role.CHANNEL))[0] == 403
    assert (await move(api, paid, 12, role=Role.ERP))[1]["code"] == "wrong_role"
    for status, expected in ((6, 403), (10, 403), (9, 204)):
        body = {"status": status}
        answer = await api.put(path_of(shipped, "status"), body, role=Role.CARRIER, bound=CARRIER)
        assert answer.status_code == expected, status
    invoiced = await api.invoiced()
    answer = await api.put(path_of(invoiced, "status"), {"status": 9}, role=Role.CARRIER, bound=CARRIER)
    assert (answer.status_code, answer.json()["reason"]) == (409, "a carrier finishes only what it is carrying")


CANCELS: list[tuple[Role, str | None, int]] = [
    # role, by, the status that it comes to, or 403
    (Role.CHANNEL, None, 11), (Role.CHANNEL, "buyer", 11), (Role.CHANNEL, "processor", 21),
    (Role.CHANNEL, "seller", 403), (Role.CHANNEL, "admin", 403),
    (Role.ERP, None, 10), (Role.ERP, "seller", 10), (Role.ERP, "buyer", 11), (Role.ERP, "processor", 21),
    (Role.ERP, "admin", 403),
    (Role.OPERATOR, None, 10), (Role.OPERATOR, "admin", 12),
    (Role.ADMIN, None, 12), (Role.ADMIN, "seller", 10), (Role.ADMIN, "buyer", 11), (Role.ADMIN, "processor", 21),
    (Role.CARRIER, "seller", 403),
]  # fmt: skip


async def test_in_whose_name_each_role_cancels(api: Api) -> None:
    for role, by, expected in CANCELS:
        order_id = await api.paid()
        body = {"reason": "changed their mind"} | ({"by": by} if by else {})
        bound = CARRIER if role is Role.CARRIER else {}
        answer = await api.post(path_of(order_id, "cancel"), body, role=role, bound=bound)
        assert answer.status_code == (403 if expected == 403 else 204), (role, by, answer.text)
        order = await api.order(order_id)
        assert order["status"] == (2 if expected == 403 else expected), (role, by)
        if expected != 403:
            assert any(log["internalMessage"].endswith(": changed their mind") for log in order["actionLogs"])
    assert await api.shop.level() == (100, sum(1 for *_, expected in CANCELS if expected == 403))


@pytest.mark.parametrize("body", [{}, {"reason": None}, {"BY": "Seller"}, {"by": "nobody"}, b"", [], {"reason": 1}])
async def test_how_a_cancellation_is_asked_for(api: Api, body: Any) -> None:
    order_id = await api.paid()
    answer = await api.post(path_of(order_id, "cancel"), body, role=Role.ERP)
    good = body in ({}, {"reason": None})
    assert answer.status_code == (204 if good else 400), answer.text
    assert await status_of(api, order_id) == (10 if good else 2)
    if not good:
        assert answer.json()["errors"]


async def test_a_cancellation_gives_back_what_was_invoiced(api: Api) -> None:
    order_id = await api.invoiced(Items=lines(s1=5))
    assert await api.shop.level() == (95, 0)
    external = (await api.order(order_id))["externalId"]
    for _ in range(2):  # a repeat changes nothing
        await api.done("POST", path_of("external", external, "cancel"), {"reason": "lost"}, role=Role.ERP)
    assert (await status_of(api, order_id), await api.shop.level()) == (10, (100, 0))


async def test_a_cancellation_that_comes_too_late(api: Api) -> None:
    order_id = await api.shipped()
    answer = await api.post(path_of(order_id, "cancel"), {"reason": "late"}, role=Role.CHANNEL)
    assert (answer.status_code, answer.json()["from"], answer.json()["allowed"]) == (409, "InDelivery", ["Finalized"])
    assert (await status_of(api, order_id), await api.shop.level()) == (7, (99, 0))


async def test_the_stores_consent(api: Api) -> None:
    await api.shop.channel(cancel_needs_consent=True)
    refused, granted = await api.paid(), await api.paid()
    for order_id in (refused, granted):
        await api.done("POST", path_of(order_id, "cancel"), {"reason": "no"}, role=Role.CHANNEL)
        assert await status_of(api, order_id) == 13
    assert await move(api, refused, "ErrorCancel", message="on the lorry") == (204, {})
    assert await move(api, granted, "CanceledByBuyer") == (204, {})
    order = await api.order(refused)
    assert (order["status"], [step["status"] for step in order["steps"]]) == (2, [1, 2, 13, 16, 2])
    assert (await status_of(api, granted), await api.shop.level()) == (11, (100, 1))


async def test_a_cancellation_against_an_invoice(api: Api) -> None:
    facts = {"number": 1, "serieNumber": 1}
    for _ in range(8):
        order_id = await api.paid()
        cancel, invoice = await asyncio.gather(
            api.post(path_of(order_id, "cancel"), {"reason": "no"}, role=Role.CHANNEL),
            api.put(path_of(order_id, "invoicedetails"), facts | {"key": key_of(nfe())}, role=Role.ERP),
        )
        order = await api.order(order_id)
        # A cancellation may follow an invoice, an invoice never follows a cancellation.
        outcome = (cancel.status_code, invoice.status_code, order["status"], len(order["invoices"]))
        assert outcome in {(204, 204, 11, 1), (204, 409, 11, 0)}
        assert await api.shop.level() == (100, 0)


async def test_a_cancellation_against_a_shipment_has_one_winner(api: Api) -> None:
    shipped = 0
    for n in range(8):
        order_id = await api.invoiced()
        cancel, ship = await asyncio.gather(
            api.post(path_of(order_id, "cancel"), {"reason": "no"}, role=Role.CHANNEL),
            api.put(path_of(order_id, "trackingdetails"), {"trackingCode": f"BR{n}"}, role=Role.ERP),
        )
        order = await api.order(order_id)
        assert sorted((cancel.status_code, ship.status_code)) == [204, 409]
        assert (order["status"], order["tracking"] is None) == ((11, True) if cancel.is_success else (7, False))
        shipped += ship.is_success
        assert await api.shop.level() == (100 - shipped, 0)
