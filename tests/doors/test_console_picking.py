"""Picking over HTTP: scans, rejections and what they do to stock and order."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.doors.conftest import NO_TLS
from tests.doors.shop import Api, lines
from tests.staff import Staff, add_user, text_of
from tests.verbs.shop import COUNTED, OTHER_STORE, STORE

RATES = {"cepStart": "00000000", "cepEnd": "99999999", "weightStartKg": 0, "weightEndKg": 30, "price": 9.9, "days": 2}


@pytest.fixture
async def ana(api: Api, server_url: str) -> AsyncIterator[Staff]:
    await add_user(api.db, api.shop.tenant)
    async with Staff(server_url, NO_TLS, **{"Accept-Language": "pt"}) as staff:
        await staff.log_in()
        yield staff


async def send(staff: Staff, order_id: str, action: str, **fields: Any) -> str:
    box = f"/console/picking/{order_id}"
    answer = await staff.post(f"{box}/{action}", on=box, **fields)
    assert answer.status_code == 200, answer.text
    return text_of(answer.text)


async def test_item_by_item(api: Api, ana: Staff) -> None:
    order_id = await api.paid(Items=lines(s1=2, s2=1))
    assert f"/console/picking/{order_id}" in (await ana.get("/console/picking")).text
    assert "1: certo." in await send(ana, order_id, "scan", code="1")
    assert "este item não é deste pedido!" in await send(ana, order_id, "scan", code="no-such")
    assert "Restam 1 deste item" in await send(ana, order_id, "scan", code="1", quantity="2")
    assert "Tudo na caixa." not in await send(ana, order_id, "scan", code="1")
    assert "Restam 0 deste item" in await send(ana, order_id, "scan", code="1")
    assert "Tudo na caixa." in await send(ana, order_id, "scan", code=" 2 ")
    assert await api.value("SELECT sum(picked) FROM order_pick") == 3
    answer = await ana.post(f"/console/orders/{order_id}/move", on=f"/console/picking/{order_id}", to="Separate")
    assert "Separado" in text_of(answer.text)
    assert f"/console/picking/{order_id}" not in (await ana.get("/console/picking")).text
    assert "não está para separar agora" in await send_late(ana, order_id)


async def send_late(staff: Staff, order_id: str) -> str:
    answer = await staff.post(f"/console/picking/{order_id}/scan", on="/console/orders", code="1")
    return text_of(answer.text)


@pytest.mark.parametrize(
    ("reason", "on_hand", "reserved"), [("not_found", 0, 2), ("damaged", COUNTED - 1, 2), ("on_display", COUNTED, 3)]
)
async def test_a_reason_does_the_right_thing_to_the_stock(
    api: Api, ana: Staff, reason: str, on_hand: int, reserved: int
) -> None:
    order_id = await api.paid(Items=lines(s1=2))
    assert await api.shop.level("1") == (COUNTED, 2)
    told = await send(ana, order_id, "reject", line="1", reason=reason, quantity="1")
    assert "o pedido fica e precisa de alguém" in told
    assert await api.shop.level("1") == (on_hand, reserved)
    attention = text_of((await ana.get("/console/attention")).text)
    assert "Item recusado" in attention
    assert await api.value("SELECT count(*) FROM stock_ledger WHERE actor = 'ana@loja.example'") == 1


async def test_the_ledger_says_what_a_person_did(api: Api, ana: Staff) -> None:
    order_id = await api.paid(Items=lines(s1=2))
    await send(ana, order_id, "reject", line="1", reason="damaged", quantity="1")
    await send(ana, order_id, "reject", line="1", reason="on_display", quantity="1")
    [path] = re.findall(r'action="(/console/picking/holds/[^"]+)"', (await ana.get("/console/picking")).text)
    await ana.post(path, on="/console/picking")
    product = await api.value("SELECT product_id FROM product LIMIT 1")
    stock = f"/console/catalogue/{product}/stock/{api.shop.skus['1']}/{api.shop.stores[STORE]}"
    page = await ana.get(stock)
    assert re.findall(r'pill pill-\w+">(acerto|em exposição|fora de exposição|\?)<', page.text) == [
        "fora de exposição",
        "em exposição",
        "acerto",
    ]
    assert f"/console/orders/{order_id}" in page.text


async def test_what_is_on_display_stays_held_whatever_is_counted(api: Api, ana: Staff) -> None:
    order_id = await api.paid(Items=lines(s1=2))
    await send(ana, order_id, "reject", line="1", reason="on_display", quantity="2")
    await api.shop.count("1", 50)
    assert await api.shop.level("1") == (50, 4)
    worklist = (await ana.get("/console/picking")).text
    [path] = re.findall(r'action="(/console/picking/holds/[^"]+)"', worklist)
    assert "De volta ao saldo." in text_of((await ana.post(path, on="/console/picking")).text)
    assert await api.shop.level("1") == (50, 2)
    assert "Não encontrado" in text_of((await ana.post(path, on="/console/picking")).text)
    assert await api.shop.level("1") == (50, 2)


async def test_an_order_goes_to_a_store_that_has_it(api: Api, ana: Staff) -> None:
    table = {"carrier": "SEDEX", "description": "SEDEX", "rows": [RATES]}
    answer = await api.put("/v1/freight-tables", table)
    assert answer.status_code in (200, 201, 204), answer.text
    order_id = await api.paid(Items=lines(s1=2))
    await send(ana, order_id, "scan", code="1")
    told = await send(ana, order_id, "reject", line="1", reason="damaged", quantity="1")
    assert "Estoque acertado; o pedido foi para" in told, told
    order = await api.order(order_id)
    assert order["seller"]["cnpj"] == OTHER_STORE
    assert await api.shop.level("1", STORE) == (COUNTED - 1, 0)
    assert await api.shop.level("1", OTHER_STORE) == (COUNTED, 2)
    assert await api.value("SELECT count(*) FROM order_pick") == 0
    assert "Item recusado" not in text_of((await ana.get("/console/attention")).text)
    assert order["status"] == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"line": "9", "reason": "damaged"},
        {"line": "x", "reason": "damaged"},
        {"line": "1", "reason": "boredom"},
        {"line": "1", "reason": "damaged", "quantity": "3"},
        {"line": "1", "reason": "damaged", "quantity": "0"},
        {"line": "99999", "reason": "damaged"},
        {"line": "²", "reason": "damaged"},
    ],
)
async def test_refused_rejections_change_nothing(api: Api, ana: Staff, fields: dict[str, str]) -> None:
    order_id = await api.paid(Items=lines(s1=2))
    box = f"/console/picking/{order_id}"
    answer = await ana.post(f"{box}/reject", on=box, **fields)
    assert "notice-danger" in answer.text
    assert await api.shop.level("1") == (COUNTED, 2)
    assert await api.value("SELECT count(*) FROM order_log WHERE type = 'ItemRejected'") == 0


async def test_pick_list(api: Api, ana: Staff) -> None:
    one, two = await api.paid(Items=lines(s1=2, s2=1)), await api.paid(Items=lines(s1=3))
    page = text_of((await ana.get("/console/picking/print")).text)
    codes = [(await api.order(each))["friendlyCode"] for each in (one, two)]
    assert f"{codes[0]} ×2" in page.replace("\xa0", " ")
    assert f"{codes[1]} ×3" in page.replace("\xa0", " ")
    assert "2 pedidos" in page
