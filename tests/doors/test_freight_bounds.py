"""Quotes at their bounds: the largest carts and the emptiest, no sides, CEPs that nobody goes to."""

from typing import Any

import httpx
import pytest

from balcao.base.db import Database
from balcao.base.values import Tenant
from balcao.freight.rules.model import ITEMS_MAX
from balcao.tenants.rules import Role
from tests.doors.conftest import Headers, MakeToken
from tests.verbs.freight_shop import NORTE, furnish, load, rate

URL = "/cp/management/commerce/freight/simulation/ecommerce/qaapp"


@pytest.fixture
async def headers(db: Database, client: httpx.AsyncClient, tenant: Tenant, token: MakeToken) -> Headers:
    """NORMAL goes from every store to the CEPs 01000-000 to 01999-999, in parcels of up to 30 kg."""
    async with db.transaction() as tx:
        await furnish(tx, tenant)
        await load(tx, tenant, "NORMAL", rate((1_000_000, 1_999_999), (0, 30_000), "15", 4))
    erp = await token(Role.ERP)
    carrier = {"description": "Normal", "maxWeightKg": 30, "volumetricFactor": 300, "maxSideCm": 100}
    assert (await client.put("/v1/freight-carriers/NORMAL", json=carrier, headers=erp)).status_code == 200
    return erp


async def _amounts(client: httpx.AsyncClient, headers: Headers, items: Any, **more: Any) -> Any:
    """What NORTE asks for each package, or why nothing is quoted; `cep` is where it goes, the rest is the query."""
    cep = more.pop("cep", "01001000")
    query = {"ShouldCheckStock": "false", "SellerCodes": NORTE} | more
    answer = await client.post(URL, params=query, json={"postalCode": cep, "items": items}, headers=headers)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    amounts = [[one["amount"] for one in package["freights"]] for package in told["packages"]]
    return amounts or sorted({one["reason"] for one in told["unavailables"]})


async def test_ten_thousand_units_go_in_as_many_parcels_as_it_takes(
    client: httpx.AsyncClient, headers: Headers
) -> None:
    # 10,000 shirts of 200 g are two tons: 66 parcels of 150 and one of 100.
    assert await _amounts(client, headers, [{"sku": "SHIRT", "quantity": 10_000}]) == [[67 * 15]]
    assert await _amounts(client, headers, [{"sku": "SHIRT", "quantity": 20}] * ITEMS_MAX) == [[67 * 15]]
    lone = await _amounts(client, headers, [{"sku": "SHIRT", "quantity": 10_000}], ShouldPackagedIndividually="true")
    assert lone == [[150_000]]


@pytest.mark.parametrize("count", [0, ITEMS_MAX + 1, 10_000])
@pytest.mark.parametrize("query", ["", "?by=litestar"])
async def test_no_lines_and_too_many_are_refused(
    client: httpx.AsyncClient, headers: Headers, count: int, query: str
) -> None:
    items = [{"sku": "SHIRT", "quantity": 1}] * count
    answer = await client.post(f"{URL}{query}", json={"postalCode": "01001000", "items": items}, headers=headers)
    told = "must have at least 1 items" if count == 0 else f"must have at most {ITEMS_MAX} items"
    assert (answer.status_code, answer.json()["errors"]) == (400, {"items": [told]})


async def test_ten_thousand_units_where_there_are_five(client: httpx.AsyncClient, headers: Headers) -> None:
    many = [{"sku": "SHIRT", "quantity": 10_000}]
    assert await _amounts(client, headers, many, ShouldCheckStock="true") == ["OutOfStock"]


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        # Without sides only the weight counts; without weight a parcel weighs one gram; without both too.
        ({"width": 0, "depth": 0, "height": 0, "weight": 1}, [[15]]),
        ({"width": 0, "depth": 50, "height": 50, "weight": 1}, [[15]]),
        ({"width": 1, "depth": 1, "height": 1, "weight": 0}, [[15]]),
        ({"width": 0, "depth": 0, "height": 0, "weight": 0}, [[15]]),
        # 50 × 50 × 40 cm at 300 kg a cubic metre is the bracket's very end, 40.1 cm is beyond it.
        ({"width": 50, "depth": 50, "height": 40, "weight": 1}, [[15]]),
        ({"width": 50, "depth": 50, "height": 40.1, "weight": 1}, ["NoDelivery"]),
        ({"width": 100, "depth": 0, "height": 0, "weight": 30}, [[15]]),
        ({"width": 100.0001, "depth": 0, "height": 0, "weight": 30}, ["NoDelivery"]),
        ({"width": 1, "depth": 1, "height": 1, "weight": 30.000001}, ["NoDelivery"]),
    ],
)
async def test_sides_and_weights(client: httpx.AsyncClient, headers: Headers, dimensions: Any, expected: Any) -> None:
    items = [{"sku": "SHIRT", "quantity": 1, "dimensions": dimensions}]
    told = await _amounts(client, headers, items, UseCatalogMeasure="false")
    assert told == expected


@pytest.mark.parametrize(
    ("cep", "expected"),
    [
        ("00999-999", ["NoDelivery"]),
        ("01000-000", [[15]]),
        ("01999999", [[15]]),
        ("02000000", ["NoDelivery"]),
        ("00000-000", ["NoDelivery"]),
        ("99999-999", ["NoDelivery"]),
    ],
)
async def test_ceps(client: httpx.AsyncClient, headers: Headers, cep: str, expected: Any) -> None:
    assert await _amounts(client, headers, [{"sku": "SHIRT", "quantity": 1}], cep=cep) == expected


async def test_a_sku_that_nobody_knows(client: httpx.AsyncClient, headers: Headers) -> None:
    assert await _amounts(client, headers, [{"sku": "nobody's", "quantity": 1}]) == ["UnknownSku"]
