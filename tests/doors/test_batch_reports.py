"""What became of batches, over HTTP: reports, lists, errors as CSV, and who sees whose."""

import csv
import io
from typing import Any

import httpx
import pytest

from balcao.base.values import new_id
from balcao.tenants.rules import Role
from tests.doors.conftest import Headers, MakeToken

CATALOG = "/cp/management/catalog"
SELLERS = "/cp/management/commerce/sellers"
CENTRO, NORTE = "04109169000135", "11222333000181"


async def put(client: httpx.AsyncClient, headers: Headers, path: str, rows: Any, **query: Any) -> httpx.Response:
    return await client.put(path, json=rows, params={"wait": "true", **query}, headers=headers)


@pytest.mark.usefixtures("worker")
async def test_errors_by_page_and_as_a_file(client: httpx.AsyncClient, token: MakeToken) -> None:
    erp = await token(Role.ERP)
    rows = [{"code": "A", "name": "A"}, *({"code": f"X{n}"} for n in range(5)), {"code": "A", "name": "B"}, None]
    told = (await put(client, erp, f"{CATALOG}/products", rows)).json()
    assert (told["errorCount"], told["warningCount"], told["failed"], told["inserted"]) == (6, 1, 6, 1)
    address = f"{CATALOG}/batches/{told['id']}"
    pages = [(await client.get(address, params={"perPage": 4, "page": n}, headers=erp)).json() for n in (1, 2, 3)]
    assert [[issue["row"] for issue in page["errors"]] for page in pages] == [[2, 3, 4, 5], [6, 8], []]
    assert [len(page["warnings"]) for page in pages] == [1, 0, 0]
    file = await client.get(f"{address}/errors.csv", headers=erp)
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.reader(io.StringIO(file.text)))
    assert lines[0] == ["row", "severity", "code", "field", "message"]
    assert [line[:4] for line in lines[1:]] == [
        *([str(n), "error", "", "name"] for n in range(2, 7)),
        ["8", "error", "", "body"],
        ["1", "warning", "A", "code"],
    ]


@pytest.mark.parametrize("query", ["page=0", "perPage=0", "page=99999999999", "page=x"])
@pytest.mark.usefixtures("worker")
async def test_pages_that_cannot_be(client: httpx.AsyncClient, token: MakeToken, query: str) -> None:
    erp = await token(Role.ERP)
    told = (await put(client, erp, f"{CATALOG}/products", [])).json()
    answer = await client.get(f"{CATALOG}/batches/{told['id']}?{query}", headers=erp)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


@pytest.mark.usefixtures("worker")
async def test_the_list(client: httpx.AsyncClient, token: MakeToken) -> None:
    erp = await token(Role.ERP)
    sent = [(await put(client, erp, f"{CATALOG}/{kind}", [])).json()["id"] for kind in ("products", "skus", "prices")]
    page = (await client.get(f"{CATALOG}/batches", headers=erp)).json()
    assert [batch["id"] for batch in page["batches"]] == sent[::-1]
    assert (page["maxCount"], page["sortField"], page["sortAscending"]) == (3, "received", False)
    first = (await client.get(f"{CATALOG}/batches", params={"perPage": 2}, headers=erp)).json()
    rest = (await client.get(f"{CATALOG}/batches", params={"cursor": first["next"]}, headers=erp)).json()
    assert [batch["id"] for batch in first["batches"] + rest["batches"]] == sent[::-1]
    for query, found in (("kind=skus", sent[1:2]), ("state=finished", sent[::-1]), ("state=Received", [])):
        page = (await client.get(f"{CATALOG}/batches?{query}", headers=erp)).json()
        assert [batch["id"] for batch in page["batches"]] == found, query
    for query in ("kind=orders", "state=lost", "sortField=name"):
        assert (await client.get(f"{CATALOG}/batches?{query}", headers=erp)).status_code == 400


@pytest.mark.usefixtures("worker")
async def test_a_bound_credential_sees_its_stores_batches_only(client: httpx.AsyncClient, token: MakeToken) -> None:
    erp = await token(Role.ERP)
    bound, other = await token(Role.ERP, seller_cnpj=CENTRO), await token(Role.ERP, seller_cnpj=NORTE)
    theirs = (await put(client, erp, SELLERS, [{"cnpj": CENTRO, "name": "Centro"}])).json()["id"]
    own = (await put(client, bound, SELLERS, [{"cnpj": CENTRO, "name": "Centro"}])).json()["id"]
    for headers, seen in ((erp, {theirs, own}), (bound, {own}), (other, set[str]())):
        page = (await client.get(f"{CATALOG}/batches", headers=headers)).json()
        assert {batch["id"] for batch in page["batches"]} == seen
        for batch_id in (theirs, own):
            for path in ("", "/errors.csv"):
                answer = await client.get(f"{CATALOG}/batches/{batch_id}{path}", headers=headers)
                assert answer.status_code == (200 if batch_id in seen else 404)


async def test_no_such_batch(client: httpx.AsyncClient, token: MakeToken) -> None:
    erp = await token(Role.ERP)
    for batch_id in (new_id(), "x", "..%2F"):
        for path in ("", "/errors.csv"):
            answer = await client.get(f"{CATALOG}/batches/{batch_id}{path}", headers=erp)
            assert (answer.status_code, answer.json()["code"]) == (404, "batch_not_found")


@pytest.mark.usefixtures("worker")
async def test_a_repeated_batch_is_kept_once(client: httpx.AsyncClient, token: MakeToken) -> None:
    erp = {**await token(Role.ERP), "Idempotency-Key": "one"}
    rows = [{"cnpj": CENTRO, "name": "Centro"}]
    first = await client.put(SELLERS, json=rows, headers=erp)
    again = await client.put(SELLERS, json=rows, headers=erp)
    assert (first.status_code, again.status_code, again.headers["idempotent-replayed"]) == (204, 204, "true")
    assert first.headers["batch-id"] == again.headers["batch-id"]
    assert first.headers["location"] == again.headers["location"]
    assert (await client.get(f"{CATALOG}/batches", headers=erp)).json()["maxCount"] == 1
