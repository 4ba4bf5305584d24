"""Categories, products, prices and stocks, read over HTTP."""

from typing import Any

import httpx
import pytest

from balcao.base.db import Database
from balcao.base.values import new_id
from balcao.tenants.rules import Role
from tests.doors.conftest import Headers, MakeToken

CATALOG = "/cp/management/catalog"
SELLERS = "/cp/management/commerce/sellers"
CENTRO, NORTE = "04109169000135", "11222333000181"

pytestmark = pytest.mark.usefixtures("worker")

DRESS: dict[str, Any] = {
    "code": "DRESS #1/A",
    "name": "Vestido",
    "referenceCode": "REF",
    "auxCode": "AUX",
    "description": "Linho",
    "additionalInfo": "Lavar à mão",
    "complementaryName": "55% linho",
    "brand": "Marazeda",
    "keywords": ["vestido", "linho"],
    "releaseDate": "2026-07-01T12:00:00.000005-03:00",
    "isActive": True,
    "pickupOnly": True,
    "height": 3.50,
    "length": 32,
    "width": 26,
    "weight": 0.320,
    "url": "/vestido",
    "hexColor": "#FFFFFF",
    "categories": [{"code": "FEM", "name": "Feminino", "children": [{"code": "VEST", "name": "Vestidos"}]}],
    "images": [
        {"order": 2, "imageUrl": "https://x.example/2.jpg"},
        {"order": 1, "imageUrl": "https://x.example/1.jpg"},
    ],
    "skus": [
        {
            "code": "DRESS-P",
            "name": "Vestido P",
            "barcode": "789",
            "auxCode": "A-P",
            "minStock": 2,
            "images": [{"imageUrl": "https://x.example/p.jpg"}],
            "Attributes": [
                {"type": "Dropdown", "title": "Tamanho", "value": "P", "label": "P", "order": 2},
                {"type": "Color", "title": "Cor", "value": "#FFF", "label": "Branco", "order": 1},
            ],
        },
        {"code": "DRESS-M"},
    ],
}


DRESS_SHOWN: dict[str, Any] = {
    "clientId": "qaapp",
    "code": "DRESS #1/A",
    "name": "Vestido",
    "referenceCode": "REF",
    "auxCode": "AUX",
    "description": "Linho",
    "additionalInfo": "Lavar à mão",
    "complementaryName": "55% linho",
    "brand": "Marazeda",
    "keywords": "vestido, linho",
    "releaseDate": "2026-07-01T15:00:00.000005Z",
    "isActive": True,
    "hasStock": True,
    "hasPrice": True,
    "isAvailable": True,
    "pickupOnly": True,
    "height": 3.5,
    "lenght": 32,
    "length": 32,
    "width": 26,
    "weight": 0.32,
    "url": "/vestido",
    "imageUrl": "https://x.example/1.jpg",
    "hexColor": "#FFFFFF",
    "categories": [
        {"code": "FEM", "name": "Feminino", "isActive": True, "parentId": None, "children": []},
        {"code": "VEST", "name": "Vestidos", "isActive": True, "children": []},
    ],
    "collections": [],
    "images": [
        {"order": 1, "imageUrl": "https://x.example/1.jpg"},
        {"order": 2, "imageUrl": "https://x.example/2.jpg"},
    ],
    "skus": [
        {
            "code": "DRESS-M",
            "name": "Vestido",
            "isActive": True,
            "barcode": None,
            "auxCode": None,
            "minStock": 0,
            "images": [],
            "attributes": [],
            "stocks": [
                {"quantity": 0, "skuCode": "DRESS-M", "sellerCode": CENTRO, "reserved": 0, "available": 0},
            ],
        },
        {
            "code": "DRESS-P",
            "name": "Vestido P",
            "isActive": True,
            "barcode": "789",
            "auxCode": "A-P",
            "minStock": 2,
            "images": [{"order": 0, "imageUrl": "https://x.example/p.jpg"}],
            "attributes": [
                {"type": "Color", "title": "Cor", "value": "#FFF", "label": "Branco", "order": 1},
                {"type": "Dropdown", "title": "Tamanho", "value": "P", "label": "P", "order": 2},
            ],
            "stocks": [
                {"quantity": 5, "skuCode": "DRESS-P", "sellerCode": CENTRO, "reserved": 0, "available": 5},
                {"quantity": 1, "skuCode": "DRESS-P", "sellerCode": NORTE, "reserved": 0, "available": -1},
            ],
        },
    ],
    "prices": [
        {
            "productCode": "DRESS #1/A",
            "sellerId": None,
            "sellerCode": None,
            "price": 199.9,
            "oldPrice": 219.9,
            "isDeleted": False,
        },
        {"productCode": "DRESS #1/A", "sellerCode": NORTE, "price": 180, "oldPrice": None, "isDeleted": False},
    ],
}


@pytest.fixture
async def erp(client: httpx.AsyncClient, token: MakeToken) -> Headers:
    """The headers of an ERP whose shop is filled."""
    headers = await token(Role.ERP)
    stores = [{"cnpj": CENTRO, "pointSaleId": "CX1", "name": "A"}, {"cnpj": NORTE, "name": "B", "safetyStock": 2}]
    await send(client, headers, SELLERS, stores)
    await send(client, headers, f"{CATALOG}/products", [DRESS, {"code": "CUP", "name": "Caneca", "isActive": False}])
    prices = [{"Price": 199.90, "OldPrice": 219.9, "ProductCode": DRESS["code"]}]
    await send(client, headers, f"{CATALOG}/prices", prices)
    own = [{"Price": 180, "ProductCode": DRESS["code"], "SellerCode": NORTE}]
    await send(client, headers, f"{CATALOG}/prices", own)
    counts = [
        {"Quantity": 5, "SellerCode": CENTRO, "SkuCode": "DRESS-P"},
        {"Quantity": 1, "SellerCode": NORTE, "SkuCode": "DRESS-P"},
        {"Quantity": 0, "SellerCode": CENTRO, "SkuCode": "DRESS-M"},
    ]
    await send(client, headers, f"{CATALOG}/stocks", counts)
    return headers


async def send(client: httpx.AsyncClient, headers: Headers, path: str, rows: list[Any]) -> None:
    answer = await client.put(f"{path}?wait=true", json=rows, headers=headers)
    assert (answer.status_code, answer.json()["failed"]) == (200, 0), (path, answer.text)


async def get(client: httpx.AsyncClient, headers: Headers, path: str, **params: Any) -> Any:
    answer = await client.get(f"{CATALOG}/{path}", params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def timeless(body: Any) -> Any:
    """The body without what no test can know: ids and instants."""
    unknown = ("id", "createDate", "lastUpdate", "skuId", "sellerId", "productId", "parentId")
    if isinstance(body, list):
        return [timeless(each) for each in body]
    if not isinstance(body, dict):
        return body
    return {name: timeless(value) for name, value in body.items() if name not in unknown or value is None}


async def test_a_product_in_full(client: httpx.AsyncClient, erp: Headers) -> None:
    shown = await get(client, erp, "products/DRESS%20%231%2FA")
    assert timeless(shown) == DRESS_SHOWN
    assert await get(client, erp, f"products/{shown['id']}") == shown
    assert shown["categories"][1]["parentId"] == shown["categories"][0]["id"]


async def test_there_is_no_such_product(client: httpx.AsyncClient, erp: Headers, db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE product SET is_deleted = true WHERE tenant = 'qaapp' AND code = 'CUP'")
    for name in ("NONE", str(new_id()), "CUP"):
        answer = await client.get(f"{CATALOG}/products/{name}", headers=erp)
        assert (answer.status_code, answer.json()["code"]) == (404, "product_not_found")


async def test_the_list_of_products(client: httpx.AsyncClient, erp: Headers) -> None:
    page = await get(client, erp, "products", sortField="code")
    lines = [(line["code"], line["hasStock"], line["hasPrice"], line["isAvailable"]) for line in page["products"]]
    assert lines == [("CUP", False, False, False), ("DRESS #1/A", True, True, True)]
    assert (page["maxCount"], page["sortField"], page["next"]) == (2, "code", None)
    for params, codes in (
        ({"isActive": "false"}, ["CUP"]),
        ({"query": "cup"}, ["CUP"]),
        ({"query": "vest"}, ["DRESS #1/A"]),
        ({"query": "ref"}, ["DRESS #1/A"]),
        ({"query": "%"}, []),
        ({"query": "_UP"}, []),
        ({"lastUpdate": "2026-01-01"}, ["CUP", "DRESS #1/A"]),
        ({"lastUpdate": "2999-01-01"}, []),
        ({"hasStock": "true"}, ["DRESS #1/A"]),
        ({"hasStock": "false"}, ["CUP"]),
        ({"hasPrice": "true"}, ["DRESS #1/A"]),
        ({"hasPrice": "false"}, ["CUP"]),
        ({"isAvailable": "true"}, ["DRESS #1/A"]),
        ({"isAvailable": "false"}, ["CUP"]),
        ({"hasImages": "true"}, ["DRESS #1/A"]),
        ({"hasImages": "false"}, ["CUP"]),
        ({"hasImages": "true", "isActive": "false"}, []),
    ):
        page = await get(client, erp, "products", **params)
        assert [line["code"] for line in page["products"]] == codes, params


async def test_what_changed(client: httpx.AsyncClient, erp: Headers, db: Database) -> None:
    page = await get(client, erp, "products/updated")
    assert [change["code"] for change in page["products"]] == ["CUP", "DRESS #1/A"]
    assert page["lastUpdate"] == page["products"][1]["lastUpdate"]
    seen = page["lastUpdate"]
    page = await get(client, erp, "products/updated", lastUpdate=seen)
    assert (page["products"], page["lastUpdate"]) == ([], seen)
    await send(client, erp, f"{CATALOG}/prices", [{"Price": 9, "ProductCode": "CUP"}])
    await send(client, erp, f"{CATALOG}/stocks", [{"Quantity": 9, "SellerCode": CENTRO, "SkuCode": "DRESS-P"}])
    page = await get(client, erp, "products/updated", lastUpdate=seen)
    assert timeless(page["products"]) == [{"code": "CUP", "isDeleted": False}]
    async with db.transaction() as tx:
        await tx.execute("UPDATE product SET is_deleted = true WHERE tenant = 'qaapp' AND code = 'CUP'")
    page = await get(client, erp, "products/updated", lastUpdate=seen)
    assert timeless(page["products"]) == [{"code": "CUP", "isDeleted": True}]
    assert (await get(client, erp, "products/updated", perPage=1, page=2))["products"][0]["code"] == "CUP"
    assert [line["code"] for line in (await get(client, erp, "products"))["products"]] == ["DRESS #1/A"]


async def test_nothing_changed_ever(client: httpx.AsyncClient, token: MakeToken) -> None:
    page = await get(client, await token(Role.CHANNEL), "products/updated")
    assert (page["products"], page["lastUpdate"], page["maxCount"], page["maxPage"]) == ([], None, 0, 0)


async def test_prices(client: httpx.AsyncClient, erp: Headers) -> None:
    prices = (await get(client, erp, "prices"))["prices"]
    assert timeless(prices) == [
        {
            "productCode": "DRESS #1/A",
            "sellerId": None,
            "sellerCode": None,
            "price": 199.9,
            "oldPrice": 219.9,
            "isDeleted": False,
        },
        {"productCode": "DRESS #1/A", "sellerCode": NORTE, "price": 180, "oldPrice": None, "isDeleted": False},
    ]
    for params, expected in (
        ({"sellerId": NORTE}, prices[1:]),
        ({"sellerId": prices[1]["sellerId"]}, prices[1:]),
        ({"sellerId": CENTRO}, []),
        ({"lastUpdate": prices[0]["lastUpdate"]}, prices[1:]),
        ({"lastUpdate": prices[1]["lastUpdate"]}, []),
    ):
        assert (await get(client, erp, "prices", **params))["prices"] == expected, params


async def test_stocks(client: httpx.AsyncClient, erp: Headers) -> None:
    page = await get(client, erp, "stocks", perPage=2)
    items = page["items"]
    assert timeless(items) == [
        {"quantity": 5, "skuCode": "DRESS-P", "sellerCode": CENTRO, "reserved": 0, "available": 5},
        {"quantity": 1, "skuCode": "DRESS-P", "sellerCode": NORTE, "reserved": 0, "available": -1},
    ]
    assert (page["maxCount"], page["maxPage"], page["sortField"], page["sortAscending"]) == (3, 2, "lastUpdate", True)
    rest = await get(client, erp, "stocks", cursor=page["next"])
    items += rest["items"]
    assert (len(items), rest["next"]) == (3, None)
    p_centro, p_norte, m_centro = items
    for params, expected in (
        ({"sellerId": NORTE}, [p_norte]),
        ({"sellerId": p_norte["sellerId"]}, [p_norte]),
        ({"sellerId": "11.222.333/0001-81"}, [p_norte]),
        ({"pointSaleId": "CX1"}, [p_centro, m_centro]),
        ({"skuCode": "DRESS-P"}, [p_centro, p_norte]),
        ({"SkuId": m_centro["skuId"]}, [m_centro]),
        ({"skuCode": "NONE"}, []),
        ({"lastUpdate": p_centro["lastUpdate"]}, [p_norte, m_centro]),
        ({"page": 2, "perPage": 2}, [m_centro]),
        ({"sortAscending": "false", "perPage": 1}, [m_centro]),
    ):
        assert (await get(client, erp, "stocks", **params))["items"] == expected, params


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("stocks", {"sellerId": "x"}, "sellerId"),
        ("stocks", {"skuId": "x"}, "skuId"),
        ("stocks", {"page": "0"}, "page"),
        ("stocks", {"page": "x"}, "page"),
        ("stocks", {"perPage": "-1"}, "perPage"),
        ("stocks", {"sortField": "code"}, "sortField"),
        ("stocks", {"sortAscending": "maybe"}, "sortAscending"),
        ("stocks", {"lastUpdate": "yesterday"}, "lastUpdate"),
        ("stocks", {"cursor": "x"}, "cursor"),
        ("prices", {"sellerId": "x"}, "sellerId"),
        ("products", {"isActive": "perhaps"}, "isActive"),
        ("products/updated", {"lastUpdate": "x"}, "lastUpdate"),
    ],
)
async def test_bad_parameters(
    client: httpx.AsyncClient, token: MakeToken, path: str, params: dict[str, str], field: str
) -> None:
    answer = await client.get(f"{CATALOG}/{path}", params=params, headers=await token(Role.CHANNEL))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field]), answer.text


async def test_categories(client: httpx.AsyncClient, erp: Headers) -> None:
    rows = [
        {"code": "B", "name": "B", "order": 1, "parentCode": "A", "description": "b", "isActive": False},
        {"code": "A", "name": "A", "children": [{"code": "C", "name": "C", "children": [{"code": "D", "name": "D"}]}]},
    ]
    answer = await client.put(f"{CATALOG}/categories?wait=true", json=rows, headers=erp)
    assert (answer.json()["rows"], answer.json()["inserted"]) == (4, 4)
    [a, fem] = await get(client, erp, "categories/tree")
    assert (a["code"], [child["code"] for child in a["children"]], fem["code"]) == ("A", ["C", "B"], "FEM")
    [c, b] = a["children"]
    assert (b["parentId"], b["description"], b["isActive"], b["order"]) == (a["id"], "b", False, 1)
    assert [child["code"] for child in c["children"]] == ["D"]
    assert await get(client, erp, "categories/A") == await get(client, erp, f"categories/{a['id']}") == a
    answer = await client.get(f"{CATALOG}/categories/NONE", headers=erp)
    assert (answer.status_code, answer.json()["code"]) == (404, "category_not_found")
    assert timeless(await get(client, erp, "categories/D")) == {
        "clientId": "qaapp",
        "code": "D",
        "name": "D",
        "description": None,
        "isActive": True,
        "order": 0,
        "url": None,
        "iconUrl": None,
        "imageUrl": None,
        "hexColor": None,
        "isDeleted": False,
        "children": [],
    }


async def test_a_child_that_cannot_be_is_told_by_its_place(client: httpx.AsyncClient, erp: Headers) -> None:
    rows = [{"code": "A", "name": "A", "children": [{"code": "B", "name": "B"}, {"code": "", "name": "C"}]}]
    told = (await client.put(f"{CATALOG}/categories?wait=true", json=rows, headers=erp)).json()
    assert (told["rows"], told["inserted"], told["failed"]) == (3, 2, 1)
    assert told["errors"] == [
        {"row": 1, "code": "", "field": "children[1].code", "message": "must have 1 to 255 characters"}
    ]
    rows = [{"code": "X", "name": "X", "children": [{"name": "no code"}]}]
    told = (await client.put(f"{CATALOG}/categories?wait=true", json=rows, headers=erp)).json()
    assert (told["failed"], told["errors"][0]["field"]) == (1, "children[0].code")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"releaseDate": "0001-01-01T00:00:00"}, {"releaseDate": None}),
        ({"releaseDate": "2026-07-01"}, {"releaseDate": "2026-07-01T00:00:00.000000Z"}),
        ({"keywords": "a;b"}, {"keywords": "a;b"}),
        ({"lenght": 1.5}, {"lenght": 1.5, "length": 1.5}),
        ({"LENGTH": 1.5}, {"lenght": 1.5, "length": 1.5}),
        ({"imageUrl": "/x.jpg", "images": None, "skus": None, "categories": None}, {"imageUrl": "/x.jpg", "skus": []}),
        ({"Name": " Novo "}, {"name": "Novo"}),
    ],
)
async def test_what_senders_do(
    client: httpx.AsyncClient, token: MakeToken, sent: dict[str, Any], shown: dict[str, Any]
) -> None:
    erp = await token(Role.ERP)
    await send(client, erp, f"{CATALOG}/products", [{"code": "X", "name": "X", **sent}])
    found = await get(client, erp, "products/X")
    assert {name: found[name] for name in shown} == shown


async def test_a_release_date_that_is_none(client: httpx.AsyncClient, erp: Headers) -> None:
    rows = [{"code": "X", "name": "X", "releaseDate": "soon"}]
    told = (await client.put(f"{CATALOG}/products?wait=true", json=rows, headers=erp)).json()
    assert [issue["field"] for issue in told["errors"]] == ["releaseDate"]
