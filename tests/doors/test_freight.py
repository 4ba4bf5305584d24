"""Freight over HTTP: simulations and carriers' tables."""

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.base.values import Tenant
from balcao.freight.offers import find_offers
from balcao.freight.rules.calendar import BRASILIA, arrival, local_moment
from balcao.tenants.rules import Role
from tests.doors.conftest import Headers, MakeToken
from tests.verbs.freight_shop import CENTRO, CENTRO_ID, NORTE, furnish, load, rate

URL = "/cp/management/commerce/freight/simulation/ecommerce/qaapp"
SHIRTS = {"postalCode": "01001-000", "items": [{"sku": "SHIRT", "quantity": 5, "price": 59.9}]}
TABLE = {
    "reference": "LOGGI",
    "description": "Loggi Expresso",
    "sellerCnpj": "04.109.169/0001-35",
    "rows": [
        {"cepStart": "01000-000", "cepEnd": "05999-999", "weightStartKg": 0, "weightEndKg": 1, "price": 8.5, "days": 1},
        {"cepStart": 1000000, "cepEnd": 5999999, "weightStartKg": 1, "weightEndKg": 30.5, "price": 17, "days": 2},
    ],
}

PAULISTA = {
    "street": "Avenida Paulista",
    "number": "1",
    "complement": None,
    "neighborhood": "",
    "cep": "01310100",
    "zipCode": "01310100",
    "city": "São Paulo",
    "state": "SP",
    "country": "BR",
    "reference": None,
    "label": None,
    "recipient": None,
    "latitude": None,
    "longitude": None,
    "fullAddress": "Avenida Paulista, 1, São Paulo - SP, 01310-100",
}


@pytest.fixture
async def shop(db: Database, tenant: Tenant) -> Tenant:
    """The small shop, with SEDEX from CENTRO to São Paulo and NORMAL from every store to everywhere."""
    async with db.transaction() as tx:
        await furnish(tx, tenant)
        await load(tx, tenant, "SEDEX", rate((1_000_000, 5_999_999), (0, 1000), "10.50", 1), cnpj=CENTRO)
        await load(tx, tenant, "NORMAL", rate((0, 99_999_999), (0, 5000), "15", 4))
        await tx.execute(
            "UPDATE seller SET body = $2 WHERE tenant = $1 AND seller_id = $3",
            tenant,
            {"address": {"cep": "01310100", "street": "Avenida Paulista", "number": "1", "city": "São Paulo",
                         "state": "SP"}, "latitude": -23.5614, "longitude": -46.6559},
            CENTRO_ID,
        )  # fmt: skip
    return tenant


@pytest.fixture
async def headers(shop: Tenant, token: MakeToken) -> Headers:
    return await token(Role.CHANNEL)


async def simulate(client: httpx.AsyncClient, headers: Headers, body: Any = SHIRTS, **query: Any) -> dict[str, Any]:
    answer = await client.post(URL, json=body, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def freights(document: dict[str, Any]) -> list[list[tuple[str, str]]]:
    names = {CENTRO: "CENTRO", NORTE: "NORTE"}
    return [[(names[one["sellerCnpj"]], one["reference"]) for one in p["freights"]] for p in document["packages"]]


EVERY = [[("CENTRO", "PICKUP"), ("CENTRO", "SEDEX"), ("CENTRO", "NORMAL"), ("NORTE", "NORMAL")]]


async def test_the_whole_answer(client: httpx.AsyncClient, headers: Headers) -> None:
    document = await simulate(client, headers, SHIRTS | {"latitude": -23.5505, "longitude": -46.6333})
    assert list(document) == ["id", "packages", "unavailables", "combinations", "versions", "explanation"]
    assert document["explanation"] is None
    assert (document["unavailables"], document["combinations"]) == ([], [])
    [package] = document["packages"]
    assert package["items"] == [{"sku": "SHIRT", "quantity": 5, "price": 59.9}]
    assert package["sellers"][0] == {
        "sellerId": str(CENTRO_ID),
        "cnpj": CENTRO,
        "pointSaleId": None,
        "name": CENTRO,
        "address": PAULISTA,
        "distance": 2.6,
    }
    assert (package["sellers"][1]["cnpj"], package["sellers"][1]["address"], package["sellers"][1]["distance"]) == (
        NORTE,
        None,
        None,
    )
    counted_from = arrival(local_moment(now_us(), BRASILIA).day - 1, 1)
    assert package["freights"][0] | {"deliveryDate": ""} == {
        "calculationKey": None,
        "type": "Pickup",
        "reference": "PICKUP",
        "description": "Retirada na loja (store pickup)",
        "amount": 0,
        "deliveryTime": 0,
        "deliveryDate": "",
        "handlingTime": 0,
        "sellerCnpj": CENTRO,
        "carrier": None,
        "sla": "Retirada na loja (store pickup)",
    }
    assert package["freights"][3] == {
        "calculationKey": None,
        "type": "Delivery",
        "reference": "NORMAL",
        "description": "Normal",
        "amount": 15,
        "deliveryTime": 5,
        "deliveryDate": f"{date.fromordinal(arrival(arrival(counted_from, 1), 4))}T15:00:00.000000Z",
        "handlingTime": 1,
        "sellerCnpj": NORTE,
        "carrier": "NORMAL",
        "sla": "Normal",
    }


@pytest.mark.parametrize(
    "path", [URL, URL.removeprefix("/cp"), URL + "/", URL.replace("ecommerce", "any%20text%2Fat%20all")]
)
async def test_addresses(client: httpx.AsyncClient, headers: Headers, path: str) -> None:
    answer = await client.post(path, json=SHIRTS, headers=headers)
    assert (answer.status_code, freights(answer.json())) == (200, EVERY)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", EVERY),
        ("maxresults=2", [EVERY[0][:2]]),
        ("UniqueSlas=true", [EVERY[0][:3]]),
        (f"SellerCodes={NORTE}", [EVERY[0][3:]]),
        (f"sellerCodes[]={CENTRO}&SELLERCODES[]={NORTE}", EVERY),
        (f"SellerCodes=11.222.333/0001-81,{CENTRO}", EVERY),
        (f"IgnoredSellerCodes[0]={CENTRO}", [EVERY[0][3:]]),
        (f"ignoredsellercodes={CENTRO},{NORTE}", []),
        ("ShouldCheckStock=True&unknown=1", EVERY),
    ],
)
async def test_query_parameters(client: httpx.AsyncClient, headers: Headers, query: str, expected: Any) -> None:
    answer = await client.post(f"{URL}?{query}", json=SHIRTS, headers=headers)
    assert (answer.status_code, freights(answer.json())) == (200, expected)


async def test_names_in_any_casing_and_no_content_type(client: httpx.AsyncClient, headers: Headers) -> None:
    body = b'{"CEP": 1001000, "OriginIDENTIFIER": "11222333000181", "Items": [{"SKU": "SHIRT", "Quantity": 1}], "x": 0}'
    answer = await client.post(URL, content=body, headers=headers)
    assert (answer.status_code, freights(answer.json())) == (200, [[("NORTE", "NORMAL")]])


async def test_given_measures(client: httpx.AsyncClient, headers: Headers) -> None:
    item = SHIRTS["items"][0] | {"dimensions": {"width": 1, "depth": 1, "height": 1, "weight": 0.2001}}  # type: ignore[operator]
    heavy = await simulate(client, headers, SHIRTS | {"items": [item]}, UseCatalogMeasure="false")
    assert freights(heavy) == [[one for one in EVERY[0] if one[1] != "SEDEX"]]
    single = await simulate(
        client, headers, SHIRTS | {"items": [item]}, UseCatalogMeasure="false", ShouldPackagedIndividually="true"
    )
    assert sorted(one["amount"] for one in single["packages"][0]["freights"]) == [0, 52.5, 75, 75]


async def test_a_split_and_what_is_missing(client: httpx.AsyncClient, headers: Headers) -> None:
    body = SHIRTS | {
        "items": [{"sku": "SHIRT", "quantity": 6}, {"sku": "CUP", "quantity": 3}, {"sku": "NONE", "quantity": 2}]
    }
    stopped = await simulate(client, headers, body, AllowPackageSplit="true")
    assert stopped["packages"] == []
    assert stopped["unavailables"] == [{"sku": "NONE", "quantity": 2, "available": 0, "reason": "UnknownSku"}]
    document = await simulate(client, headers, body, AllowPackageSplit="true", AllowUnavailableItem="true")
    assert freights(document) == [[("CENTRO", "PICKUP"), ("CENTRO", "NORMAL")], [("NORTE", "NORMAL")]]
    [combination] = document["combinations"]
    assert combination["packages"] == document["packages"]
    assert (combination["totalAmount"], combination["deliveryTime"]) == (30, 5)
    assert combination["deliveryDate"] == document["packages"][1]["freights"][0]["deliveryDate"]


async def test_a_persisted_quote_is_kept(
    client: httpx.AsyncClient, headers: Headers, db: Database, shop: Tenant
) -> None:
    document = await simulate(client, headers, Persist="true")
    keys = [one["calculationKey"] for one in document["packages"][0]["freights"]]
    async with db.read() as tx:
        offers = await find_offers(tx, shop, keys)
        assert await tx.fetchval("SELECT count(*) FROM freight_offer WHERE quote_id = $1", document["id"]) == 4
        assert await tx.fetchval("SELECT DISTINCT body->>'platform' FROM freight_offer") == "ecommerce"
    assert [offers[key].reference for key in keys] == ["PICKUP", "SEDEX", "NORMAL", "NORMAL"]
    days = {datetime.fromtimestamp(one.expires_us / 1e6, UTC) - datetime.now(UTC) for one in offers.values()}
    assert {round(left.total_seconds() / 86_400) for left in days} == {15}


async def test_a_persisted_quote_sent_again_under_its_key_is_kept_once(
    client: httpx.AsyncClient, headers: Headers, db: Database
) -> None:
    headers = headers | {"Idempotency-Key": "cart-1"}
    first = await simulate(client, headers, Persist="true")
    assert await simulate(client, headers, Persist="true") == first
    async with db.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM freight_offer") == 4


@pytest.mark.parametrize(
    ("body", "query", "errors"),
    [
        (SHIRTS | {"postalCode": "0100-000"}, "", {"postalCode": ["must be a CEP, such as 01001-000"]}),
        (SHIRTS | {"postalCode": -10000000}, "", {"postalCode": ["must be a CEP, such as 01001-000"]}),
        (SHIRTS | {"latitude": 90.1, "longitude": -181}, "",
         {"latitude": ["must be at most 90"], "longitude": ["must be at least -180"]}),
        ({"items": SHIRTS["items"]}, "", {"postalCode": ["is required"]}),
        (SHIRTS | {"items": []}, "", {"items": ["must have at least 1 items"]}),
        ({"postalCode": "01001000"}, "", {"items": ["is required"]}),
        (SHIRTS | {"items": [{"sku": "A", "quantity": 1}] * 501}, "", {"items": ["must have at most 500 items"]}),
        (SHIRTS | {"items": [{"sku": "A", "quantity": 0}]}, "", {"items[0].quantity": ["must be at least 1"]}),
        (SHIRTS | {"items": [{"sku": "A", "quantity": 1, "price": -1}]}, "",
         {"items[0].price": ["must be at least 0"]}),
        (SHIRTS | {"originIdentifier": "99999999999999"}, "",
         {"originIdentifier": ["is not the CNPJ of an active store"]}),
        (SHIRTS, "UseCatalogMeasure=false",
         {"items[0].dimensions": ["is required with its weight when UseCatalogMeasure is false"]}),
        (SHIRTS, "MaxResults=0", {"MaxResults": ["must be at least 1"]}),
        (SHIRTS, "Persist=maybe", {"Persist": ["must be a boolean"]}),
    ],
)  # fmt: skip
async def test_refusals(client: httpx.AsyncClient, headers: Headers, body: Any, query: str, errors: Any) -> None:
    answer = await client.post(f"{URL}?{query}", json=body, headers=headers)
    assert (answer.status_code, answer.json().get("errors")) == (400, errors), answer.text


async def test_who_may_simulate(client: httpx.AsyncClient, shop: Tenant, token: MakeToken) -> None:
    for role in (Role.ERP, Role.OPERATOR, Role.ADMIN):
        assert (await client.post(URL, json=SHIRTS, headers=await token(role))).status_code == 200
    carrier = await token(Role.CARRIER, carrier="SEDEX")
    assert (await client.post(URL, json=SHIRTS, headers=carrier)).status_code == 403
    assert (await client.post(URL, json=SHIRTS)).status_code == 401
    other = URL.replace("qaapp", "other")
    assert (await client.post(other, json=SHIRTS, headers=await token(Role.CHANNEL))).status_code == 403
    bound = await token(Role.ERP, seller_cnpj=NORTE)
    assert freights(await simulate(client, bound)) == [EVERY[0][3:]]


async def test_a_table_is_loaded_listed_and_read(client: httpx.AsyncClient, shop: Tenant, token: MakeToken) -> None:
    headers = await token(Role.ERP)
    answer = await client.put("/v1/freight-tables", json=TABLE, headers=headers)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert {**shown, "tableId": "", "loadedAt": "", "inForceSince": "", "loadedBy": ""} == {
        "tableId": "",
        "reference": "LOGGI",
        "description": "Loggi Expresso",
        "sellerCnpj": CENTRO,
        "originState": None,
        "rowCount": 2,
        "loadedAt": "",
        "loadedBy": "",
        "source": None,
        "inForceSince": "",
        "isCurrent": True,
        "notes": [],
    }
    del shown["notes"]
    tables = (await client.get("/v1/freight-tables", headers=headers)).json()["tables"]
    assert [(one["reference"], one["sellerCnpj"]) for one in tables] == [
        ("LOGGI", CENTRO),
        ("NORMAL", None),
        ("SEDEX", CENTRO),
    ]
    assert tables[0] == shown
    first = (await client.get(f"/v1/freight-tables/{shown['tableId']}?limit=1", headers=headers)).json()
    assert first == shown | {
        "rows": [{"line": 1, "cepStart": "01000000", "cepEnd": "05999999", "weightStartKg": 0, "weightEndKg": 1,
                  "price": 8.5, "pricePercent": 0, "extraPerKg": 0, "minInsurance": 0, "maxVolumeCm3": 0, "days": 1,
                  "cutOff": None}],
        "next": 1,
    }  # fmt: skip
    rest = (await client.get(f"/v1/freight-tables/{shown['tableId']}?after=1", headers=headers)).json()
    assert ([row["weightEndKg"] for row in rest["rows"]], rest["next"]) == ([30.5], None)
    assert ("CENTRO", "LOGGI") in freights(await simulate(client, headers))[0]


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"rows": [TABLE["rows"][0]] * 2}, {"rows[1].cepStart": ["overlaps rows[0]"]}),
        ({"rows": [{**TABLE["rows"][0], "cepStart": "x", "weightEndKg": 0.0005}]},  # type: ignore[dict-item]
         {"rows[0].cepStart": ["must be a CEP, such as 01001-000"],
          "rows[0].weightEndKg": ["must be kg, whole grams"]}),
        ({"rows": [{**TABLE["rows"][0], "price": -1}]},  # type: ignore[dict-item]
         {"rows[0].price": ["must be an amount, not negative, with at most four decimals"]}),
        ({"sellerCnpj": "99999999999999"}, {"sellerCnpj": ["99999999999999 is not the CNPJ of a store"]}),
        ({"reference": " "}, {"carrier": ["must have 1 to 100 characters"]}),
        ({"rows": None}, {"rows": ["must be an array, not null"]}),
    ],
)  # fmt: skip
async def test_a_bad_table_is_refused_whole(
    client: httpx.AsyncClient, shop: Tenant, token: MakeToken, change: Any, errors: Any
) -> None:
    headers = await token(Role.ERP)
    before = (await client.get("/v1/freight-tables", headers=headers)).json()
    answer = await client.put("/v1/freight-tables", json=TABLE | change, headers=headers)
    assert (answer.status_code, answer.json().get("errors")) == (400, errors)
    assert (await client.get("/v1/freight-tables", headers=headers)).json() == before


async def test_who_may_load_and_see_tables(client: httpx.AsyncClient, shop: Tenant, token: MakeToken) -> None:
    admin, bound = await token(Role.ADMIN), await token(Role.ERP, seller_cnpj=NORTE)
    table = (await client.put("/v1/freight-tables", json=TABLE, headers=admin)).json()
    for mine, status in ((CENTRO, 403), (None, 403), (NORTE, 200)):
        answer = await client.put("/v1/freight-tables", json=TABLE | {"sellerCnpj": mine}, headers=bound)
        assert answer.status_code == status
    seen = (await client.get("/v1/freight-tables", headers=bound)).json()["tables"]
    assert [(one["reference"], one["sellerCnpj"]) for one in seen] == [("LOGGI", NORTE), ("NORMAL", None)]
    assert (await client.get(f"/v1/freight-tables/{table['tableId']}", headers=bound)).status_code == 404
    assert (await client.get(f"/v1/freight-tables/{seen[1]['tableId']}", headers=bound)).status_code == 200
    for role in (Role.CHANNEL, Role.OPERATOR):
        assert (await client.get("/v1/freight-tables", headers=await token(role))).status_code == 403
    assert (await client.put("/v1/freight-tables", json=TABLE)).status_code == 401
