"""All that may be wrong with a batch, for each kind: a clear answer or a row error, and good rows go in."""

import json
from typing import Any, Final, NamedTuple

import httpx
import pytest

from balcao.tenants.rules import Role
from tests.doors.conftest import MakeToken
from tests.doors.test_catalog_batches import CATALOG, CENTRO, PRODUCTS, SELLERS, STORES

pytestmark = pytest.mark.usefixtures("worker")

MIB: Final = 1024 * 1024
DEEP: Final = 10_000


class Kind(NamedTuple):
    """A route of batches: a good row, what is wrong with others, and who is read back by `shown` once it went in."""

    path: str
    good: dict[str, Any]
    bad: list[tuple[dict[str, Any], str, str]]
    twice: tuple[dict[str, Any], dict[str, Any], str]
    """Two rows for one record, and the field that the first one is told about."""


STOCK = {"Quantity": 5, "SellerCode": CENTRO, "SkuCode": "CUP"}
PRICE = {"Price": 5.5, "OldPrice": 7, "SellerCode": CENTRO, "ProductCode": "CUP"}
PRODUCT = {"code": "HAT", "name": "Chapéu", "weight": 0.2, "skus": [{"code": "HAT-U", "minStock": 1}]}
SKU = {"code": "CUP-2", "name": "Caneca 2", "productCode": "CUP", "minStock": 1}
CATEGORY = {"code": "CASA", "name": "Casa", "order": 1}
STORE = {"cnpj": "33000167000101", "name": "Sul", "handlingDays": 1}
NEGATIVE, TEXT = "must be at least 0", "must be an integer, not a string"
NO_NUMBER = "must be a number"
"""Decimals are read from text too, exactly, as long as it is a number."""
KINDS: Final = {
    "stocks": Kind(
        f"{CATALOG}/stocks",
        STOCK,
        [
            ({**STOCK, "SkuCode": "SHIRT-P", "Quantity": -1}, "Quantity", NEGATIVE),
            ({**STOCK, "SkuCode": "SHIRT-P", "Quantity": "5"}, "Quantity", TEXT),
            ({**STOCK, "SkuCode": "NONE"}, "SkuCode", "names no SKU"),
            ({**STOCK, "SellerCode": "99999999000191"}, "SellerCode", "names no store"),
        ],
        ({**STOCK, "Quantity": 9}, STOCK, "SkuCode"),
    ),
    "prices": Kind(
        f"{CATALOG}/prices",
        PRICE,
        [
            ({**PRICE, "ProductCode": "SHIRT", "OldPrice": 5.4}, "OldPrice", "must not be below Price"),
            ({**PRICE, "ProductCode": "SHIRT", "Price": -1}, "Price", NEGATIVE),
            ({**PRICE, "ProductCode": "SHIRT", "Price": "5,50"}, "Price", NO_NUMBER),
            ({**PRICE, "ProductCode": "NONE"}, "ProductCode", "names no product"),
            ({**PRICE, "SellerCode": "99999999000191"}, "SellerCode", "names no store"),
        ],
        ({**PRICE, "Price": 1}, PRICE, "ProductCode"),
    ),
    "products": Kind(
        f"{CATALOG}/products",
        PRODUCT,
        [
            ({**PRODUCT, "code": "X", "weight": -1}, "weight", NEGATIVE),
            ({**PRODUCT, "code": "X", "weight": "1 kg"}, "weight", NO_NUMBER),
            ({**PRODUCT, "code": "X", "skus": [{"code": "X-1", "minStock": "1"}]}, "skus[0].minStock", TEXT),
            ({"code": "X"}, "name", "is required"),
        ],
        ({**PRODUCT, "name": "Boné"}, PRODUCT, "code"),
    ),
    "skus": Kind(
        f"{CATALOG}/skus",
        SKU,
        [
            ({**SKU, "code": "X", "minStock": -1}, "minStock", NEGATIVE),
            ({**SKU, "code": "X", "minStock": "1"}, "minStock", TEXT),
            ({**SKU, "code": "X", "productCode": "NONE"}, "productCode", "names no product"),
        ],
        ({**SKU, "name": "Outra"}, SKU, "code"),
    ),
    "categories": Kind(
        f"{CATALOG}/categories",
        CATEGORY,
        [
            ({**CATEGORY, "code": "X", "order": "1"}, "order", TEXT),
            ({**CATEGORY, "code": "X", "parentCode": "NONE"}, "parentCode", "names a category that does not exist"),
        ],
        ({**CATEGORY, "name": "Lar"}, CATEGORY, "code"),
    ),
    "sellers": Kind(
        SELLERS,
        STORE,
        [
            ({**STORE, "cnpj": "04109169000135X"}, "cnpj", "must be a CNPJ: 14 characters, the last two digits"),
            ({**STORE, "handlingDays": -1}, "handlingDays", "must be from 0 to 365"),
            ({**STORE, "handlingDays": "1"}, "handlingDays", TEXT),
        ],
        ({**STORE, "name": "Velha"}, STORE, "cnpj"),
    ),
}
every_kind: Final = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@pytest.fixture
async def erp(client: httpx.AsyncClient, token: MakeToken) -> dict[str, str]:
    headers = await token(Role.ERP)
    for path, body in ((SELLERS, STORES), (f"{CATALOG}/products", PRODUCTS)):
        answer = await client.put(f"{path}?wait=true", json=body, headers=headers)
        assert (answer.status_code, answer.json()["failed"]) == (200, 0), answer.text
    return headers


async def batches(client: httpx.AsyncClient, headers: dict[str, str]) -> int:
    counted: int = (await client.get(f"{CATALOG}/batches", headers=headers)).json()["maxCount"]
    return counted


async def applied(
    client: httpx.AsyncClient, headers: dict[str, str], path: str, rows: list[Any] | bytes
) -> dict[str, Any]:
    body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    answer = await client.put(f"{path}?wait=true", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@every_kind
async def test_bad_rows_fail_alone_and_the_good_one_goes_in(
    client: httpx.AsyncClient, erp: dict[str, str], kind: Kind
) -> None:
    rows: list[Any] = [*(row for row, _, _ in kind.bad), None, 7, [kind.good], kind.good]
    told = await applied(client, erp, kind.path, rows)
    assert (told["inserted"], told["failed"]) == (1, len(rows) - 1), told["errors"]
    wanted = [(n, field, message) for n, (_, field, message) in enumerate(kind.bad, start=1)]
    nulls = [(len(wanted) + n, "body", f"must be an object, not {was}") for n, was in ((1, "null"), (2, "a number"))]
    said = [(error["row"], error["field"], error["message"]) for error in told["errors"]]
    assert said == [*wanted, *nulls, (len(rows) - 1, "body", "must be an object, not an array")]
    again = await applied(client, erp, kind.path, [kind.good])
    assert (again["unchanged"], again["failed"]) == (1, 0)


@every_kind
async def test_of_two_rows_for_one_record_the_last_one_counts(
    client: httpx.AsyncClient, erp: dict[str, str], kind: Kind
) -> None:
    first, last, field = kind.twice
    told = await applied(client, erp, kind.path, [first, last])
    assert (told["inserted"], told["unchanged"], told["failed"]) == (1, 1, 0), told
    assert [(each["row"], each["field"], each["message"]) for each in told["warnings"]] == [
        (1, field, "replaced by row 2")
    ]
    assert (await applied(client, erp, kind.path, [last]))["unchanged"] == 1


@every_kind
@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (lambda good: json.dumps([good] * 50_001).encode(), 413, "this one has 50001"),
        (lambda _: b"[" + b" " * (33 * MIB) + b"]", 413, "larger than this address takes"),
        (lambda good: json.dumps(json.dumps([good])).encode(), 400, "array"),
        (lambda _: b"", 400, "required"),
        (lambda _: b"null", 400, "array"),
        (lambda good: json.dumps([good]).encode()[:-1], 400, "ends too early"),
        (lambda good: json.dumps([good]).encode() + b"\xff", 400, "UTF-8"),
        (lambda good: json.dumps([good])[:-1].encode() + b',{"code":"\xc3\x28"}]', 400, "UTF-8"),
        (lambda _: b"[" * DEEP + b"]" * DEEP, 400, "too deeply"),
        (lambda good: b"[" + json.dumps(good).encode() + b',{"x":' * DEEP + b"1" + b"}" * DEEP + b"]", 400, ""),
    ],
    ids=["50,001 rows", "33 MiB", "no array", "empty", "null", "cut", "UTF-8 after", "UTF-8 in", "deep", "deep row"],
)
async def test_what_is_no_batch_is_refused_and_nothing_is_kept(
    client: httpx.AsyncClient, erp: dict[str, str], kind: Kind, body: Any, status: int, says: str
) -> None:
    before = await batches(client, erp)
    answer = await client.put(kind.path, content=body(kind.good), headers=erp)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert says in json.dumps(problem), problem
    assert await batches(client, erp) == before
