"""What section 6 of the API says of the catalogue, sentence by sentence, where no other test does."""

from typing import Any

import httpx
import pytest

from balcao.tenants.rules import Role
from tests.doors.catalog_shop import CENTRO, NORTE, SELLERS, Erp
from tests.doors.conftest import MakeToken
from tests.doors.shop import sent

pytestmark = pytest.mark.usefixtures("worker")

PRODUCT = {"code": "NEW", "name": "New", "auxCode": "AUX", "referenceCode": "REF", "skus": [{"code": "NEW-1"}]}
SKU = {"code": "NEW-1", "name": "New 1", "auxCode": "S-AUX", "barcode": "7890", "minStock": 3}
BATCHES: dict[str, dict[str, Any]] = {
    SELLERS: {"cnpj": "33000167000101", "name": "Sul"},
    "categories": {"code": "NEW", "name": "New"},
    "products": PRODUCT,
    "skus": {**SKU, "productCode": "CUP"},
    "prices": {"Price": 1, "ProductCode": "LAMP"},
    "stocks": {"Quantity": 7, "SellerCode": CENTRO, "SkuCode": "CUP-1"},
    "skus/stocks/batch": {"Quantity": 7, "SellerCode": CENTRO, "SkuCode": "CUP-1"},
}


@pytest.fixture
async def erp(client: httpx.AsyncClient, token: MakeToken) -> Erp:
    """An administrator whose shop is filled, and has a product with every code."""
    erp = Erp(client, await token(Role.ADMIN))
    await erp.fill()
    return erp


@pytest.mark.parametrize("path", BATCHES)
async def test_every_batch_route_answers_a_bare_204_and_applies_it(erp: Erp, path: str) -> None:
    answer = await erp.send("PUT", path, [BATCHES[path]])
    assert (answer.status_code, answer.content) == (204, b""), answer.text
    batch = await erp.get(f"batches/{answer.headers['batch-id']}")
    assert answer.headers["location"].endswith(f"/cp/management/catalog/batches/{batch['id']}")
    again = await erp.done("PUT", path, [BATCHES[path]], wait="true")  # applied after the one before
    assert (again["rows"], again["unchanged"], again["failed"]) == (1, 1, 0)
    batch = await erp.get(f"batches/{answer.headers['batch-id']}")
    assert {name: batch[name] for name in ("state", "rows", "done", "inserted", "updated", "failed", "errors")} == {
        "state": "finished", "rows": 1, "done": 1, "inserted": 1, "updated": 0, "failed": 0, "errors": []
    }  # fmt: skip


SELLER_CODES = {"cnpj": NORTE, "pointSaleId": "CX1", "id": "sellerId"}
PRODUCT_CODES = {"code": "NEW", "auxCode": "AUX", "referenceCode": "REF", "id": "productId"}
SKU_CODES = {"code": "NEW-1", "auxCode": "S-AUX", "barcode": "7890", "id": "skuId"}


@pytest.mark.parametrize("spelt", [str, str.lower, str.upper])
@pytest.mark.parametrize(
    ("path", "parameter", "match", "field"),
    [
        *(("stocks", "SellerMatchCode", match, "SellerCode") for match in SELLER_CODES),
        *(("skus/stocks/batch", "SkuMatchCode", match, "SkuCode") for match in SKU_CODES),
        *(("stocks", "SkuMatchCode", match, "SkuCode") for match in SKU_CODES),
        *(("prices", "SellerMatchCode", match, "SellerCode") for match in SELLER_CODES),
        *(("prices", "ProductMatchCode", match, "ProductCode") for match in PRODUCT_CODES),
        *(("prices", "ProcuctMatchCode", match, "ProductCode") for match in PRODUCT_CODES),
        *(("skus", "ProductMatchCode", match, "productCode") for match in PRODUCT_CODES),
    ],
)
async def test_every_match_code(erp: Erp, path: str, parameter: str, match: str, field: str, spelt: Any) -> None:
    await erp.batch("products", PRODUCT)
    await erp.batch("skus", SKU)
    product = await erp.get("products/NEW")
    ids = {"productId": product["id"], "skuId": product["skus"][0]["id"]}
    ids["sellerId"] = (await erp.get(f"{SELLERS}/{CENTRO}"))["id"]
    rows: dict[str, dict[str, Any]] = {
        "stocks": {"Quantity": 5, "SellerCode": CENTRO, "SkuCode": "NEW-1"},
        "prices": {"Price": 5, "ProductCode": "NEW", "SellerCode": CENTRO},
        "skus": {"code": "NEW-2", "productCode": "NEW"},
    }
    code = (SELLER_CODES | SKU_CODES if field in {"SellerCode", "SkuCode"} else PRODUCT_CODES)[match]
    if field == "SellerCode":
        code = SELLER_CODES[match]
    row = rows["stocks" if "stocks" in path else path] | {field: ids.get(code, code)}
    params: dict[str, Any] = {parameter: spelt(match)}
    told = await erp.done("PUT", path, [row], wait="true", **params)
    assert (told["inserted"], told["errors"]) == (1, [])
    shown = await erp.get("products/NEW")
    store = NORTE if code == NORTE else CENTRO
    if path == "prices":
        assert [(each["sellerCode"], each["price"]) for each in shown["prices"]] == [(store, 5)]
    elif path == "skus":
        assert [each["code"] for each in shown["skus"]] == ["NEW-1", "NEW-2"]
    else:
        assert [(each["sellerCode"], each["quantity"]) for each in shown["skus"][0]["stocks"]] == [(store, 5)]


async def test_a_code_that_two_have_names_neither(erp: Erp) -> None:
    await erp.batch("products", *({"code": code, "name": code, "auxCode": "SAME"} for code in "XY"))
    await erp.batch("skus", *({"code": f"{code}-1", "productCode": code, "barcode": "1"} for code in "XY"))
    cases: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
        ("prices", {"Price": 1, "ProductCode": "SAME"}, {"ProductMatchCode": "auxCode"}, "ProductCode"),
        (
            "stocks",
            {"Quantity": 1, "SkuCode": "1", "SellerCode": CENTRO},
            {"SkuMatchCode": "barcode"},
            "SkuCode",
        ),
    ]
    for path, row, query, field in cases:
        told = await erp.done("PUT", path, [row], wait="true", **query)
        assert (told["failed"], [error["field"] for error in told["errors"]]) == (1, [field])


FULL: dict[str, tuple[str, str, dict[str, Any]]] = {
    "categories": ("categories", "categories/X", {
        "description": "d", "isActive": False, "parentCode": "TOP", "order": 4, "url": "/x", "iconUrl": "/i",
        "imageUrl": "/m", "hexColor": "#FFF",
    }),
    "products": ("products", "products/X", {
        "description": "d", "isActive": False, "auxCode": "a", "referenceCode": "r", "additionalInfo": "i",
        "complementaryName": "c", "brand": "b", "keywords": "k", "releaseDate": "2026-01-01T00:00:00.000000Z",
        "pickupOnly": True, "height": 1, "lenght": 2, "width": 3, "weight": 4, "url": "/x", "imageUrl": "/m",
        "hexColor": "#FFF", "images": [{"order": 1, "imageUrl": "/1"}], "categories": [{"code": "LOW"}],
    }),
    "sellers": (SELLERS, f"{SELLERS}/33000167000101", {
        "pointSaleId": "P", "fullName": "f", "companyName": "c", "email": "e", "phoneNumber": "1",
        "whatsappPhoneNumber": "2", "gatewayId": "g", "isActive": False, "isEcommerce": True, "pickupEnabled": False,
        "deliveryEnabled": False, "handlingDays": 1, "safetyStock": 2, "priority": 3, "latitude": -1, "longitude": -2,
        "timeZone": "America/Bahia", "pickupLeadMinutes": 5, "holidays": ["2026-12-25"],
        "workingHours": [{"weekday": 1, "opens": "09:00", "closes": "18:00"}], "address": {"cep": "01310100"},
    }),
    "skus": ("skus", "products/CUP", {
        "name": "n", "isActive": False, "barcode": "b", "auxCode": "a", "minStock": 3,
        "images": [{"order": 1, "imageUrl": "/1"}],
        "Attributes": [{"type": "Color", "title": "Cor", "value": "v", "label": "l", "order": 1}],
    }),
    "prices": ("prices", "prices", {"OldPrice": 9}),
}  # fmt: skip
LEAST: dict[str, dict[str, Any]] = {
    "categories": {"code": "X", "name": "X"},
    "products": {"code": "X", "name": "X"},
    "sellers": {"cnpj": "33000167000101", "name": "X"},
    "skus": {"code": "X", "productCode": "CUP"},
    "prices": {"ProductCode": "CUP", "SellerCode": CENTRO, "Price": 1},
}


def timeless(body: Any) -> Any:
    """Without instants."""
    if isinstance(body, list):
        return [timeless(each) for each in body]
    if not isinstance(body, dict):
        return body
    return {name: timeless(value) for name, value in body.items() if name != "lastUpdate"}


@pytest.mark.parametrize("kind", FULL)
async def test_an_upsert_replaces_the_whole_record(erp: Erp, kind: str) -> None:
    """What is left out goes back to its default; and each field by itself is a change, shown, and no change again."""
    path, where, fields = FULL[kind]
    least = LEAST[kind]
    await erp.batch(path, least)
    plain = timeless(await erp.get(where))
    for name, value in fields.items():
        told = await erp.done("PUT", path, [{**least, name: value}], wait="true")
        assert (told["updated"], told["failed"]) == (1, 0), (name, told)
        assert timeless(await erp.get(where)) != plain, name
        told = await erp.done("PUT", path, [{**least, name: value}], wait="true")
        assert (told["unchanged"], told["updated"]) == (1, 0), name
    await erp.batch(path, {**least, **fields})
    shown = await erp.get(where)
    if kind in {"categories", "products", "sellers"}:
        known = set(fields) - {"parentCode", "address", "categories"}
        assert {name: shown[name] for name in known} == {name: fields[name] for name in known}
    told = await erp.done("PUT", path, [least], wait="true")
    assert told["updated"] == 1
    assert timeless(await erp.get(where)) == plain


async def test_a_type_that_is_named_and_the_default_are_the_same(erp: Erp) -> None:
    sku = {"code": "CUP-1", "productCode": "CUP", "Attributes": [{"title": "Cor", "value": "Azul"}]}
    await erp.batch("skus", sku)
    sku["Attributes"] = [{"title": "Cor", "value": "Azul", "type": "Text", "order": 0, "label": None}]
    told = await erp.done("PUT", "skus", [sku], wait="true")
    assert (told["unchanged"], told["updated"]) == (1, 0)


SHIRT: dict[str, Any] = {"code": "SHIRT", "name": "Camisa Açaí", "categories": [{"code": "LOW"}]}
CHANGES: dict[str, list[tuple[str, str, Any]]] = {
    "its name": [("PUT", "products", [{**SHIRT, "name": "Camisa"}])],
    "an image": [("PUT", "products", [{**SHIRT, "images": [{"imageUrl": "/1.jpg"}]}])],
    "its categories": [("PUT", "products", [{**SHIRT, "categories": []}])],
    "a SKU": [("PUT", "skus", [{"code": "SHIRT-M", "name": "Outra"}])],
    "a SKU's image": [("PUT", "skus", [{"code": "SHIRT-M", "name": "Camisa M", "images": [{"imageUrl": "/1.jpg"}]}])],
    "a new SKU": [("POST", "products/SHIRT/skus", {"code": "SHIRT-G"})],
    "a SKU that goes": [("DELETE", "skus/SHIRT-M", None)],
    "its price": [("PUT", "prices", [{"Price": 11, "ProductCode": "SHIRT"}])],
    "a store's price": [("PUT", "prices", [{"Price": 10, "ProductCode": "SHIRT", "SellerCode": NORTE}])],
    "a collection": [
        ("POST", "collections", {"code": "C", "name": "C"}),
        ("PUT", "products/SHIRT/collections", [{"code": "C"}]),
    ],
    "the last unit": [
        ("PUT", "stocks", [{"Quantity": 0, "SellerCode": CENTRO, "SkuCode": "SHIRT-P"}]),
        ("PUT", "stocks", [{"Quantity": 2, "SellerCode": NORTE, "SkuCode": "SHIRT-P"}]),
    ],
    "a store that closes": [("PUT", SELLERS, [{"cnpj": CENTRO, "pointSaleId": "CX1", "name": "A", "isActive": False}])],
    "another safety stock": [("PUT", SELLERS, [{"cnpj": CENTRO, "pointSaleId": "CX1", "name": "A", "safetyStock": 5}])],
    "a category's name": [("PUT", "categories", [{"code": "LOW", "name": "Lower", "parentCode": "TOP"}])],
    "a category's place": [("PUT", "categories", [{"code": "LOW", "name": "Low"}])],
    "a category that goes": [("DELETE", "categories/LOW", None)],
    "its end": [("DELETE", "products/SHIRT", None)],
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_counts_as_a_change_of_a_product(erp: Erp, change: str) -> None:
    seen = (await erp.get("products/updated"))["lastUpdate"]
    for method, path, body in CHANGES[change]:
        wait = {"wait": "true"} if method == "PUT" and not path.endswith("collections") else {}
        answer = await erp.send(method, path, body, **wait)
        assert answer.is_success, answer.text
    changed = (await erp.get("products/updated", lastUpdate=seen))["products"]
    assert [each["code"] for each in changed if each["code"] == "SHIRT"] == ["SHIRT"], change
    assert all(each["lastUpdate"] > seen for each in changed)
    lines = (await erp.get("products", lastUpdate=seen))["products"]
    assert [(line["id"], line["lastUpdate"]) for line in lines] == [
        (each["id"], each["lastUpdate"]) for each in changed
    ]


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("stocks", {"Quantity": 4, "SellerCode": CENTRO, "SkuCode": "SHIRT-P"}),
        ("stocks", {"Quantity": 2, "SellerCode": NORTE, "SkuCode": "SHIRT-M"}),
        ("products", SHIRT),
        ("prices", {"Price": 10.0, "ProductCode": "SHIRT"}),
        ("skus", {"code": "SHIRT-M", "name": "Camisa M"}),
        ("categories", {"code": "LOW", "name": "Low", "parentCode": "TOP", "description": "nobody shows it there"}),
        (SELLERS, {"cnpj": CENTRO, "pointSaleId": "CX1", "name": "Another name"}),
    ],
)
async def test_what_does_not(erp: Erp, path: str, row: dict[str, Any]) -> None:
    seen = (await erp.get("products/updated"))["lastUpdate"]
    await erp.batch(path, row)
    assert (await erp.get("products/updated", lastUpdate=seen))["products"] == []


async def test_a_category_made_with_those_below_it_under_another_by_id(erp: Erp) -> None:
    top = await erp.get("categories/TOP")
    below = {"code": "B", "name": "B", "children": [{"code": "C", "name": "C"}]}
    made = await erp.done(
        "POST", "categories", {"code": "A", "name": "A", "parentId": top["id"], "children": [below]}, expect=201
    )
    assert (made["parentId"], made["children"][0]["children"][0]["code"]) == (top["id"], "C")
    await erp.batch("categories", {"code": "D", "name": "D", "parentId": made["id"]})
    tree = await erp.get("categories/tree")
    assert [[child["code"] for child in each["children"]] for each in tree] == [["A", "LOW"]]
    assert [child["code"] for child in (await erp.get("categories/A"))["children"]] == ["B", "D"]


@pytest.mark.parametrize(
    ("path", "array"),
    [("products", "products"), ("products/updated", "products"), ("prices", "prices"), ("stocks", "items")],
)
async def test_a_feed_by_the_newest_that_was_seen_and_by_cursor(erp: Erp, path: str, array: str) -> None:
    first = await erp.get(path, lastUpdate="2000-01-01", perPage=200)
    whole = first[array]
    instants = [row["lastUpdate"] for row in whole]
    assert len(whole) > 1
    assert instants == sorted(set(instants))
    newest, polled = "2000-01-01", []
    while page := (await erp.get(path, lastUpdate=newest, perPage=1))[array]:
        polled += page
        newest = page[-1]["lastUpdate"]
    assert polled == whole
    page = await erp.get(path, lastUpdate="2000-01-01", perPage=1)
    walked = page[array]
    while page["next"]:
        page = await erp.get(path, lastUpdate="2000-01-01", perPage=1, cursor=page["next"])
        walked += page[array]
    assert walked == whole
    other = await erp.send("GET", path, cursor=(await erp.get(path, perPage=1))["next"], lastUpdate="2001-01-01")
    assert (other.status_code, other.json()["code"]) == (400, "invalid_cursor")


async def test_what_a_line_of_each_list_says(erp: Erp) -> None:
    shirt = await erp.get("products/SHIRT")
    [line] = (await erp.get("products", query="SHIRT"))["products"]
    facts = ("id", "name", "code", "hasStock", "hasPrice", "isActive", "isAvailable", "lastUpdate")
    assert line == {**{name: shirt[name] for name in facts}, "isDeleted": False}
    changed = (await erp.get("products/updated"))["products"]
    assert {"id": shirt["id"], "code": "SHIRT", "lastUpdate": shirt["lastUpdate"], "isDeleted": False} in changed
    assert [price for price in (await erp.get("prices"))["prices"] if price["productCode"] == "SHIRT"] == shirt[
        "prices"
    ]
    stocks = [stock for sku in shirt["skus"] for stock in sku["stocks"]]
    items = [each for each in (await erp.get("stocks"))["items"] if each["skuCode"].startswith("SHIRT")]
    assert sorted(items, key=str) == sorted(stocks, key=str)


async def test_stock_is_what_was_counted_less_what_orders_hold_and_the_store_keeps_back(erp: Erp) -> None:
    await erp.batch(SELLERS, {"cnpj": CENTRO, "pointSaleId": "CX1", "name": "A", "safetyStock": 1})
    line = {"SkuCode": "SHIRT-P", "ProductCode": "SHIRT", "Quantity": 2, "UnitPrice": 10, "DiscountPrice": 0}
    body = sent(Seller={"Cnpj": CENTRO}, Items=[line])
    await erp.done("POST", "/cp/management/commerce/orders/external", body, expect=201)

    async def level(status: str) -> tuple[int, ...]:
        [item] = (await erp.get("stocks", skuCode="SHIRT-P", sellerId=CENTRO))["items"]
        [shelf] = (await erp.get("inventory", query="SHIRT-P", sellerId=CENTRO, status=status))["inventory"]
        found = tuple(item[name] for name in ("quantity", "reserved", "available"))
        assert found == tuple(shelf[name] for name in ("quantity", "reserved", "available"))
        return found

    assert await level("LowOfStock") == (5, 2, 2)
    shirt_p = {"SellerCode": CENTRO, "SkuCode": "SHIRT-P"}
    await erp.batch("stocks", {**shirt_p, "Quantity": 9})  # absolute: what orders hold is untouched
    assert await level("Available") == (9, 2, 6)
    ledger = (await erp.get("stocks/ledger", skuCode="SHIRT-P", sellerId=CENTRO))["lines"]
    told = [(each["cause"], each["onHandBefore"], each["onHandAfter"], each["reservedAfter"]) for each in ledger]
    assert told == [("counted", 5, 9, 2), ("reserved", 5, 5, 2), ("counted", 0, 5, 0)]


async def test_a_later_count_wins_by_its_time_and_the_ledger_says_who(erp: Erp) -> None:
    cup = {"SellerCode": NORTE, "SkuCode": "CUP-1"}
    told = await erp.done("PUT", "stocks", [{**cup, "Quantity": 8, "Timestamp": "2026-07-01T12:00:00Z"}], wait="true")
    assert told["updated"] == 1
    for row, header, updated in (
        ({**cup, "Quantity": 7, "Timestamp": "2026-07-01T11:59:59.999999Z"}, None, 0),
        ({**cup, "Quantity": 7}, "2026-07-01T08:00:00-03:00", 0),
        ({**cup, "Quantity": 6, "Timestamp": "2026-07-01T12:00:01Z"}, "2026-07-01T08:00:00Z", 1),
        ({**cup, "Quantity": 5}, "2026-07-01T12:00:02", 1),
        ({**cup, "Quantity": 4}, None, 1),
    ):
        headers = erp.headers | ({"Timestamp": header} if header else {})
        answer = await erp.client.put("/cp/management/catalog/stocks?wait=true", json=[row], headers=headers)
        told = answer.json()
        assert (told["updated"], told["unchanged"], told["failed"]) == (updated, 1 - updated, 0), (row, told)
        assert [warning["field"] for warning in told["warnings"]] == ["Timestamp"] * (1 - updated)
        last = told["id"]
    [item] = (await erp.get("stocks", skuCode="CUP-1"))["items"]
    assert item["quantity"] == 4
    lines = (await erp.get("stocks/ledger", batchId=last))["lines"]
    assert [(each["onHandBefore"], each["onHandAfter"], each["batchId"]) for each in lines] == [(5, 4, last)]
    assert lines[0]["who"].startswith("qaapp")


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("Tênis", True), ("tenis", True), ("TÊNIS", True), ("tênnis", True), ("corida", True), ("tenis corrida", True),
        ("xk-2000", True), ("XK2000", False), ("aux77q", True), ("aux7q7", True), ("refalfa", True), ("refafla", True),
        ("7891234567895", True), ("789123456789", False), ("numero", True), ("núm", True), ("tenis futebol", False),
        ("sku-aux", True), ("SKU-AUX", True), ("xk-2000-38", True),
    ],
)  # fmt: skip
async def test_text_finds_by_each_field_whatever_the_accents_and_with_typos(erp: Erp, query: str, finds: bool) -> None:
    sku = {"code": "XK-2000-38", "name": "Número 38", "barcode": "7891234567895", "auxCode": "SKU-AUX"}
    shoe = {
        "code": "XK-2000",
        "name": "Tênis de Corrida",
        "auxCode": "AUX77Q",
        "referenceCode": "REFALFA",
        "skus": [sku],
    }
    await erp.batch("products", shoe)
    for path, array, code in (("products", "products", "code"), ("products/skus", "products", "code"),
                              ("inventory", "inventory", "productCode")):  # fmt: skip
        if path == "inventory":
            await erp.batch("stocks", {"Quantity": 1, "SellerCode": CENTRO, "SkuCode": "XK-2000-38"})
        found = [line[code] for line in (await erp.get(path, query=query))[array]]
        assert found == ["XK-2000"] * finds, (path, found)
