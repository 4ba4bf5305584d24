"""The express lane of quotes answers as the route beside it: each request is sent both ways."""

from typing import Any

import httpx
import pytest

from balcao.base.db import Database
from balcao.base.values import Tenant
from balcao.doors.neomode.freight.asked import read_plainly
from balcao.tenants.rules import Role
from tests.doors.conftest import Headers, MakeToken
from tests.verbs.freight_shop import CENTRO, NORTE, furnish, load, rate

URL = "/cp/management/commerce/freight/simulation/ecommerce/qaapp"
CART = {"postalCode": "01001-000", "items": [{"sku": "SHIRT", "quantity": 6}, {"sku": "CUP", "quantity": 3}]}


@pytest.fixture
async def headers(db: Database, tenant: Tenant, token: MakeToken) -> Headers:
    async with db.transaction() as tx:
        await furnish(tx, tenant)
        await load(tx, tenant, "SEDEX", rate((1_000_000, 5_999_999), (0, 1000), "10.50", 1), cnpj=CENTRO)
        await load(tx, tenant, "NORMAL", rate((0, 99_999_999), (0, 5000), "15", 4))
    return await token(Role.ERP)


def _without_own(told: Any) -> Any:
    """Without ids, keys and traces, which no two answers share."""
    if isinstance(told, dict):
        return {name: _without_own(value) for name, value in told.items() if name not in {"id", "traceId"}} | (
            {"calculationKey": told["calculationKey"] is None} if "calculationKey" in told else {}
        )
    return [_without_own(one) for one in told] if isinstance(told, list) else told


async def both(client: httpx.AsyncClient, headers: Headers, body: Any, query: str = "", url: str = URL) -> Any:
    """What either way answers; a parameter that nobody knows is none for the lane."""
    beside = f"{query}&by=litestar" if query else "by=litestar"
    answers = [await client.post(f"{url}?{said}", json=body, headers=headers) for said in (query, beside)]
    one, other = [
        (answer.status_code, answer.headers["content-type"], _without_own(answer.json())) for answer in answers
    ]
    assert one == other
    return answers[0].json()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "AllowPackageSplit=true",
        "allowpackagesplit=True&AllowUnavailableItem=false&MaxResults=1&UniqueSlas=true",
        "AllowPackageSplit=true&Persist=true",
        "AllowUnavailableItem=true&explain=true",
        f"SellerCodes={CENTRO}&SellerCodes[]={NORTE}&AllowPackageSplit=true",
        f"IgnoredSellerCodes={NORTE},{CENTRO}",
        "ShouldCheckStock=false&ShouldPackagedIndividually=true",
    ],
)
async def test_quotes_are_the_same_either_way(client: httpx.AsyncClient, headers: Headers, query: str) -> None:
    read_plainly(query.encode())  # the lane takes it
    told = await both(client, headers, CART, query)
    assert told["packages"] or told["unavailables"]


@pytest.mark.parametrize(
    ("body", "query", "status"),
    [
        (CART | {"postalCode": "1"}, "", 400),
        (CART | {"items": []}, "", 400),
        (CART | {"originIdentifier": "99999999999999"}, "", 400),
        (CART, "UseCatalogMeasure=false", 400),
        (CART, "MaxResults=0", 400),
        (CART, "MaxResults=99999999999999999999999999", 400),
        (CART, "Persist=maybe", 400),
        (CART, "SellerCodes=%00", 400),
        (CART, "explain=%ff", 400),
        ([], "", 400),
    ],
)
async def test_refusals_are_the_same_either_way(
    client: httpx.AsyncClient, headers: Headers, body: Any, query: str, status: int
) -> None:
    assert (await both(client, headers, body, query))["status"] == status


async def test_who_may_not_hears_the_same_either_way(
    client: httpx.AsyncClient, headers: Headers, token: MakeToken
) -> None:
    assert (await both(client, headers, CART, url=URL.replace("qaapp", "other")))["code"] == "wrong_tenant"
    channel, carrier = await token(Role.CHANNEL), await token(Role.CARRIER, carrier="SEDEX")
    assert (await both(client, channel, CART, "explain=true"))["code"] == "wrong_role"
    assert (await both(client, carrier, CART))["status"] == 403


async def test_paths_with_anything_in_them(client: httpx.AsyncClient, headers: Headers) -> None:
    for platform in ("any%20text%2Fat%20all", "%25", "a+b", "x/"):
        url = URL.replace("ecommerce", platform)
        answers = [(await client.post(f"{url}{end}", json=CART, headers=headers)) for end in ("", "?by=litestar")]
        assert answers[0].status_code == answers[1].status_code == 200


async def test_kept_under_keys_of_its_own(client: httpx.AsyncClient, headers: Headers, db: Database) -> None:
    answers = [await client.post(f"{URL}?Persist=true", json=CART, headers=headers) for _ in range(2)]
    keys = [one["calculationKey"] for answer in answers for p in answer.json()["packages"] for one in p["freights"]]
    async with db.read() as tx:
        kept = await tx.fetch("SELECT calculation_key FROM freight_offer")
    assert len(set(keys)) == len(keys)
    assert {row["calculation_key"] for row in kept} == set(keys)
