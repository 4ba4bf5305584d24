"""Whether a product has stock, a price, and can be bought: what lists, filters and details say."""

from typing import Any

import httpx
import pytest

from balcao.tenants.rules import Role
from tests.doors.catalog_shop import CENTRO, NORTE, SELLERS, Erp
from tests.doors.conftest import MakeToken

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def erp(client: httpx.AsyncClient, token: MakeToken) -> Erp:
    """An ERP whose shop is filled."""
    erp = Erp(client, await token(Role.ERP))
    await erp.fill()
    return erp


CUP: dict[str, Any] = {"code": "CUP", "name": "Caneca", "categories": [{"code": "TOP"}]}
NORTE_STORE = {"cnpj": NORTE, "name": "B"}
STANDS: dict[str, tuple[list[tuple[str, dict[str, Any]]], tuple[bool, bool, bool]]] = {
    "as it is": ([], (True, True, True)),
    "hidden": ([("products", {**CUP, "isActive": False})], (True, True, False)),
    "its SKU hidden": ([("skus", {"code": "CUP-1", "isActive": False})], (False, True, False)),
    "its store closed": ([(SELLERS, {**NORTE_STORE, "isActive": False})], (False, True, False)),
    "all kept back": ([(SELLERS, {**NORTE_STORE, "safetyStock": 4})], (False, True, False)),
    "all but one kept back": ([(SELLERS, {**NORTE_STORE, "safetyStock": 3})], (True, True, True)),
    "sold out": ([("stocks", {"SkuCode": "CUP-1", "SellerCode": NORTE, "Quantity": 0})], (False, True, False)),
    "in another store": (
        [
            ("stocks", {"SkuCode": "CUP-1", "SellerCode": NORTE, "Quantity": 0}),
            ("stocks", {"SkuCode": "CUP-1", "SellerCode": CENTRO, "Quantity": 1}),
        ],
        (True, True, True),
    ),
    "new, counted, without a price": (
        [
            ("products", {"code": "PAN", "name": "Panela", "skus": [{"code": "PAN-1"}]}),
            ("stocks", {"SkuCode": "PAN-1", "SellerCode": CENTRO, "Quantity": 1}),
        ],
        (True, False, False),
    ),
    "new, with a price in one store": (
        [
            ("products", {"code": "PAN", "name": "Panela", "skus": [{"code": "PAN-1"}]}),
            ("prices", {"ProductCode": "PAN", "SellerCode": CENTRO, "Price": 1}),
        ],
        (False, True, False),
    ),
}


@pytest.mark.parametrize("stand", STANDS)
async def test_whether_a_product_has_stock_and_price_and_can_be_bought(erp: Erp, stand: str) -> None:
    """The filters, the line of the list and the details say the same."""
    batches, flags = STANDS[stand]
    for path, row in batches:
        await erp.batch(path, row)
    code = "PAN" if "new" in stand else "CUP"
    names = ("hasStock", "hasPrice", "isAvailable")
    shown = await erp.get(f"products/{code}")
    assert tuple(shown[name] for name in names) == flags
    for name, flag in zip(names, flags, strict=True):
        for wanted in (True, False):
            for sort in ("lastUpdate", "name", "code", "createDate"):
                page = await erp.get("products", **{name: str(wanted).lower(), "sortField": sort})
                lines = [line for line in page["products"] if line["code"] == code]
                assert [tuple(line[each] for each in names) for line in lines] == [flags] * (wanted is flag), name
                assert page["maxCount"] == len(page["products"])
