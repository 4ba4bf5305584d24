"""No full card number comes in by any way, and none is kept or logged (contract, section 3.5)."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from balcao.base.errors import Invalid
from balcao.doors.neomode.orders.cards import holds_card_number, refuse_card_numbers, refuse_cards_in
from balcao.tenants.rules import Role
from tests.doors.shop import ADDRESS, EXAMPLE, ORDERS, Api, lines, path_of, sent
from tests.verbs.shop import dump

VISA = "4111111111111111"
CARDS = {
    "Visa": VISA,
    "Visa of 19 digits": "4000000000000000006",
    "Mastercard": "5555555555554444",
    "Mastercard, new range": "2223003122003222",
    "American Express": "378282246310005",
    "Diners": "30569309025904",
    "Elo": "6362970000457013",
    "Hipercard": "6062825624254001",
    "in groups": "4111 1111 1111 1111",
    "with hyphens": "4111-1111-1111-1111",
    "with points": "4111.1111.1111.1111",
    "inside a sentence": "card 4111 1111 1111 1111, exp 12/30",
    "before its month": "4111 1111 1111 1111 12/30",
    "behind a telephone": "11999990000 4111111111111111",
    "in spaced groups": "4111  1111  1111  1111",
}
NO_CARDS = [
    "4111111111111112",  # wrong check digit
    "41999999999", "55570403906", "04109169000135", "12.345.678/0001-95", "04321130", "7891234567895",
    "2026-08-09T12:00:00Z", "0190163d-8694-739b-aea5-966c26f8ad91", "1111", "123456789012345678901234567890",
    "35260804109169000135550010000001231000001233", "-23.56168420000001",
]  # fmt: skip


@pytest.fixture
def log_lines() -> Iterator[list[Any]]:
    """What is logged while the test runs, through structlog and through the standard library."""
    with structlog.testing.capture_logs() as caught:
        lines: list[Any] = caught

        class Catch(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                lines.append(record.getMessage())

        handler = Catch(level=logging.DEBUG)
        logging.getLogger().addHandler(handler)
        yield lines
        logging.getLogger().removeHandler(handler)


def test_what_is_a_card_number() -> None:
    assert [name for name, text in CARDS.items() if not holds_card_number(text)] == []
    assert [text for text in NO_CARDS if holds_card_number(text)] == []


PLACES: dict[str, dict[str, Any]] = {
    "OrderNote": {"OrderNote": f"paid by {VISA}"},
    "CardNumber": {"CardNumber": VISA},
    "PaymentList[0].PaymentMethod.CardNumber": {"PaymentList": [{"Amount": 11, "PaymentMethod": {"Type": 7,
                                                                                                "CardNumber": VISA}}]},
    "PaymentList[0].AcquirerMessage": {"PaymentList": [{"Amount": 11, "AcquirerMessage": CARDS["in groups"],
                                                        "PaymentMethod": {"Type": 7}}]},
    "PaymentList[0].Nsu": {"PaymentList": [{"Amount": 11, "Nsu": int(VISA), "PaymentMethod": {"Type": 7}}]},
    "Buyer.FullName": {"Buyer": {**EXAMPLE["Buyer"], "FullName": f"Maria {CARDS['with hyphens']}"}},
    "DeliveryAddress.Complement": {"DeliveryAddress": {**ADDRESS, "Complement": VISA}},
    "CustomData[0].Value": {"CustomData": [{"Key": "card", "Value": VISA}]},
    "CustomData[0].Key": {"CustomData": [{"Key": VISA, "Value": 1}]},
    "CustomData[0].Value.pan": {"CustomData": [{"Key": "card", "Value": {"pan": [int(VISA)]}}]},
    "Voucher.Code": {"Voucher": {"Code": VISA}},
    "extra.deep[1].x": {"extra": {"deep": [0, {"x": CARDS["with points"]}]}},
}  # fmt: skip


@pytest.mark.parametrize(("field", "over"), PLACES.items(), ids=PLACES)
async def test_a_card_number_in_an_order(api: Api, log_lines: list[Any], field: str, over: dict[str, Any]) -> None:
    await api.token(Role.CHANNEL)
    before = await dump(api.db)
    answer = await api.place(sent(**over))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "card_number")
    assert list(problem["errors"]) == [field if field != "CustomData[0].Value.pan" else f"{field}[0]"]
    digits = "".join(filter(str.isdigit, answer.text))
    assert VISA not in digits
    assert await dump(api.db) == before
    assert VISA not in "".join(filter(str.isdigit, str(log_lines)))
    assert [line["status"] for line in log_lines if isinstance(line, dict) and line["method"] == "POST"][-1] == 400


@pytest.mark.parametrize(
    "text",
    [
        '{"OrderNote": "\\u0034\\u0031\\u0031\\u0031111111111111"}'.replace("111111111111", "111111111111"),
        '{"OrderNote": "4111\\u00311111111\\u0031111"}',
        '{"x": 4111111111111111}',
        '{"x": 4111111111111111.0}',
        '{"x": 4.111111111111111e15}',
        '{"x": 4000000000000000006}',
        '{"4111111111111111": 1}',
        '["4111111111111111"]',
        '"4111 1111 1111 1111"',
        "[" * 400 + '"4111111111111111"' + "]" * 400,
    ],
)
async def test_a_card_number_however_it_is_written(api: Api, text: str) -> None:
    assert VISA in text or "u003" in text or "4.111" in text or "4111 1111" in text or "4000000000000000006" in text
    answer = await api.place(text.encode())
    assert (answer.status_code, answer.json()["code"]) == (400, "card_number"), answer.text


async def test_a_card_number_in_every_change(api: Api) -> None:
    order_id = await api.invoiced()
    before = await dump(api.db, but=["idempotency"])
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", "payment", {"nsu": VISA}),
        ("PUT", "payment", {"paymentList": [{"cardHolderName": VISA}]}),
        ("PUT", "payment", {"paymentMethod": {"cardNumber": VISA}}),
        ("PUT", "invoicedetails", {"key": "3" * 44, "number": VISA, "serieNumber": 1}),
        ("PUT", "trackingdetails", {"carrierName": VISA}),
        ("PUT", "trackings", {"carrierName": VISA, "trackingCode": "1"}),
        ("PUT", "trackings", {"label": {"fileName": VISA, "content": "JVBERi0="}}),
        ("PUT", "status", {"status": 6, "message": VISA}),
        ("POST", "cancel", {"reason": f"stolen {VISA}"}),
    ]
    for method, action, body in changes:
        answer = await api.send(method, path_of(order_id, action), body)
        assert (answer.status_code, answer.json()["code"]) == (400, "card_number"), (action, body)
    for form in (
        {"data": {"carrierName": CARDS["in groups"], "trackingCode": "1"}, "files": {"f": ("l.pdf", b"%PDF-1")}},
        {"data": {"trackingCode": "1"}, "files": {"f": (f"{VISA}.pdf", b"%PDF-1")}},
    ):
        answer = await api.put(path_of(order_id, "trackings"), **form)
        assert (answer.status_code, answer.json()["code"]) == (400, "card_number"), form
    assert await dump(api.db, but=["idempotency"]) == before


async def test_the_older_form_too(api: Api) -> None:
    answer = await api.post(ORDERS, {"pan": VISA}, role=Role.CHANNEL)
    assert (answer.status_code, answer.json()["code"]) == (400, "card_number")


async def test_other_peoples_long_numbers_pass(api: Api) -> None:
    order_id = await api.placed(
        ExternalId=VISA,
        OrderPackageId="5555555555554444",
        DeliveryAddress={**ADDRESS, "Latitude": -23.56168420000001, "Longitude": -46.633912345678901},
        Items=lines(s1=1),
    )
    assert (await api.order(order_id))["externalId"] == VISA
    digits = {"nsu": "123456", "cardLastDigits": "1111", "cardHolderName": "M SILVA", "amount": 11.1}
    await api.done("PUT", path_of(order_id, "payment"), digits, role=Role.CHANNEL)
    key = "4111 1111 1111 1111 5555 5555 5555 4444 0000 0000 1234"
    facts = {"key": key, "number": 1, "serieNumber": 1, "xmlUrl": f"https://erp.example/{VISA}"}
    await api.done("PUT", path_of(order_id, "invoicedetails"), facts, role=Role.ERP)
    assert (await api.order(order_id))["invoice"]["key"] == key.replace(" ", "")


async def test_what_is_logged_of_a_request(api: Api, log_lines: list[Any]) -> None:
    """Nothing of who buys, nothing secret: neither of good requests nor of refused ones."""
    body = sent(ExternalId="SECRET-ID", OrderNote="ring twice", Buyer={**EXAMPLE["Buyer"], "FullName": "Maria Segredo"})
    order_id = (await api.place(body)).json()["id"]
    await api.place(body | {"Items": []})
    await api.get(path_of("external", "SECRET-ID"), params={"channel": "x", "email": "maria@example.com"})
    await api.done("PUT", path_of(order_id, "payment"), {"nsu": "778899", "cardHolderName": "MARIA S"})
    text = json.dumps(log_lines, default=str)
    assert text.count('"event": "request"') == 6  # two tokens and four requests
    hidden = (
        "Segredo",
        "55570403906",
        "41999999999",
        "ring twice",
        "778899",
        "MARIA S",
        "Bearer",
        "maria@",
        "SECRET-ID",
    )
    assert [word for word in hidden if word in text] == []


_PIECES = st.one_of(st.sampled_from([*CARDS.values(), *NO_CARDS]), st.text(alphabet="0123456789 .-,exE", max_size=20))


@settings(max_examples=500, deadline=None)
@given(st.lists(_PIECES, max_size=4))
def test_the_quick_look_lets_nothing_through_that_the_slow_one_sees(pieces: list[str]) -> None:
    document = {"note": "x".join(pieces)}
    assert _is_refused(refuse_card_numbers, json.dumps(document).encode()) == _is_refused(refuse_cards_in, document)


def _is_refused(guard: Callable[[Any], None], sent: object) -> bool:
    try:
        guard(sent)
    except Invalid:
        return True
    return False
