"""The catalogue over HTTP: what batches take and answer, and who may send them."""

import asyncio
import http.client
import json
from typing import Any

import httpx
import pytest

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.tenants.rules import Role
from balcao.tenants.tenants import CreateTenant, create_tenant
from tests.doors.conftest import MakeToken

CATALOG = "/cp/management/catalog"
SELLERS = "/cp/management/commerce/sellers"
PATHS = ("categories", "products", "skus", "prices", "stocks", "skus/stocks/batch")
CENTRO, NORTE = "04109169000135", "11222333000181"

STORES = [
    {"cnpj": CENTRO, "pointSaleId": "CX1", "name": "Centro"},
    {"cnpj": NORTE, "pointSaleId": "CX2", "name": "Norte"},
]
PRODUCTS = [
    {"code": "SHIRT", "name": "Camisa", "skus": [{"code": "SHIRT-P"}, {"code": "SHIRT-M", "barcode": "789"}]},
    {"code": "CUP", "name": "Caneca", "auxCode": "A-CUP", "skus": [{"code": "CUP"}]},
]


pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def erp(client: httpx.AsyncClient, token: MakeToken) -> dict[str, str]:
    """The headers of an ERP whose stores and products are there."""
    headers = await token(Role.ERP)
    for path, body in ((SELLERS, STORES), (f"{CATALOG}/products", PRODUCTS)):
        answer = await client.put(f"{path}?wait=true", json=body, headers=headers)
        assert (answer.status_code, answer.json()["failed"]) == (200, 0), answer.text
    return headers


async def stock(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[tuple[str, str], int]:
    answer = await client.get(f"{CATALOG}/stocks", headers=headers)
    assert answer.status_code == 200, answer.text
    return {(item["sellerCode"], item["skuCode"]): item["quantity"] for item in answer.json()["items"]}


async def finished(client: httpx.AsyncClient, headers: dict[str, str], location: str) -> dict[str, Any]:
    """The report of a batch once it is applied."""
    async with asyncio.timeout(20):
        while True:
            told: dict[str, Any] = (await client.get(location, headers=headers)).json()
            if told["state"] == "finished":
                return told
            await asyncio.sleep(0.01)


async def test_a_batch_answers_a_bare_204(client: httpx.AsyncClient, erp: dict[str, str]) -> None:
    body = [{"Quantity": 5, "SellerCode": CENTRO, "SkuCode": "CUP"}]
    for path in (f"{CATALOG}/stocks", f"{CATALOG}/skus/stocks/batch", "/management/catalog/stocks/"):
        answer = await client.put(path, json=body, headers=erp)
        assert (answer.status_code, answer.content) == (204, b""), answer.text
        batch_id = answer.headers["batch-id"]
        assert answer.headers["location"] == f"{client.base_url}{CATALOG}/batches/{batch_id}".replace("//cp", "/cp")
        told = await finished(client, erp, answer.headers["location"])
        assert (told["id"], told["kind"], told["rows"], told["failed"]) == (batch_id, "stocks", 1, 0)
    assert await stock(client, erp) == {(CENTRO, "CUP"): 5}


async def test_bad_rows_fail_alone_and_are_told_when_waited_for(client: httpx.AsyncClient, erp: dict[str, str]) -> None:
    body: list[Any] = [
        {"Quantity": 5, "SellerCode": CENTRO, "SkuCode": "CUP"},
        {"Quantity": "5", "SellerCode": CENTRO, "SkuCode": "SHIRT-P"},
        {"Quantity": 1.5, "SellerCode": CENTRO, "SkuCode": "SHIRT-P"},
        {"Quantity": -1, "SellerCode": CENTRO, "SkuCode": "SHIRT-P"},
        {"SellerCode": CENTRO, "SkuCode": "SHIRT-P"},
        {"Quantity": 7.0, "SellerCode": NORTE, "SkuCode": "CUP"},
        {"Quantity": 6, "SellerCode": CENTRO, "SkuCode": "NONE"},
        {"quantity": 6, "sellercode": CENTRO, "SKUCODE": "CUP", "more": True},
        None,
        "row",
    ]
    answer = await client.put(f"{CATALOG}/stocks?wait=true", json=body, headers=erp)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told.pop("id") == answer.headers["batch-id"]
    assert told.pop("received") <= told.pop("startedAt") <= told.pop("finishedAt")
    assert told == {
        "kind": "stocks",
        "state": "finished",
        "bytes": len(answer.request.content),
        "errorCount": 7,
        "warningCount": 1,
        "rows": 10,
        "done": 10,
        "inserted": 2,
        "updated": 0,
        "unchanged": 1,
        "failed": 7,
        "errors": [
            {"row": 2, "code": None, "field": "Quantity", "message": "must be an integer, not a string"},
            {"row": 3, "code": None, "field": "Quantity", "message": "must be an integer, not a number"},
            {"row": 4, "code": None, "field": "Quantity", "message": "must be at least 0"},
            {"row": 5, "code": None, "field": "Quantity", "message": "is required"},
            {"row": 7, "code": "NONE", "field": "SkuCode", "message": "names no SKU"},
            {"row": 9, "code": None, "field": "body", "message": "must be an object, not null"},
            {"row": 10, "code": None, "field": "body", "message": "must be an object, not a string"},
        ],
        "warnings": [{"row": 1, "code": "CUP", "field": "SkuCode", "message": "replaced by row 8"}],
    }
    assert await stock(client, erp) == {(CENTRO, "CUP"): 6, (NORTE, "CUP"): 7}


@pytest.mark.parametrize("body", [b'{"Quantity": 1}', b"[", b"", b"[1,", b'"x"', b"null", b"\xff[]"])
async def test_what_is_no_array_is_refused(client: httpx.AsyncClient, erp: dict[str, str], body: bytes) -> None:
    for path in PATHS:
        answer = await client.put(f"{CATALOG}/{path}", content=body, headers=erp)
        assert answer.status_code == 400, (path, answer.text)
    assert await stock(client, erp) == {}


async def test_an_empty_array_is_an_empty_batch(client: httpx.AsyncClient, erp: dict[str, str]) -> None:
    for path in PATHS:
        answer = await client.put(f"{CATALOG}/{path}?wait=true", content=b"[]", headers=erp)
        assert (answer.status_code, answer.json()["rows"], answer.json()["failed"]) == (200, 0, 0), path


async def test_too_many_rows_and_too_many_bytes(client: httpx.AsyncClient, erp: dict[str, str]) -> None:
    row = {"Quantity": 1, "SellerCode": CENTRO, "SkuCode": "CUP"}
    many = json.dumps([row] * 50_001).encode()
    answer = await client.put(f"{CATALOG}/stocks", content=many, headers=erp)
    assert (answer.status_code, answer.json()["rows"]) == (413, 50_001)
    fat = json.dumps([{**row, "SkuCode": "x" * (32 * 1024 * 1024)}]).encode()
    answer = await client.put(f"{CATALOG}/stocks", content=fat, headers=erp)
    assert answer.status_code == 413
    assert await stock(client, erp) == {}


async def test_who_sends_too_much_reads_why(client: httpx.AsyncClient, erp: dict[str, str]) -> None:
    """A client that writes all of its body before it reads, as most do, sees the answer and no broken connection."""
    address = client.base_url

    def send() -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection(address.host, address.port or 0, timeout=30)
        connection.request("PUT", f"{CATALOG}/stocks", b"[" + b" " * (33 * 1024 * 1024) + b"]", erp)
        answer = connection.getresponse()
        told = answer.status, json.loads(answer.read())
        connection.close()
        return told

    status, problem = await asyncio.to_thread(send)
    assert (status, problem["code"]) == (413, "too_large")


async def test_a_batch_of_the_largest_size(client: httpx.AsyncClient, erp: dict[str, str]) -> None:
    rows = [{"Quantity": n, "SellerCode": CENTRO, "SkuCode": "CUP"} for n in range(50_000)]
    answer = await client.put(f"{CATALOG}/stocks?wait=true", json=rows, headers=erp)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["inserted"], told["unchanged"], told["failed"], len(told["warnings"])) == (1, 49_999, 0, 1_000)
    assert await stock(client, erp) == {(CENTRO, "CUP"): 49_999}


@pytest.mark.parametrize(
    ("path", "query", "row"),
    [
        ("stocks", "SellerMatchCode=pointSaleId", {"Quantity": 5, "SellerCode": "CX1", "SkuCode": "SHIRT-M"}),
        (
            "stocks",
            "sellermatchcode=CNPJ&SKUMATCHCODE=Barcode",
            {"Quantity": 5, "SellerCode": CENTRO, "SkuCode": "789"},
        ),
        ("prices", "ProductMatchCode=AuxCode", {"Price": 5, "ProductCode": "A-CUP"}),
        ("prices", "ProcuctMatchCode=auxcode", {"Price": 5, "ProductCode": "A-CUP"}),
        ("skus", "ProductMatchCode=auxCode", {"code": "CUP-2", "productCode": "A-CUP"}),
        ("products", "ProductMatchCode=code", {"code": "NEW", "name": "Novo"}),
    ],
)
async def test_match_codes(
    client: httpx.AsyncClient, erp: dict[str, str], path: str, query: str, row: dict[str, Any]
) -> None:
    answer = await client.put(f"{CATALOG}/{path}?{query}&wait=true", json=[row], headers=erp)
    assert (answer.status_code, answer.json()["inserted"]) == (200, 1), answer.text


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("stocks", "SellerMatchCode=name", "SellerMatchCode"),
        ("stocks", "SkuMatchCode=cnpj", "SkuMatchCode"),
        ("prices", "ProductMatchCode=barcode", "ProductMatchCode"),
        ("prices", "ProcuctMatchCode=x", "ProductMatchCode"),
        ("products", "ProductMatchCode=auxCode", "ProductMatchCode"),
        ("skus", "SkuMatchCode=barcode", "SkuMatchCode"),
    ],
)
async def test_unknown_match_codes_are_refused(
    client: httpx.AsyncClient, erp: dict[str, str], path: str, query: str, field: str
) -> None:
    answer = await client.put(f"{CATALOG}/{path}?{query}", json=[], headers=erp)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("role", [Role.CHANNEL, Role.CARRIER, Role.OPERATOR])
async def test_who_may_not_write(client: httpx.AsyncClient, token: MakeToken, role: Role) -> None:
    headers = await token(role, **({"carrier": "SEDEX"} if role is Role.CARRIER else {}))
    for path in PATHS:
        answer = await client.put(f"{CATALOG}/{path}", json=[], headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_role")
    assert (await client.put(SELLERS, json=[], headers=headers)).status_code == 403


@pytest.mark.parametrize("path", ["stocks", "prices", "products", "categories/tree", "products/updated"])
async def test_who_may_read(client: httpx.AsyncClient, token: MakeToken, path: str) -> None:
    for role in (Role.CHANNEL, Role.ERP, Role.OPERATOR, Role.ADMIN):
        assert (await client.get(f"{CATALOG}/{path}", headers=await token(role))).status_code == 200
    carrier = await token(Role.CARRIER, carrier="SEDEX")
    assert (await client.get(f"{CATALOG}/{path}", headers=carrier)).status_code == 403
    assert (await client.get(f"{CATALOG}/{path}")).status_code == 401


async def test_a_bound_erp_writes_its_own_stores_stock_and_prices_only(
    client: httpx.AsyncClient, erp: dict[str, str], token: MakeToken
) -> None:
    bound = await token(Role.ERP, seller_cnpj=NORTE)
    counts = [{"Quantity": 5, "SellerCode": cnpj, "SkuCode": "CUP"} for cnpj in (CENTRO, NORTE)]
    answer = await client.put(f"{CATALOG}/stocks?wait=true", json=counts, headers=bound)
    assert (answer.status_code, answer.json()["failed"]) == (200, 1)
    assert await stock(client, erp) == {(NORTE, "CUP"): 5}
    prices = [{"Price": 5, "ProductCode": "CUP"}, {"Price": 5, "ProductCode": "CUP", "SellerCode": NORTE}]
    answer = await client.put(f"{CATALOG}/prices?wait=true", json=prices, headers=bound)
    assert (answer.json()["inserted"], answer.json()["failed"]) == (1, 1)
    for path in ("products", "categories", "skus"):
        answer = await client.put(f"{CATALOG}/{path}", json=[{"code": "X", "name": "X"}], headers=bound)
        assert (answer.status_code, answer.json()["code"]) == (403, "bound_credential")


async def test_an_idempotent_batch_is_applied_once(
    client: httpx.AsyncClient, erp: dict[str, str], db: Database
) -> None:
    body = [{"Quantity": 5, "SellerCode": CENTRO, "SkuCode": "CUP"}]
    keyed = {**erp, "Idempotency-Key": "count-1"}
    first = await client.put(f"{CATALOG}/stocks?wait=true", json=body, headers=keyed)
    again = await client.put(f"{CATALOG}/stocks?wait=true", json=body, headers=keyed)
    assert first.json()["inserted"] == again.json()["inserted"] == 1
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["batch-id"] == first.headers["batch-id"]
    async with db.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM event WHERE type = 'stocks.counted'") == 1


async def test_tenants_do_not_see_each_other(
    client: httpx.AsyncClient, erp: dict[str, str], db: Database, token: MakeToken
) -> None:
    async with db.transaction() as tx:
        other = await create_tenant(tx, CreateTenant(name="outra", actor="test"), now_us())
    stranger = await token(Role.ERP, tenant=other)
    counts = [{"Quantity": 5, "SellerCode": CENTRO, "SkuCode": "CUP"}]
    answer = await client.put(f"{CATALOG}/stocks?wait=true", json=counts, headers=stranger)
    assert answer.json()["failed"] == 1
    assert await stock(client, erp) == {}
    assert (await client.get(f"{CATALOG}/products/CUP", headers=stranger)).status_code == 404
    assert (await client.get(f"{SELLERS}/{CENTRO}", headers=stranger)).status_code == 404
