"""The catalogue's lists over HTTP: categories, links, products by text, whole products, inventory, a SKU's stocks."""

import httpx
import pytest

from balcao.tenants.rules import Role
from tests.doors.catalog_shop import CATALOG, CENTRO, NORTE, Erp
from tests.doors.conftest import MakeToken

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def erp(client: httpx.AsyncClient, token: MakeToken) -> Erp:
    """An ERP whose shop is filled."""
    erp = Erp(client, await token(Role.ERP))
    await erp.fill()
    return erp


async def test_categories(erp: Erp) -> None:
    page = await erp.get("categories", sortField="code", perPage=1)
    assert ([each["code"] for each in page["categories"]], page["maxCount"]) == (["LOW"], 2)
    page = await erp.get("categories", sortField="code", perPage=1, cursor=page["next"])
    assert ([each["code"] for each in page["categories"]], page["next"]) == (["TOP"], None)
    assert page["categories"][0]["children"] == []
    page = await erp.get("categories", sortField="code", includeChildren="true")
    assert [[child["code"] for child in each["children"]] for each in page["categories"]] == [[], ["LOW"]]
    assert page["categories"][1] == await erp.get("categories/TOP")
    assert (await erp.get("categories", isActive="false"))["categories"] == []


async def test_products_in_categories(erp: Erp) -> None:
    links = (await erp.get("productcategories"))["productcategories"]
    assert sorted((link["productCode"], link["categoryCode"]) for link in links) == [("CUP", "TOP"), ("SHIRT", "LOW")]
    shirt = next(link for link in links if link["productCode"] == "SHIRT")
    product = await erp.get("products/SHIRT")
    assert shirt == {
        "categoryId": product["categories"][0]["id"],
        "categoryName": "Low",
        "categoryCode": "LOW",
        "productId": product["id"],
        "productName": "Camisa Açaí",
        "productCode": "SHIRT",
        "lastUpdate": product["lastUpdate"],
    }
    for params, expected in (
        ({"categoryId": shirt["categoryId"]}, [shirt]),
        ({"productId": shirt["productId"]}, [shirt]),
        ({"lastUpdate": links[0]["lastUpdate"]}, links[1:]),
        ({"perPage": 1, "page": 2}, links[1:]),
    ):
        assert (await erp.get("productcategories", **params))["productcategories"] == expected, params


@pytest.mark.parametrize(
    ("params", "codes"),
    [
        ({"query": "camisa"}, ["SHIRT"]),
        ({"query": "acai"}, ["SHIRT"]),
        ({"query": "camsia"}, ["SHIRT"]),
        ({"query": "789"}, ["SHIRT"]),
        ({"query": "ca"}, ["CUP", "SHIRT"]),
        ({"query": "ca", "hasStock": "true", "sortField": "code"}, ["CUP", "SHIRT"]),
        ({"query": "ca", "sortField": "name", "sortAscending": "false"}, ["CUP", "SHIRT"]),
        ({"query": "lampada", "isActive": "true"}, []),
        ({"query": "lampada", "isAvailable": "false"}, ["LAMP"]),
        ({"query": "nothing"}, []),
        ({"query": "   "}, []),
        ({"query": "'"}, []),
    ],
)
async def test_products_by_text(erp: Erp, params: dict[str, str], codes: list[str]) -> None:
    page = await erp.get("products", **params)
    assert ([line["code"] for line in page["products"]], page["maxCount"]) == (codes, len(codes))


async def test_pages_of_what_was_found(erp: Erp) -> None:
    await erp.batch("products", *({"code": f"X{n}", "name": f"Toalha {n}"} for n in range(7)))
    whole = (await erp.get("products", query="toalha"))["products"]
    page = await erp.get("products", query="toalha", perPage=3)
    assert (page["sortField"], page["maxCount"], len(whole)) == ("relevance", 7, 7)
    found = page["products"]
    while page["next"]:
        page = await erp.get("products", query="toalha", perPage=3, cursor=page["next"])
        found += page["products"]
    assert found == whole


async def test_whole_products(erp: Erp) -> None:
    page = await erp.get("products/skus", sortField="code", perPage=200)
    assert page["products"] == [await erp.get(f"products/{code}") for code in ("CUP", "LAMP", "SHIRT")]
    assert page["perPage"] == 50
    page = await erp.get("products/skus", query="camisa", hasStock="true")
    assert [each["code"] for each in page["products"]] == ["SHIRT"]


async def test_inventory(erp: Erp) -> None:
    lines = (await erp.get("inventory", sortField="skuCode"))["inventory"]
    facts = [(line["skuCode"], line["sellerCode"], line["available"], line["status"]) for line in lines]
    assert facts == [
        ("CUP-1", NORTE, 2, "Available"),
        ("SHIRT-M", CENTRO, 0, "OutOfStock"),
        ("SHIRT-P", CENTRO, 5, "Available"),
        ("SHIRT-P", NORTE, 1, "LowOfStock"),
    ]
    last = lines[-1]
    known = ("productCode", "productName", "skuName", "barcode", "sellerName", "quantity", "reserved", "minStock")
    assert [last[name] for name in known] == ["SHIRT", "Camisa Açaí", "Camisa P", "789", "B", 3, 0, 2]
    cup, shirt_m, shirt_p, shirt_p_norte = lines
    for params, expected in (
        ({"status": "available"}, [cup, shirt_p]),
        ({"status": "LowOfStock"}, [shirt_p_norte]),
        ({"status": "OUTOFSTOCK"}, [shirt_m]),
        ({"sellerId": CENTRO}, [shirt_m, shirt_p]),
        ({"sellerId": cup["sellerId"]}, [cup, shirt_p_norte]),
        ({"categoryId": "LOW"}, [shirt_m, shirt_p, shirt_p_norte]),
        ({"categoryId": "TOP"}, lines),
        ({"categoryId": "NONE"}, []),
        ({"query": "camisa"}, [shirt_m, shirt_p, shirt_p_norte]),
        ({"query": "789", "status": "Available"}, [shirt_p]),
        ({"query": "nothing"}, []),
    ):
        page = await erp.get("inventory", sortField="skuCode", **params)
        assert page["inventory"] == expected, params
    page = await erp.get("inventory", sortField="skuCode", perPage=1)
    found = page["inventory"]
    while page["next"]:
        page = await erp.get("inventory", sortField="skuCode", perPage=1, cursor=page["next"])
        found += page["inventory"]
    assert found == lines


async def test_the_stocks_of_a_sku(erp: Erp) -> None:
    items = (await erp.get("stocks", skuCode="SHIRT-P"))["items"]
    stocks = await erp.get("products/SHIRT/skus/SHIRT-P/stocks")
    assert sorted(stocks, key=lambda each: each["lastUpdate"]) == items
    assert [each["sellerCode"] for each in stocks] == [CENTRO, NORTE]
    product = await erp.get("products/SHIRT")
    assert await erp.get(f"products/{product['id']}/skus/{stocks[0]['skuId']}/stocks") == stocks


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("inventory", {"status": "plenty"}, "status"),
        ("inventory", {"sellerId": "x"}, "sellerId"),
        ("inventory", {"sortField": "quantity"}, "sortField"),
        ("productcategories", {"categoryId": "x"}, "categoryId"),
        ("productcategories", {"productId": "x"}, "productId"),
        ("categories", {"includeChildren": "some"}, "includeChildren"),
        ("categories", {"sortField": "parent"}, "sortField"),
        ("products", {"hasStock": "some"}, "hasStock"),
        ("products", {"sortField": "relevance"}, "sortField"),
        ("products/skus", {"perPage": "0"}, "perPage"),
        ("collections", {"lastUpdate": "x"}, "lastUpdate"),
    ],
)
async def test_bad_parameters(
    client: httpx.AsyncClient, token: MakeToken, path: str, params: dict[str, str], field: str
) -> None:
    answer = await client.get(f"{CATALOG}/{path}", params=params, headers=await token(Role.CHANNEL))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field]), answer.text
