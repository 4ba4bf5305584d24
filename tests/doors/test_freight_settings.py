"""Freight's own routes over HTTP: carriers, rules, spreadsheets, versions; and what quotes make of them at once."""

import io
from typing import Any

import httpx
import pytest
from openpyxl import Workbook

from balcao.base.db import Database
from balcao.base.values import Tenant
from balcao.tenants.rules import Role
from tests.base.test_sheets import unfolding
from tests.doors.conftest import Headers, MakeToken
from tests.verbs.freight_shop import CENTRO, NORTE, furnish, load, rate

URL = "/cp/management/commerce/freight/simulation/ecommerce/qaapp"
SHIRTS = {"postalCode": "01001-000", "items": [{"sku": "SHIRT", "quantity": 5, "price": 59.9}]}
EVERYWHERE = (0, 99_999_999)
CARRIER = {
    "description": "Jadex Econômico",
    "isActive": True,
    "volumetricFactor": 300,
    "maxWeightKg": 30,
    "maxSideCm": 100.5,
    "maxSidesCm": 200,
    "maxValue": 10000,
    "cepRanges": [{"start": "01000000", "end": "39999999"}],
    "cutOff": "15:00",
}
RULE = {
    "kind": "free",
    "isActive": True,
    "channels": ["ecommerce"],
    "carriers": ["NORMAL"],
    "cepRanges": [{"start": "01000000", "end": "19999999"}],
    "minCartValue": 199.9,
    "maxCartValue": 500,
    "from": "2026-01-01T03:00:00.000000Z",
    "until": "2099-01-01T03:00:00.000000Z",
    "amount": 0,
    "percent": 0,
}


@pytest.fixture
async def shop(db: Database, tenant: Tenant) -> Tenant:
    """NORMAL costs 15 from everywhere to everywhere."""
    async with db.transaction() as tx:
        await furnish(tx, tenant)
        await load(tx, tenant, "NORMAL", rate(EVERYWHERE, (0, 5000), "15", 4))
    return tenant


@pytest.fixture
async def erp(shop: Tenant, token: MakeToken) -> Headers:
    return await token(Role.ERP)


async def amounts(client: httpx.AsyncClient, headers: Headers, **query: Any) -> dict[str, float]:
    """What each carrier costs from CENTRO."""
    answer = await client.post(URL, json=SHIRTS, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    freights = [one for package in answer.json()["packages"] for one in package["freights"]]
    return {one["reference"]: one["amount"] for one in freights if one["sellerCnpj"] == CENTRO}


async def test_a_carrier_there_and_back(client: httpx.AsyncClient, erp: Headers) -> None:
    answer = await client.put("/v1/freight-carriers/JADEX", json=CARRIER, headers=erp)
    assert (answer.status_code, answer.json()) == (200, {"reference": "JADEX", **CARRIER})
    bare = (await client.put("/v1/freight-carriers/A%2FB", json={"description": "X"}, headers=erp)).json()
    assert bare == {
        "reference": "A/B", "description": "X", "isActive": True, "volumetricFactor": 0, "maxWeightKg": None,
        "maxSideCm": None, "maxSidesCm": None, "maxValue": None, "cepRanges": [], "cutOff": None,
    }  # fmt: skip
    listed = (await client.get("/v1/freight-carriers", headers=erp)).json()["carriers"]
    assert [one["reference"] for one in listed] == ["A/B", "JADEX", "NORMAL"]


async def test_a_carrier_as_sent_already_is_not_told_of(client: httpx.AsyncClient, erp: Headers, db: Database) -> None:
    for _ in range(2):
        assert (await client.put("/v1/freight-carriers/JADEX", json=CARRIER, headers=erp)).status_code == 200
    async with db.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM event WHERE type = 'freight_carrier.changed'") == 1


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"description": " "}, {"description": ["must have 1 to 200 characters"]}),
        ({"maxWeightKg": 0}, {"maxWeightKg": ["must be above zero, whole grams"]}),
        ({"maxWeightKg": 0.0001}, {"maxWeightKg": ["must be kg, whole grams"]}),
        ({"volumetricFactor": -1}, {"volumetricFactor": ["must be at least 0"]}),
        ({"volumetricFactor": 10001}, {"volumetricFactor": ["must be from 0 to 10000 kg a cubic metre"]}),
        ({"volumetricFactor": 0.0001}, {"volumetricFactor": ["must have at most three decimals"]}),
        ({"maxSideCm": 0}, {"maxSideCm": ["must be above zero and at most 100000"]}),
        ({"maxValue": 0}, {"maxValue": ["must be an amount above zero, with at most four decimals"]}),
        ({"cepRanges": [{"start": "x", "end": "1"}]}, {"cepRanges[0]": ["must be two CEPs, such as 01001-000"]}),
        ({"cepRanges": [{"start": "9", "end": "1"}]}, {"cepRanges[0]": ["must be two CEPs, the lower one first"]}),
        ({"cutOff": "25:00"}, {"cutOff": ["must be HH:MM"]}),
    ],
)
async def test_bad_carriers(client: httpx.AsyncClient, erp: Headers, change: Any, errors: Any) -> None:
    answer = await client.put("/v1/freight-carriers/JADEX", json=CARRIER | change, headers=erp)
    assert (answer.status_code, answer.json().get("errors")) == (400, errors)
    listed = (await client.get("/v1/freight-carriers", headers=erp)).json()["carriers"]
    assert [one["reference"] for one in listed] == ["NORMAL"]


async def test_a_carriers_limits_hold_for_the_next_quote(client: httpx.AsyncClient, erp: Headers) -> None:
    assert await amounts(client, erp) == {"PICKUP": 0, "NORMAL": 15}
    for limit, expected in (
        ({"maxWeightKg": 0.4}, {"PICKUP": 0, "NORMAL": 45}),
        ({"maxWeightKg": 0.1}, {"PICKUP": 0}),
        ({"cepRanges": [{"start": "2", "end": "3"}]}, {"PICKUP": 0}),
        ({"isActive": False}, {"PICKUP": 0}),
        ({}, {"PICKUP": 0, "NORMAL": 15}),
    ):
        body = {"description": "Normal", **limit}
        assert (await client.put("/v1/freight-carriers/NORMAL", json=body, headers=erp)).status_code == 200
        assert await amounts(client, erp) == expected


async def test_rules_there_and_back_and_gone(client: httpx.AsyncClient, erp: Headers) -> None:
    answer = await client.put("/v1/freight-rules/GRATIS", json=RULE, headers=erp)
    assert (answer.status_code, answer.json()) == (200, {"code": "GRATIS", **RULE})
    assert (await client.get("/v1/freight-rules", headers=erp)).json() == {"rules": [{"code": "GRATIS", **RULE}]}
    assert await amounts(client, erp) == {"PICKUP": 0, "NORMAL": 0}
    surcharge = {"kind": "surcharge", "amount": 2.5, "percent": 10}
    assert (await client.put("/v1/freight-rules/GRATIS", json=surcharge, headers=erp)).status_code == 200
    assert await amounts(client, erp) == {"PICKUP": 0, "NORMAL": 19}
    assert (await client.delete("/v1/freight-rules/GRATIS", headers=erp)).status_code == 204
    assert await amounts(client, erp) == {"PICKUP": 0, "NORMAL": 15}
    assert (await client.delete("/v1/freight-rules/GRATIS", headers=erp)).status_code == 404


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"kind": "cheap"}, {"kind": ["must be one of free, surcharge"]}),
        ({"kind": "surcharge"}, {"amount": ["a surcharge needs an amount or a percent"]}),
        ({"kind": "free", "percent": 1}, {"amount": ["free shipping has no amount and no percent"]}),
        ({"kind": "surcharge", "percent": 1001}, {"percent": ["must be at most 1000"]}),
        ({"kind": "free", "minCartValue": 9, "maxCartValue": 8}, {"maxCartValue": ["must not be below minCartValue"]}),
        ({"kind": "free", "from": "2026-01-02", "until": "2026-01-02"}, {"until": ["must be after from"]}),
    ],
)
async def test_bad_rules(client: httpx.AsyncClient, erp: Headers, body: Any, errors: Any) -> None:
    answer = await client.put("/v1/freight-rules/R", json=body, headers=erp)
    assert (answer.status_code, answer.json().get("errors")) == (400, errors)
    assert (await client.get("/v1/freight-rules", headers=erp)).json() == {"rules": []}


async def test_a_credential_bound_to_a_store_changes_nothing_of_all_stores(
    client: httpx.AsyncClient, shop: Tenant, token: MakeToken
) -> None:
    bound = await token(Role.ERP, seller_cnpj=NORTE)
    for method, path, body in (
        ("PUT", "/v1/freight-carriers/A", CARRIER),
        ("PUT", "/v1/freight-rules/A", RULE),
        ("DELETE", "/v1/freight-rules/A", None),
    ):
        answer = await client.request(method, path, json=body, headers=bound)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_seller")


SHEET = (
    "carrier;description;sellerCnpj;originState;cepStart;cepEnd;weightStartKg;weightEndKg;price;days;cutOff\n"
    f"LOGGI;Loggi;{CENTRO};;01000-000;05999-999;0;5;7,50;1;14:00\n"
    "LOGGI;Loggi;;SP;01000-000;05999-999;0;5;9;2;\n"
)


async def test_a_csv_file_is_loaded_whole_in_one_swap(client: httpx.AsyncClient, erp: Headers) -> None:
    headers = erp | {"Content-Type": "text/csv; charset=utf-8"}
    answer = await client.put("/v1/freight-tables", content=SHEET.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    loaded = answer.json()
    assert (loaded["rows"], loaded["notes"]) == (2, [])
    assert [(one["reference"], one["sellerCnpj"], one["originState"]) for one in loaded["tables"]] == [
        ("LOGGI", CENTRO, None),
        ("LOGGI", None, "SP"),
    ]
    assert await amounts(client, erp) == {"PICKUP": 0, "NORMAL": 15, "LOGGI": 7.5}


async def test_an_xlsx_file_in_vtexs_columns(client: httpx.AsyncClient, erp: Headers) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(
        ["ZipCodeStart", "ZipCodeEnd", "WeightStart", "WeightEnd", "AbsoluteMoneyCost", "PricePercent", "TimeCost"]
    )
    sheet.append([1000000, 5999999, 0, 5000, 10, 1, "3.00:00:00"])
    file = io.BytesIO()
    book.save(file)
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    query = {"carrier": "LOGGI", "sellerCnpj": CENTRO}
    headers = erp | {"Content-Type": xlsx}
    answer = await client.put("/v1/freight-tables", content=file.getvalue(), params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    assert (await amounts(client, erp))["LOGGI"] == 13
    for content, status in ((b"PK\x03\x04 no book", 400), (unfolding([["cepStart"]]), 400), (b"", 400)):
        answer = await client.put("/v1/freight-tables", content=content, params=query, headers=headers)
        assert answer.status_code == status
    assert (await amounts(client, erp))["LOGGI"] == 13


async def test_a_file_with_wrong_lines_loads_nothing(client: httpx.AsyncClient, erp: Headers) -> None:
    before = (await client.get("/v1/freight-tables", headers=erp)).json()
    bad = SHEET + "LOGGI;Loggi;;SP;05999-999;x;0;5;9;2;\n" + "LOGGI;Loggi;;SP;05999-999;06;6;5;9;2;\n"
    answer = await client.put("/v1/freight-tables", content=bad.encode(), headers=erp | {"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        {
            "line 4: cepEnd": ["must be a CEP, such as 01001-000"],
            "line 5: cepEnd": ["must not be below cepStart"],
            "line 5: weightEndKg": ["must be above weightStartKg"],
        },
    )
    assert (await client.get("/v1/freight-tables", headers=erp)).json() == before


async def test_gaps_are_told(client: httpx.AsyncClient, erp: Headers) -> None:
    row = {"cepStart": "0", "cepEnd": "9", "weightStartKg": 0, "weightEndKg": 1, "price": 1, "days": 1}
    body = {"reference": "GAP", "rows": [row, row | {"cepStart": "20", "cepEnd": "29"}]}
    loaded = (await client.put("/v1/freight-tables", json=body, headers=erp)).json()
    assert loaded["notes"] == ["rows[1]: no row holds the CEPs from 00000010 to 00000019"]


async def test_versions_are_listed_and_restored(client: httpx.AsyncClient, erp: Headers, token: MakeToken) -> None:
    row = {"cepStart": "0", "cepEnd": "99999999", "weightStartKg": 0, "weightEndKg": 5, "price": 20, "days": 1}
    dear = (await client.put("/v1/freight-tables", json={"reference": "NORMAL", "rows": [row]}, headers=erp)).json()
    assert (await amounts(client, erp))["NORMAL"] == 20
    versions = (await client.get("/v1/freight-tables?versionsOf=NORMAL", headers=erp)).json()["tables"]
    assert [(one["isCurrent"], one["tableId"] == dear["tableId"]) for one in versions] == [(True, True), (False, False)]
    former = versions[1]["tableId"]
    assert (await client.get(f"/v1/freight-tables/{former}", headers=erp)).json()["rows"][0]["price"] == 15
    bound = await token(Role.ERP, seller_cnpj=NORTE)
    assert (await client.post(f"/v1/freight-tables/{former}/restore", headers=bound)).status_code == 404
    restored = await client.post(f"/v1/freight-tables/{former}/restore", headers=erp)
    assert (restored.status_code, restored.json()["isCurrent"]) == (200, True)
    assert (await amounts(client, erp))["NORMAL"] == 15
    versions = (await client.get("/v1/freight-tables?versionsOf=NORMAL", headers=erp)).json()["tables"]
    assert [(one["isCurrent"], one["tableId"]) for one in versions] == [(True, former), (False, dear["tableId"])]


async def test_an_answer_names_the_versions_it_is_from(client: httpx.AsyncClient, erp: Headers) -> None:
    [table] = (await client.get("/v1/freight-tables", headers=erp)).json()["tables"]
    answer = (await client.post(URL, json=SHIRTS, headers=erp)).json()
    assert answer["versions"] == [
        {"tableId": table["tableId"], "reference": "NORMAL", "inForceSince": table["inForceSince"]}
    ]


async def test_an_explanation_says_why(client: httpx.AsyncClient, erp: Headers, token: MakeToken) -> None:
    await client.put("/v1/freight-rules/MAIS", json={"kind": "surcharge", "amount": 1}, headers=erp)
    await client.put("/v1/freight-carriers/LOGGI", json={"description": "Loggi"}, headers=erp)
    body = SHIRTS | {"items": [{"sku": "SHIRT", "quantity": 6, "price": 59.9}]}
    answer = await client.post(URL, json=body, params={"explain": "true"}, headers=erp)
    assert answer.status_code == 200, answer.text
    stores = {one["cnpj"]: one for one in answer.json()["explanation"]}
    assert {cnpj[:2]: one["verdict"] for cnpj, one in stores.items()} == {
        "04": "Offered", "11": "OutOfStock", "33": "Closed",
    }  # fmt: skip
    assert stores[NORTE]["short"] == [{"sku": "SHIRT", "quantity": 6, "available": 5}]
    assert stores[NORTE]["detail"] == "not enough of SHIRT (asked 6, available 5)"
    verdicts = {one["reference"]: (one["verdict"], one["amount"], one["tableAmount"], one["rules"])
                for one in stores[CENTRO]["carriers"]}  # fmt: skip
    assert verdicts == {
        "PICKUP": ("Offered", 0, 0, []),
        "LOGGI": ("NoTable", None, None, []),
        "NORMAL": ("Offered", 16, 15, ["MAIS"]),
    }
    assert {one["reference"]: one["verdict"] for one in stores[NORTE]["carriers"]} == {
        "PICKUP": "PickupOff", "LOGGI": "NoTable", "NORMAL": "NotShown",
    }  # fmt: skip
    channel = await token(Role.CHANNEL)
    refused = await client.post(URL, json=body, params={"explain": "true"}, headers=channel)
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_role")


@pytest.mark.parametrize(
    ("carrier", "postal_code", "verdict"),
    [
        ({"maxWeightKg": 0.1}, "01001-000", "TooHeavy"),
        ({"maxValue": 50}, "01001-000", "TooValuable"),
        ({"cepRanges": [{"start": "2", "end": "3"}]}, "01001-000", "NotCovered"),
        ({"isActive": False}, "01001-000", "CarrierOff"),
        ({}, "90000-000", "CepOutside"),
        ({"volumetricFactor": 0}, "02000-000", "WeightOutside"),
    ],
)
async def test_each_reason_has_its_name(
    client: httpx.AsyncClient, erp: Headers, carrier: Any, postal_code: str, verdict: str
) -> None:
    rows = [
        {"cepStart": "01000-000", "cepEnd": "01999-999", "weightStartKg": 0, "weightEndKg": 5, "price": 1, "days": 1},
        {"cepStart": "02000-000", "cepEnd": "02999-999", "weightStartKg": 0, "weightEndKg": 0.5, "price": 1, "days": 1},
    ]
    await client.put("/v1/freight-tables", json={"reference": "X", "rows": rows}, headers=erp)
    await client.put("/v1/freight-carriers/X", json={"description": "X", **carrier}, headers=erp)
    body = SHIRTS | {"postalCode": postal_code}
    answer = (await client.post(URL, json=body, params={"explain": "true"}, headers=erp)).json()
    store = next(one for one in answer["explanation"] if one["cnpj"] == CENTRO)
    assert next(one["verdict"] for one in store["carriers"] if one["reference"] == "X") == verdict
