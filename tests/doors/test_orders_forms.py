"""The forms in which clients write an order: both documented ones, any casing, with and without this and that."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from balcao.tenants.rules import Role
from tests.doors.shop import ADDRESS, EXAMPLE, EXTERNAL, ORDERS, Api, lines, sent
from tests.verbs.shop import OTHER_STORE, STORE

ALPHANUMERIC = "12ABC34501DE35"
"""Receita Federal's own example of an alphanumeric CNPJ."""


def respell(value: Any, spell: Callable[[str], str]) -> Any:
    """The document with every member's name spelt otherwise."""
    if isinstance(value, dict):
        return {spell(name): respell(inner, spell) for name, inner in value.items()}
    return [respell(inner, spell) for inner in value] if isinstance(value, list) else value


def camel(name: str) -> str:
    return name[:1].lower() + name[1:]


OLDER: dict[str, Any] = {
    "createDate": "2026-03-04T10:20:30-03:00",
    "externalId": "OLDER-1",
    "channel": "ecommerce",
    "cpfPickUp": "529.982.247-25",
    "dealerCode": "DLR001",
    "isDelivery": True,
    "status": 1,
    "orderNote": "ring twice",
    "buyer": {
        "fullName": "Implantacao Neomode",
        "email": "shopper@example.com",
        "cpf": "555.704.039-06",
        "phoneNumber": "41999999999",
        "gender": 2,
        "dateOfBirth": "1990-01-01",
        "address": {"street": "Rua Farjalla Koraicho", "number": "654", "complement": "ap 1", "city": "São Paulo",
                    "neighborhood": "Vila Parque Jabaquara", "cep": "04321-130", "state": "SP",
                    "reference": "near the park", "label": "home"},
    },
    "seller": {"cnpj": "04.109.169/0001-35", "pointSaleId": None},
    "freight": {"amount": 1.1, "deliveryTime": 1, "reference": "SEDEX", "description": "SEDEX"},
    "deliveryAddress": respell(dict(ADDRESS), camel),
    "items": [{"skuCode": "1", "productCode": "1", "quantity": 1, "unitPrice": 19.9, "discountPrice": 10}],
    "paymentList": [{"amount": 11, "paymentMethod": {"type": 7}}],
}  # fmt: skip
"""The older form with every member that the contract cuts out of the reference."""


@pytest.mark.parametrize(
    "path", [EXTERNAL, EXTERNAL + "/", EXTERNAL.removeprefix("/cp"), EXTERNAL.removeprefix("/cp") + "/"]
)
async def test_addresses_of_the_current_form(api: Api, path: str) -> None:
    answer = await api.post(path, sent(), role=Role.CHANNEL)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("path", [ORDERS, ORDERS + "/", ORDERS.removeprefix("/cp"), ORDERS.removeprefix("/cp") + "/"])
async def test_addresses_of_the_older_form(api: Api, path: str) -> None:
    answer = await api.post(path, OLDER, role=Role.CHANNEL)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("kind", ["", "application/json", "application/json; charset=utf-8", "text/plain", "nonsense"])
async def test_any_content_type_and_none(api: Api, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    for path, body in ((EXTERNAL, sent()), (ORDERS, OLDER)):
        answer = await api.post(path, json.dumps(body).encode(), role=Role.CHANNEL, headers=headers)
        assert answer.status_code == 201, answer.text
        assert ("Content-Type" in answer.request.headers) is bool(kind)


@pytest.mark.parametrize("spell", [camel, str, str.upper, str.lower, str.swapcase])
async def test_names_in_any_casing(api: Api, spell: Callable[[str], str]) -> None:
    answer = await api.place(respell(dict(EXAMPLE), spell))
    assert answer.status_code == 201, answer.text
    again = await api.place(EXAMPLE)
    assert (again.headers.get("Idempotent-Replayed"), again.content) == ("true", answer.content)
    older = await api.post(ORDERS, respell(OLDER, spell), role=Role.CHANNEL)
    assert older.status_code == 201, older.text


async def test_what_the_older_form_says_is_kept(api: Api) -> None:
    answer = await api.post(ORDERS, OLDER, role=Role.CHANNEL)
    order = await api.order(answer.json()["id"])
    assert order["createDate"] == "2026-03-04T13:20:30.000000Z"
    assert (order["externalId"], order["channel"], order["clientId"]) == ("OLDER-1", "ecommerce", "qaapp")
    assert (order["cpfPickUp"], order["dealerCode"], order["orderNote"]) == ("52998224725", "DLR001", "ring twice")
    assert (order["status"], order["isDelivery"]) == (1, True)
    buyer = order["buyer"]
    assert (buyer["cpf"], buyer["gender"], buyer["dateOfBirth"]) == ("55570403906", 2, "1990-01-01")
    assert {name: buyer["address"][name] for name in ("cep", "complement", "reference", "label")} == {
        "cep": "04321130", "complement": "ap 1", "reference": "near the park", "label": "home",
    }  # fmt: skip
    assert order["totalAmount"] == 11


async def test_both_forms_make_the_same_order(api: Api) -> None:
    first = await api.place(EXAMPLE)
    older = respell(dict(EXAMPLE), camel)
    del older["clientId"]
    again = await api.post(ORDERS, older, role=Role.CHANNEL)
    assert (again.status_code, again.headers.get("Idempotent-Replayed")) == (201, "true")
    assert again.content == first.content


async def test_the_older_form_names_fields_in_camel_case(api: Api) -> None:
    wrong = OLDER | {"deliveryAddress": None, "items": OLDER["items"] + [OLDER["items"][0] | {"skuCode": "99"}]}
    answer = await api.post(ORDERS, wrong | {"items": [{}]}, role=Role.CHANNEL)
    assert sorted(answer.json()["errors"]) == [
        f"items[0].{name}" for name in ("discountPrice", "productCode", "quantity", "skuCode", "unitPrice")
    ]
    answer = await api.post(ORDERS, wrong, role=Role.CHANNEL)
    assert answer.json()["errors"] == {"deliveryAddress": ["is required when IsDelivery is true"]}
    answer = await api.post(ORDERS, OLDER | {"items": wrong["items"]}, role=Role.CHANNEL)
    assert answer.json()["errors"] == {"items[1].skuCode": ["the SKU '99' does not exist or is not active"]}


async def test_the_older_form_for_another_tenant(api: Api) -> None:
    answer = await api.post(ORDERS, OLDER | {"clientId": "other"}, role=Role.CHANNEL)
    assert answer.status_code == 403


async def test_the_last_of_two_spellings_wins(api: Api) -> None:
    text = json.dumps(sent())[:-1] + ', "OrderNote": "one", "ORDERNOTE": "two"}'
    answer = await api.place(text.encode())
    assert (await api.order(answer.json()["id"]))["orderNote"] == "two"


@pytest.mark.parametrize(
    "payments",
    [
        {"PaymentList": [{"Amount": 11, "PaymentMethod": {"Type": 7}}]},
        {"PaymentInfo": {"Amount": 11, "PaymentMethod": {"Type": 7}}},
        {"PaymentInfo": [{"Amount": 11, "PaymentMethod": {"Type": 7}}]},
        {"paymentinfo": {"amount": 11.0, "paymentmethod": {"type": 7.0}}},
        {"PaymentList": [], "PaymentInfo": {"Amount": 11, "PaymentMethod": {"Type": 7}}},
        {"PaymentList": None, "PaymentInfo": {"Amount": 11, "PaymentMethod": {"Type": 7}}},
        {"PaymentList": [{"Amount": 11, "PaymentMethod": {"Type": 7}}], "PaymentInfo": None},
    ],
)
async def test_payments_as_list_and_as_info(api: Api, payments: dict[str, Any]) -> None:
    body = sent(PaymentList=...) | payments
    answer = await api.place(body)
    assert answer.status_code == 201, answer.text
    order = await api.order(answer.json()["id"])
    assert [(one["amount"], one["paymentMethod"]["type"]) for one in order["paymentList"]] == [(11, 7)]
    assert order["paymentInfo"] == order["paymentList"][0]


async def test_several_payments(api: Api) -> None:
    card = {"Type": 1, "Brand": "Visa", "Info": "Crédito", "Modality": "2", "CardHolderName": "I NEOMODE",
            "CardLastDigits": "1111"}  # fmt: skip
    paid = {"AcquirerMessage": "approved", "AcquirerApprovalCode": "A1", "QuantityInstallments": 3, "Nsu": 123}
    answer = await api.place(
        sent(PaymentInfo=[{"Amount": 6, "PaymentMethod": card, **paid},
                          {"Amount": 5, "PaymentMethod": {"Type": 6}, "AcquirerMessage": "", "PaymentStatus": 1,
                           "AcquirerApprovalCode": "E2E"}], PaymentList=...)
    )  # fmt: skip
    order = await api.order(answer.json()["id"])
    first, second = order["paymentList"]
    assert first["paymentMethod"] | {"id": ""} == {
        "id": "", "type": 1, "info": "Crédito", "brand": "Visa", "modality": 2, "cardHolderName": "I NEOMODE",
        "cardLastDigits": "1111",
    }  # fmt: skip
    assert (first["acquirerMessage"], first["acquirerApprovalCode"], first["nsu"]) == ("approved", "A1", "123")
    assert (first["quantityInstallments"], first["paymentStatus"], first["isAuthorized"]) == (3, 0, False)
    assert (second["paymentMethod"]["info"], second["paymentStatus"], second["isAuthorized"]) == ("Pix", 1, True)


async def test_the_store_by_its_point_of_sale(api: Api) -> None:
    order = await api.order(await api.placed(Seller={"PointSaleId": "PDV-2"}))
    assert (order["seller"]["cnpj"], order["seller"]["pointSaleId"]) == (OTHER_STORE, "PDV-2")


@pytest.mark.parametrize("cnpj", [ALPHANUMERIC, "12.ABC.345/01DE-35", "12.abc.345/01de-35"])
async def test_the_store_by_an_alphanumeric_cnpj(api: Api, cnpj: str) -> None:
    async with api.db.transaction() as tx:
        await tx.execute("UPDATE seller SET cnpj = 'GONE' WHERE cnpj = $1", ALPHANUMERIC)
        await tx.execute("UPDATE seller SET cnpj = $1 WHERE cnpj = $2", ALPHANUMERIC, STORE)
    order = await api.order(await api.placed(Seller={"Cnpj": cnpj}))
    assert order["seller"]["cnpj"] == ALPHANUMERIC


@pytest.mark.parametrize("cnpj", ["12.ABC.345/01DE-35", ALPHANUMERIC.lower(), "11.222.333/0001-81"])
async def test_a_company_buys(api: Api, cnpj: str) -> None:
    company = {"Cnpj": cnpj, "CompanyName": "Balcão Ltda", "StateInscription": "ISENTO", "Cpf": None}
    order = await api.order(await api.placed(Buyer=EXAMPLE["Buyer"] | company))
    buyer = order["buyer"]
    stripped = cnpj.upper().translate(str.maketrans("", "", "./-"))
    assert (buyer["cnpj"], buyer["cpf"], buyer["documentType"]) == (stripped, None, 2)
    assert (buyer["companyName"], buyer["stateInscription"]) == ("Balcão Ltda", "ISENTO")
    assert not [log for log in order["actionLogs"] if "Buyer" in log["displayMessage"]]


@pytest.mark.parametrize(
    "cep", [{"ZipCode": "04321-130"}, {"Cep": "04321130"}, {"cep": "04321-130"}, {"zipcode": "04.321-130"}]
)
async def test_the_cep_by_either_name(api: Api, cep: dict[str, str]) -> None:
    address = {name: value for name, value in ADDRESS.items() if name != "ZipCode"} | cep
    order = await api.order(await api.placed(DeliveryAddress=address))
    assert (order["deliveryAddress"]["cep"], order["deliveryAddress"]["zipCode"]) == ("04321130", "04321130")


async def test_everything_that_is_accepted_beyond_the_table_is_kept(api: Api) -> None:
    order_id = await api.placed(
        CpfPickUp="529.982.247-25",
        CpfInvoice="04.109.169/0001-35",
        OrderNote="note",
        OrderPackageId="PKG-1",
        DealerCode="D1",
        FeeAmount=2.5,
        BonusAmount=0.5,
        Voucher={"Code": "SAVE10", "unknown": 1},
        CustomData=[{"Key": "gift", "Value": "yes"}, {"Key": "points", "Value": 12.50}, {"Key": "x", "Value": None}],
        CreateDate="2026-01-02T03:04:05",
        Items=[lines(s1=1)[0] | {"IsGift": True}],
        DeliveryAddress={**ADDRESS, "Complement": "fundos", "Reference": "praça", "Country": "BR",
                         "Latitude": -23.6339, "Longitude": -46.6402, "Recipient": "João", "Label": "work"},
    )  # fmt: skip
    order = await api.order(order_id)
    assert (order["cpfPickUp"], order["cpfInvoice"]) == ("52998224725", "04109169000135")
    assert (order["orderNote"], order["orderPackageId"], order["dealerCode"]) == ("note", "PKG-1", "D1")
    assert (order["feeAmount"], order["bonusAmount"], order["hasFeeInstallment"]) == (2.5, 0.5, True)
    assert (order["totalWithoutFeeAmount"], order["totalAmount"]) == (11.1, 13.1)
    assert order["voucher"] == {"code": "SAVE10"}
    assert order["customData"] == [
        {"key": "gift", "value": "yes"}, {"key": "points", "value": "12.5"}, {"key": "x", "value": "null"},
    ]  # fmt: skip
    assert order["createDate"] == "2026-01-02T03:04:05.000000Z"
    assert order["items"][0]["isGift"] is True
    address = order["deliveryAddress"]
    assert (address["latitude"], address["longitude"], address["recipient"]) == (-23.6339, -46.6402, "João")
    assert address["fullAddress"] == (
        "Rua Farjalla Koraicho, 654 - fundos, Vila Parque Jabaquara, São Paulo - SP, 04321-130"
    )


async def test_amounts_are_exact(api: Api) -> None:
    text = json.dumps(sent(Items=lines(s1=3), PaymentList=[{"Amount": 0.3, "PaymentMethod": {"Type": 7}}]))
    text = text.replace('"UnitPrice": 10', '"UnitPrice": 0.1000').replace('"Amount": 1.1', '"Amount": 0')
    answer = await api.place(text.encode())
    raw = (await api.get(f"{ORDERS}/{answer.json()['id']}")).text
    assert '"subTotalAmount":0.3' in raw.replace("0.3000", "0.3")
    assert not any(name in raw for name in ("0.30000000000000004", '"0.3"'))
    assert [log for log in json.loads(raw)["actionLogs"] if log["type"] == "Warning"] == []


async def test_a_pickup_needs_no_address(api: Api) -> None:
    order = await api.order(await api.placed(IsDelivery=False, DeliveryAddress=...))
    assert (order["isDelivery"], order["deliveryAddress"]) == (False, None)
