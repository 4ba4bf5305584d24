"""The catalogue's pages: lists, a product, its ledger and its prices, as people see them."""

from typing import Any

import httpx
import pytest

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.base.values import Tenant
from balcao.tenants.rules import Role
from balcao.tenants.tenants import CreateTenant, create_tenant
from balcao.users.rules import UserRole
from tests.doors.catalog_shop import CENTRO, NORTE, Erp
from tests.doors.conftest import MakeToken, Sit
from tests.staff import BARE, SCRIPT, text_of

LIST = "/console/catalogue"


@pytest.fixture
async def erp(client: httpx.AsyncClient, token: MakeToken, worker: None) -> Erp:
    made = Erp(client, await token(Role.ERP))
    await made.fill()
    return made


async def address(db: Database, code: str = "SHIRT") -> str:
    async with db.read() as tx:
        product_id = await tx.fetchval("SELECT product_id FROM product WHERE code = $1", code)
    return f"{LIST}/{product_id}"


async def ledger_of(db: Database, sku: str = "SHIRT-P", cnpj: str = CENTRO, code: str = "SHIRT") -> str:
    async with db.read() as tx:
        sku_id = await tx.fetchval("SELECT sku_id FROM sku WHERE code = $1", sku)
        seller_id = await tx.fetchval("SELECT seller_id FROM seller WHERE cnpj = $1", cnpj)
    return f"{await address(db, code)}/stock/{sku_id}/{seller_id}"


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("", ["Camisa Açaí", "Caneca", "Lampada"], []),
        ("?q=acai", ["Camisa Açaí"], ["Caneca"]),
        ("?q=789", ["Camisa Açaí"], ["Caneca"]),
        ("?q=CUP-1", ["Caneca"], ["Camisa"]),
        ("?show=available", ["Camisa Açaí", "Caneca"], ["Lampada"]),
        ("?show=inactive", ["Lampada"], ["Caneca"]),
        ("?show=out", ["Nenhum produto encontrado."], ["Caneca"]),
        ("?show=nonsense&page=abc", ["Caneca"], []),
        ("?q=nothing%20like%20it", ["Nenhum produto encontrado."], ["Caneca"]),
        ("?q=%00'%22%3B--&page=99999999999999999999", ["Nenhum produto encontrado."], []),
        ("?page=9", ["Nenhum produto encontrado."], ["Caneca"]),
    ],
)
async def test_list(
    sit: Sit,
    tenant: Tenant,
    erp: Erp,
    query: str,
    shown: list[str],
    hidden: list[str],
) -> None:
    staff = await sit(tenant, UserRole.OPERATOR)
    page = await staff.get(f"{LIST}{query}")
    text = text_of(page.text)
    assert page.status_code == 200
    assert [word for word in shown if word not in text] == []
    assert [word for word in hidden if word in text] == []


async def test_pages_of_the_list(sit: Sit, tenant: Tenant, erp: Erp) -> None:
    await erp.batch("products", *({"code": f"P{n}", "name": f"Thing {n:03d}"} for n in range(45)))
    staff = await sit(tenant, lang="en")
    first = await staff.get(f"{LIST}?q=thing")
    assert "45 found" in text_of(first.text)
    assert "/console/catalogue?q=thing&amp;page=2" in first.text
    second = await staff.get(f"{LIST}?q=thing&page=2")
    assert text_of(second.text).count("Thing 0") == 5
    assert "?q=thing&amp;page=1" in second.text


async def test_product_with_stock_and_prices(
    sit: Sit,
    tenant: Tenant,
    erp: Erp,
    db: Database,
) -> None:
    await erp.batch("prices", {"Price": 8.5, "OldPrice": 10, "ProductCode": "SHIRT", "SellerCode": CENTRO})
    await erp.batch("prices", {"Price": 12, "ProductCode": "SHIRT"})
    staff = await sit(tenant, lang="en")
    text = text_of((await staff.get(await address(db))).text)
    assert "Camisa Açaí" in text
    assert "A 04.109.169/0001-35 Camisa P SHIRT-P 5 0 5 Movements" in text
    assert "B 11.222.333/0001-81 Camisa P SHIRT-P 3 0 1 Movements" in text  # two are the store's own
    assert "Every store – R$ 12.00" in text
    assert "A R$ 10.00 R$ 8.50" in text
    history = text[text.index("Price history") :]
    assert [part in history for part in ("Every store – R$ 12.00", "A R$ 10.00 R$ 8.50", "Every store – R$ 10.00")]
    assert history.index("R$ 12.00") < history.index("R$ 8.50") < history.rindex("R$ 10.00")


async def test_ledger(sit: Sit, tenant: Tenant, erp: Erp, db: Database) -> None:
    await erp.batch("stocks", {"SkuCode": "SHIRT-P", "SellerCode": CENTRO, "Quantity": 3})
    staff = await sit(tenant, lang="en")
    text = text_of((await staff.get(await ledger_of(db))).text)
    assert "To sell 3" in text
    assert "count -2 → 3 – Batch" in text
    assert "count +5 → 5 – Batch" in text
    assert text.index("-2 → 3") < text.index("+5 → 5")


async def test_operators_of_one_store_see_its_ledger_alone(
    sit: Sit,
    tenant: Tenant,
    erp: Erp,
    db: Database,
) -> None:
    staff = await sit(tenant, UserRole.OPERATOR, sellers=[CENTRO])
    product = await staff.get(await address(db))
    assert (await ledger_of(db)) in product.text
    assert (await ledger_of(db, cnpj=NORTE)) not in product.text
    own, other = await staff.get(await ledger_of(db)), await staff.get(await ledger_of(db, cnpj=NORTE))
    assert (own.status_code, other.status_code) == (200, 404)
    assert "/console/integrations/batches" not in own.text


async def test_other_shops_and_strangers_see_nothing(
    sit: Sit,
    tenant: Tenant,
    erp: Erp,
    db: Database,
    client: httpx.AsyncClient,
) -> None:
    async with db.transaction() as tx:
        other = await create_tenant(tx, CreateTenant(name="outra", actor="test"), now_us())
    staff = await sit(other)
    for path in (await address(db), await ledger_of(db)):
        assert (await staff.get(path)).status_code == 404
        assert (await client.get(path)).status_code == 303
    assert "Caneca" not in (await staff.get(f"{LIST}?q=caneca")).text


@pytest.mark.parametrize("path", ["/nonsense", "/00000000-0000-0000-0000-000000000000", "/a%20b"])
async def test_what_is_not_there(sit: Sit, tenant: Tenant, path: str) -> None:
    assert (await (await sit(tenant)).get(f"{LIST}{path}")).status_code == 404


async def test_everything_sent_is_shown_as_text(
    sit: Sit,
    tenant: Tenant,
    erp: Erp,
    db: Database,
) -> None:
    attribute = {"title": SCRIPT, "value": SCRIPT, "label": SCRIPT}
    sku: dict[str, Any] = {"code": "X<b>", "name": SCRIPT, "barcode": "<img src=x>", "attributes": [attribute]}
    await erp.batch("categories", {"code": "EVIL", "name": SCRIPT})
    product = {"code": "E<i>", "name": SCRIPT, "brand": SCRIPT, "description": SCRIPT, "referenceCode": "<img src=x>"}
    await erp.batch("products", product | {"categories": [{"code": "EVIL"}], "skus": [sku]})
    await erp.batch("/cp/management/commerce/sellers", {"cnpj": CENTRO, "pointSaleId": "CX1", "name": SCRIPT})
    await erp.batch("prices", {"Price": 1, "ProductCode": "E<i>", "SellerCode": CENTRO})
    await erp.batch("stocks", {"SkuCode": "X<b>", "SellerCode": CENTRO, "Quantity": 3})
    staff = await sit(tenant)
    for path in (LIST, f"{LIST}?q=%3Cscript%3E", await address(db, "E<i>"), await ledger_of(db, "X<b>", code="E<i>")):
        page = await staff.get(path)
        assert page.status_code == 200
        assert "&lt;script&gt;alert" in page.text
        assert [bare for bare in BARE if bare in page.text] == []
