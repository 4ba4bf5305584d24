"""Stores over HTTP."""

from typing import Any

import httpx
import pytest

from balcao.base.db import Database
from balcao.tenants.rules import Role
from tests.doors.conftest import Headers, MakeToken

SELLERS = "/cp/management/commerce/sellers"

pytestmark = pytest.mark.usefixtures("worker")
CENTRO, NORTE = "04109169000135", "9XK4M7TA000116"

FULL: dict[str, Any] = {
    "cnpj": "04.109.169/0001-35",
    "pointSaleId": " CX1 ",
    "name": "Centro",
    "fullName": "Loja do Centro",
    "companyName": "Centro S.A.",
    "email": "centro@loja.example",
    "phoneNumber": "1133334444",
    "whatsappPhoneNumber": "+5511999998888",
    "gatewayId": "GTW1",
    "address": {
        "street": "Av. Paulista",
        "number": "1500",
        "complement": "Loja 1",
        "neighborhood": "Bela Vista",
        "zipCode": "01310-100",
        "city": "São Paulo",
        "state": "SP",
        "latitude": -23.5,
    },
    "workingHours": [{"weekday": 1, "opens": "09:00", "closes": "18:00"}],
    "holidays": ["2026-12-25", "2026-01-01", "2026-12-25"],
    "isActive": False,
    "isEcommerce": True,
    "pickupEnabled": False,
    "deliveryEnabled": False,
    "handlingDays": 2,
    "safetyStock": 3,
    "priority": 5,
    "longitude": -46.6549,
    "timeZone": "America/Bahia",
    "pickupLeadMinutes": 90,
    "integrationConfig": {"order": {"token": "hush-token"}},
    "credentialsString": "hush-credentials",
}


async def test_a_whole_store_there_and_back(client: httpx.AsyncClient, token: MakeToken) -> None:
    erp = await token(Role.ERP)
    answer = await client.put(f"{SELLERS}?wait=true", json=[FULL], headers=erp)
    assert (answer.status_code, answer.json()["inserted"]) == (200, 1)
    shown = (await client.get(f"{SELLERS}/{CENTRO}", headers=erp)).json()
    created = shown.pop("createDate")
    assert shown.pop("lastUpdate") == created
    assert len(shown.pop("id")) == 36
    assert shown == {
        **FULL,
        "clientId": "qaapp",
        "cnpj": CENTRO,
        "pointSaleId": "CX1",
        "address": {
            "street": "Av. Paulista",
            "number": "1500",
            "complement": "Loja 1",
            "neighborhood": "Bela Vista",
            "cep": "01310100",
            "zipCode": "01310100",
            "city": "São Paulo",
            "state": "SP",
            "country": "BR",
            "reference": None,
            "label": None,
            "recipient": None,
            "latitude": -23.5,
            "longitude": None,
            "fullAddress": "Av. Paulista, 1500 - Loja 1, Bela Vista, São Paulo - SP, 01310-100",
        },
        "holidays": ["2026-01-01", "2026-12-25"],
        "latitude": -23.5,
        "integrationConfig": None,
        "credentialsString": None,
    }


async def test_secrets_are_kept_nowhere(client: httpx.AsyncClient, token: MakeToken, db: Database) -> None:
    await client.put(f"{SELLERS}?wait=true", json=[FULL], headers=await token(Role.ERP))
    async with db.read() as tx:
        stored = [str(dict(row)) for row in await tx.fetch("SELECT * FROM seller")]
        told = [str(dict(row)) for row in await tx.fetch("SELECT * FROM event")]
    assert len(stored) == 1
    assert "hush" not in "".join(stored + told)


async def test_one_store_by_itself_and_the_defaults(client: httpx.AsyncClient, token: MakeToken) -> None:
    erp = await token(Role.ERP)
    answer = await client.put(
        f"{SELLERS}?wait=true", content=b'\n {"CNPJ": "9xk4m7ta000116", "companyName": "Nova"}', headers=erp
    )
    assert (answer.status_code, answer.json()["inserted"]) == (200, 1), answer.text
    shown = (await client.get(f"{SELLERS}/9XK4M7TA0001-16", headers=erp)).json()
    assert {name: shown[name] for name in ("cnpj", "name", "fullName", "companyName", "pointSaleId", "address")} == {
        "cnpj": NORTE,
        "name": "Nova",
        "fullName": "Nova",
        "companyName": "Nova",
        "pointSaleId": None,
        "address": None,
    }
    flags = ("isActive", "isEcommerce", "pickupEnabled", "deliveryEnabled", "handlingDays", "safetyStock", "priority")
    assert [shown[name] for name in flags] == [True, False, True, True, 0, 0, 0]
    assert (shown["workingHours"], shown["holidays"]) == ([], [])


async def test_bad_rows_are_told(client: httpx.AsyncClient, token: MakeToken) -> None:
    erp = await token(Role.ERP)
    rows = [
        {"cnpj": "123", "name": "A"},
        {"name": "B"},
        {"cnpj": CENTRO, "name": "C", "address": {"cep": "12"}},
        {"cnpj": CENTRO, "name": "D", "address": {"street": "X"}},
        {"cnpj": CENTRO},
        {"cnpj": CENTRO, "name": "E", "holidays": ["tomorrow"]},
        {"cnpj": NORTE, "name": "F", "workingHours": None, "isActive": None, "address": None},
    ]
    told = (await client.put(f"{SELLERS}?wait=true", json=rows, headers=erp)).json()
    assert (told["inserted"], told["failed"]) == (1, 6)
    assert [(issue["row"], issue["code"], issue["field"], issue["message"]) for issue in told["errors"]] == [
        (1, "123", "cnpj", "must be a CNPJ: 14 characters, the last two digits"),
        (2, None, "cnpj", "is required"),
        (3, None, "address.cep", "must be a CEP, such as 01001-000"),
        (4, None, "address.cep", "is required"),
        (5, CENTRO, "name", "must have 1 to 300 characters"),
        (6, None, "holidays[0]", "must be an ISO 8601 date, such as 2026-07-01"),
    ]


async def test_a_bound_erp_writes_its_own_store(client: httpx.AsyncClient, token: MakeToken) -> None:
    bound = await token(Role.ERP, seller_cnpj=CENTRO)
    rows = [{"cnpj": CENTRO, "name": "A"}, {"cnpj": NORTE, "name": "B"}]
    answer = await client.put(f"{SELLERS}?wait=true", json=rows, headers=bound)
    assert (answer.status_code, answer.json()["rows"], answer.json()["failed"]) == (200, 2, 1)
    assert (await client.get(f"{SELLERS}/{NORTE}", headers=bound)).status_code == 404


async def filled(client: httpx.AsyncClient, headers: Headers) -> None:
    rows = [
        {"cnpj": CENTRO, "pointSaleId": "Loja #1/SP", "name": "B"},
        {"cnpj": NORTE, "pointSaleId": "2", "name": "A", "isActive": False},
        {"cnpj": "11222333000181", "pointSaleId": "3", "name": "C"},
    ]
    assert (await client.put(f"{SELLERS}?wait=true", json=rows, headers=headers)).json()["failed"] == 0


async def test_by_point_of_sale_id(client: httpx.AsyncClient, token: MakeToken) -> None:
    erp = await token(Role.ERP)
    await filled(client, erp)
    for path in ("Loja%20%231%2FSP", "04.109.169%2F0001-35", CENTRO, f"{CENTRO}/"):
        answer = await client.get(f"{SELLERS}/{path}", headers=await token(Role.CHANNEL))
        assert (answer.status_code, answer.json()["cnpj"]) == (200, CENTRO), path
    answer = await client.get(f"{SELLERS}/9", headers=erp)
    assert (answer.status_code, answer.json()["code"]) == (404, "seller_not_found")


async def test_the_list(client: httpx.AsyncClient, token: MakeToken) -> None:
    erp = await token(Role.ERP)
    await filled(client, erp)
    page = (await client.get(SELLERS, params={"SORTFIELD": "name", "perPage": 2}, headers=erp)).json()
    shown = page.pop("sellers")
    cursor = page.pop("next")
    assert page == {
        "page": 1,
        "perPage": 2,
        "maxCount": 3,
        "maxCountCapped": False,
        "sortField": "name",
        "sortAscending": True,
        "maxPage": 2,
    }
    assert [seller["name"] for seller in shown] == ["A", "B"]
    rest = (await client.get(SELLERS, params={"cursor": cursor}, headers=erp)).json()
    assert ([seller["name"] for seller in rest["sellers"]], rest["page"], rest["next"]) == (["C"], 2, None)
    active = (await client.get(SELLERS, params={"isActive": "true", "sortField": "name"}, headers=erp)).json()
    assert [seller["name"] for seller in active["sellers"]] == ["B", "C"]
    later = (await client.get(SELLERS, params={"lastUpdate": shown[0]["lastUpdate"]}, headers=erp)).json()
    assert [seller["name"] for seller in later["sellers"]] == ["C"]
    other = await client.get(SELLERS, params={"cursor": cursor, "isActive": "true"}, headers=erp)
    assert (other.status_code, other.json()["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize("path", ["", f"/{CENTRO}"])
async def test_who_may_read(client: httpx.AsyncClient, token: MakeToken, path: str) -> None:
    await filled(client, await token(Role.ADMIN))
    for role in (Role.CHANNEL, Role.ERP, Role.OPERATOR, Role.ADMIN):
        assert (await client.get(SELLERS + path, headers=await token(role))).status_code == 200
    carrier = await token(Role.CARRIER, carrier="SEDEX")
    assert (await client.get(SELLERS + path, headers=carrier)).status_code == 403
    assert (await client.get(SELLERS + path)).status_code == 401
