"""Single categories, products, SKUs and collections over HTTP: made, replaced, deleted."""

from typing import Any

import httpx
import pytest

from balcao.base.db import Database
from balcao.base.values import new_id
from balcao.tenants.rules import Role
from tests.doors.catalog_shop import CATALOG, CENTRO, Erp
from tests.doors.conftest import MakeToken
from tests.verbs.shop import dump

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def erp(client: httpx.AsyncClient, token: MakeToken) -> Erp:
    """An ERP whose shop is filled."""
    erp = Erp(client, await token(Role.ERP))
    await erp.fill()
    return erp


NAMELESS = {"code": "Y", "name": ""}
RECORDS: dict[str, dict[str, Any]] = {
    "categories": {"code": "NEW", "name": "New", "parentCode": "TOP", "order": 3},
    "products": {"code": "NEW", "name": "New", "skus": [{"code": "NEW-1"}], "categories": [{"code": "LOW"}]},
    "skus": {"code": "NEW", "name": "New", "productCode": "CUP", "minStock": 1},
    "products/CUP/skus": {"code": "NEW", "name": "New", "Attributes": [{"title": "Cor", "value": "Azul"}]},
    "collections": {"code": "NEW", "name": "New", "order": 3},
}
READ = {"categories": "categories/NEW", "products": "products/NEW"}


@pytest.mark.parametrize("path", RECORDS)
async def test_a_new_record(erp: Erp, path: str, db: Database) -> None:
    sent = RECORDS[path]
    answer = await erp.send("POST", path, sent)
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["code"], shown["name"]) == ("NEW", "New")
    place = path.replace("products/CUP/skus", "skus")
    assert answer.headers["location"].endswith(f"{CATALOG}/{place}/{shown['id']}")
    if path in READ:
        assert await erp.get(READ[path]) == await erp.get(f"{path}/{shown['id']}") == shown
    before = await dump(db)
    again = await erp.send("POST", path, sent)
    assert (again.status_code, again.json()) == (200, shown)
    assert await dump(db) == before


@pytest.mark.parametrize("path", [path for path in RECORDS if path != "collections"])
async def test_a_code_that_is_taken(erp: Erp, path: str, db: Database) -> None:
    id_ = (await erp.done("POST", path, RECORDS[path], expect=201))["id"]
    before = await dump(db)
    answer = await erp.send("POST", path, RECORDS[path] | {"name": "Other"})
    assert (answer.status_code, answer.json()["code"], answer.json()["id"]) == (409, "duplicate_code", id_)
    assert await dump(db) == before


async def test_a_collection_is_replaced_by_its_code(erp: Erp) -> None:
    made = await erp.done("POST", "collections", RECORDS["collections"], expect=201)
    changed = await erp.done("POST", "collections", {"code": "NEW", "name": "Renamed"})
    assert (changed["id"], changed["name"], changed["order"]) == (made["id"], "Renamed", 0)
    page = await erp.get("collections")
    assert (page["collections"], page["maxCount"]) == ([changed], 1)
    assert (await erp.get("collections", lastUpdate=changed["lastUpdate"]))["collections"] == []
    assert (await erp.get("collections", isActive="false"))["collections"] == []


async def test_replaced_by_id_or_code(erp: Erp) -> None:
    for path, name in (("categories/LOW", "Low 2"), ("products/CUP", "Copo"), ("products/CUP/skus/CUP-1", "Copo 1")):
        code = path.rsplit("/", 1)[1]
        shown = await erp.done("PUT", path, {"code": code, "name": name})
        assert (shown["code"], shown["name"]) == (code, name)
        by_id = (
            path.replace(code, shown["id"]) if path != "products/CUP/skus/CUP-1" else f"products/CUP/skus/{shown['id']}"
        )
        assert await erp.done("PUT", by_id, {"code": code, "name": name}) == shown
    product = await erp.get("products/CUP")
    assert (product["name"], product["categories"], product["skus"][0]["name"]) == ("Copo", [], "Copo 1")
    assert (await erp.get("categories/LOW"))["parentId"] is None


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "products", {"name": "X"}, 400, ["code"]),
        ("POST", "products", {"code": "", "name": "X"}, 400, ["code"]),
        ("POST", "products", {"code": "X", "name": "X", "weight": -1}, 400, ["weight"]),
        ("POST", "products", {"code": "X", "name": "X", "skus": [{"code": ""}]}, 400, ["skus[0].code"]),
        ("POST", "products", {"code": "X", "name": "X", "releaseDate": "soon"}, 400, ["releaseDate"]),
        ("POST", "products", [], 400, ["body"]),
        ("POST", "categories", {"code": "X", "name": "X", "parentCode": "NONE"}, 400, ["parentCode"]),
        (
            "POST",
            "categories",
            {"code": "X", "name": "X", "children": [{"code": "Y", "name": ""}]},
            400,
            ["children[0].name"],
        ),
        ("POST", "skus", {"code": "X"}, 400, ["productCode"]),
        ("POST", "skus", {"code": "X", "productCode": "NONE"}, 400, ["productCode"]),
        ("POST", "products/NONE/skus", {"code": "X"}, 404, "product_not_found"),
        ("PUT", "products/CUP", {"code": "OTHER", "name": "X"}, 400, ["code"]),
        ("PUT", "products/NONE", {"code": "NONE", "name": "X"}, 404, "product_not_found"),
        ("PUT", "categories/NONE", {"code": "NONE", "name": "X"}, 404, "category_not_found"),
        ("PUT", "categories/TOP", {"code": "TOP", "name": "X", "parentCode": "LOW"}, 400, ["parentCode"]),
        ("PUT", "products/CUP/skus/SHIRT-P", {"code": "SHIRT-P"}, 404, "sku_not_found"),
        ("PUT", "products/CUP/skus/CUP-1", {"code": "X"}, 400, ["code"]),
        ("PUT", "products/CUP/collections", [{"code": "NONE"}], 400, ["[0]"]),
        ("PUT", "products/CUP/collections", [{}], 400, ["[0].code"]),
        ("PUT", "products/NONE/collections", [], 404, "product_not_found"),
        ("POST", "collections", {"code": "X", "name": ""}, 400, ["name"]),
        ("DELETE", "products/NONE", None, 404, "product_not_found"),
        ("DELETE", "skus/NONE", None, 404, "sku_not_found"),
        ("DELETE", "categories/NONE", None, 404, "category_not_found"),
        ("DELETE", "categories/TOP", None, 409, "category_has_children"),
        ("GET", "products/CUP/skus/SHIRT-P/stocks", None, 404, "sku_not_found"),
    ],
)
async def test_refusals_change_nothing(
    erp: Erp, db: Database, method: str, path: str, body: Any, status: int, said: str | list[str]
) -> None:
    before = await dump(db)
    answer = await erp.send(method, path, body)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert said == (list(told["errors"]) if isinstance(said, list) else told["code"]), answer.text
    assert await dump(db) == before


async def test_a_bound_credential_writes_none_of_them(client: httpx.AsyncClient, erp: Erp, token: MakeToken) -> None:
    bound = Erp(client, await token(Role.ERP, seller_cnpj=CENTRO))
    for method, path, body in (
        *(("POST", path, body) for path, body in RECORDS.items()),
        ("PUT", "products/CUP", {"code": "CUP", "name": "X"}),
        ("PUT", "categories/TOP", {"code": "TOP", "name": "X"}),
        ("PUT", "products/CUP/skus/CUP-1", {"code": "CUP-1"}),
        ("PUT", "products/CUP/collections", []),
        ("DELETE", "products/CUP", None),
        ("DELETE", "skus/CUP-1", None),
        ("DELETE", "categories/LOW", None),
    ):
        answer = await bound.send(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "bound_credential"), path


async def test_the_collections_of_a_product(erp: Erp) -> None:
    for code in ("A", "B"):
        await erp.done("POST", "collections", {"code": code, "name": code}, expect=201)
    shown = await erp.done("PUT", "products/CUP/collections", [{"code": "B"}, {"code": "A"}])
    assert [each["code"] for each in shown["collections"]] == ["A", "B"]
    assert await erp.get("products/CUP") == shown
    shown = await erp.done("PUT", f"products/{shown['id']}/collections", [{"id": shown["collections"][0]["id"]}])
    assert [each["code"] for each in shown["collections"]] == ["A"]
    updated = (await erp.get("products/updated"))["products"]
    assert updated[-1]["code"] == "CUP"


async def test_a_deleted_product(erp: Erp) -> None:
    seen = (await erp.get("products/updated"))["lastUpdate"]
    prices, stocks = (await erp.get("prices"))["lastUpdate"], (await erp.get("stocks"))["lastUpdate"]
    id_ = (await erp.get("products/SHIRT"))["id"]
    await erp.done("DELETE", f"products/{id_}", expect=204)
    await erp.done("DELETE", "products/SHIRT", expect=204)
    [change] = (await erp.get("products/updated", lastUpdate=seen))["products"]
    assert (change["code"], change["isDeleted"]) == ("SHIRT", True)
    [line] = (await erp.get("products", lastUpdate=seen))["products"]
    assert (line["code"], line["isDeleted"], line["isAvailable"]) == ("SHIRT", True, False)
    assert [line["code"] for line in (await erp.get("products", sortField="code"))["products"]] == ["CUP", "LAMP"]
    assert (await erp.get("products", query="camisa"))["products"] == []
    [price] = (await erp.get("prices", lastUpdate=prices))["prices"]
    assert (price["productCode"], price["isDeleted"]) == ("SHIRT", True)
    items = (await erp.get("stocks", lastUpdate=stocks))["items"]
    assert {(item["skuCode"], item["quantity"]) for item in items} == {("SHIRT-P", 0)}
    assert (await erp.send("GET", f"products/{id_}")).status_code == 404
    assert [line["skuCode"] for line in (await erp.get("inventory"))["inventory"]] == ["CUP-1"]
    again = await erp.done("POST", "products", {"code": "SHIRT", "name": "Camisa"}, expect=201)
    assert (again["id"], again["skus"], again["prices"]) == (id_, [], [])


async def test_a_deleted_sku_comes_back(erp: Erp) -> None:
    await erp.done("DELETE", "skus/SHIRT-P", expect=204)
    assert [sku["code"] for sku in (await erp.get("products/SHIRT"))["skus"]] == ["SHIRT-M"]
    shown = await erp.done("PUT", "products/SHIRT/skus/SHIRT-P", {"code": "SHIRT-P"})
    assert [stock["quantity"] for stock in shown["stocks"]] == [0, 0]
    assert [sku["code"] for sku in (await erp.get("products/SHIRT"))["skus"]] == ["SHIRT-M", "SHIRT-P"]


async def test_a_deleted_category(erp: Erp) -> None:
    seen = (await erp.get("categories"))["categories"][-1]["lastUpdate"]
    await erp.done("DELETE", "categories/LOW", expect=204)
    [shown] = (await erp.get("categories", lastUpdate=seen))["categories"]
    assert (shown["code"], shown["isDeleted"]) == ("LOW", True)
    assert [each["code"] for each in (await erp.get("categories"))["categories"]] == ["TOP"]
    assert (await erp.get("products/SHIRT"))["categories"] == []
    assert (await erp.send("GET", "categories/LOW")).status_code == 404


async def test_the_same_key_is_one_creation(erp: Erp) -> None:
    headers = erp.headers | {"Idempotency-Key": str(new_id())}
    body = RECORDS["products"]
    first = await erp.client.post(f"{CATALOG}/products", json=body, headers=headers)
    await erp.done("PUT", "products/NEW", body | {"name": "Changed"})
    again = await erp.client.post(f"{CATALOG}/products", json=body, headers=headers)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (await erp.get("products/NEW"))["name"] == "Changed"
