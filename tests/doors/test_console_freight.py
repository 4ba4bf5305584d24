"""The freight simulator: what it offers, and why it does not."""

import pytest

from balcao.base.db import Database
from balcao.base.values import Tenant
from balcao.users.rules import UserRole
from tests.doors.conftest import NO_TLS, Sit
from tests.staff import BARE, SCRIPT, Staff, text_of
from tests.verbs.freight_shop import CENTRO, furnish, load, rate

PAGE = "/console/freight"


@pytest.fixture
async def shop(db: Database, tenant: Tenant) -> Tenant:
    """SEDEX from one store to São Paulo, NORMAL from every store to everywhere."""
    async with db.transaction() as tx:
        await furnish(tx, tenant)
        await load(tx, tenant, "SEDEX", rate((1_000_000, 5_999_999), (0, 1000), "10.50", 1), cnpj=CENTRO)
        await load(tx, tenant, "NORMAL", rate((0, 99_999_999), (0, 5000), "15", 4))
    return tenant


async def test_blank_form(sit: Sit, tenant: Tenant, shop: Tenant) -> None:
    staff = await sit(tenant, UserRole.OPERATOR)
    page = await staff.get(PAGE)
    assert (page.status_code, page.text.count('name="sku"')) == (200, 2)
    assert "ecommerce" in page.text


async def test_offers_and_why(sit: Sit, tenant: Tenant, shop: Tenant) -> None:
    staff = await sit(tenant)
    page = await staff.get(f"{PAGE}?cep=01310-100&sku=SHIRT&quantity=2&price=59,90&sku=&quantity=&price=")
    text = text_of(page.text)
    assert page.status_code == 200
    assert "2 × SHIRT" in text
    assert "Sedex SEDEX 04109169000135 R$ 10,50" in text
    assert "SEDEX oferecido 1 dias úteis depois da entrega à transportadora" in text
    assert "SEDEX sem tabela sem tabela para esta loja, seu estado ou todas as lojas" in text
    assert "loja inativa a loja não está ativa" in text
    english = text_of((await (await sit(tenant, lang="en")).get(f"{PAGE}?cep=01310100&sku=SHIRT")).text)
    assert "SEDEX offered 1 business days after it was handed over" in english


async def test_prices_of_the_catalogue(sit: Sit, tenant: Tenant, shop: Tenant, db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO price (tenant, product_id, seller_id, price, last_update_us)
            SELECT $1, product_id, '00000000-0000-0000-0000-000000000000', 7.5, 1 FROM product WHERE code = 'SHIRT'
            """,
            tenant,
        )
        await tx.execute(
            "INSERT INTO freight_rule (tenant, code, body, changed_us) VALUES ($1, 'FREE', $2, 1)",
            tenant,
            {"code": "FREE", "kind": "free", "cart_min_e4": 150_000},
        )
        await tx.execute("UPDATE freight_state SET version = gen_random_uuid() WHERE tenant = $1", tenant)
    staff = await sit(tenant)
    one = text_of((await staff.get(f"{PAGE}?cep=01310100&sku=SHIRT&quantity=1")).text)
    two = text_of((await staff.get(f"{PAGE}?cep=01310100&sku=SHIRT&quantity=2")).text)
    assert "regras: FREE" not in one
    assert "regras: FREE" in two


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("cep=&sku=SHIRT", "CEP: 01001-000"),
        ("cep=abc&sku=SHIRT", "CEP: 01001-000"),
        ("cep=01310100", "SKU: ?"),
        ("cep=01310100&sku=SHIRT&quantity=0", "SHIRT: 0"),
        ("cep=01310100&sku=SHIRT&quantity=-1", "SHIRT: -1"),
        ("cep=01310100&sku=SHIRT&quantity=99999999999999999999", "SHIRT: 9999999"),
        ("cep=01310100&sku=SHIRT&quantity=1&price=abc", "SHIRT: 1 × abc"),
        ("cep=01310100&sku=&quantity=3", "SKU: 3"),
        ("cep=01310100&sku=SHIRT&seller=00000000000000", "Dados inválidos"),
        ("cep=01310100&sku=SHIRT&sku=SHIRT&price=1&price=2", ""),
    ],
)
async def test_bad_input(sit: Sit, tenant: Tenant, shop: Tenant, query: str, shown: str) -> None:
    page = await (await sit(tenant)).get(f"{PAGE}?{query}")
    assert page.status_code == (422 if shown else 200)
    assert shown in text_of(page.text)
    assert "Traceback" not in page.text


async def test_what_is_unknown_and_what_is_typed(sit: Sit, tenant: Tenant, shop: Tenant) -> None:
    staff = await sit(tenant)
    page = await staff.http.get(
        PAGE, params={"cep": "01310100", "sku": SCRIPT, "unavailable": "1", "channel": SCRIPT, "anystock": "1"}
    )
    assert page.status_code == 200
    assert "SKU desconhecido" in text_of(page.text)
    assert [bare for bare in BARE if bare in page.text] == []
    assert page.text.count(" checked") == 2


async def test_an_operators_store_sends_alone(sit: Sit, tenant: Tenant, shop: Tenant) -> None:
    staff = await sit(tenant, UserRole.OPERATOR, sellers=[CENTRO])
    text = text_of((await staff.get(f"{PAGE}?cep=01310100&sku=SHIRT")).text)
    assert "fora da consulta" in text


async def test_strangers_log_in_first(server_url: str, tenant: Tenant) -> None:
    async with Staff(server_url, NO_TLS) as staff:
        page = await staff.get(f"{PAGE}?cep=1", follow_redirects=False)
    assert page.headers["location"] == "/console/login?next=/console/freight%3Fcep%3D1"
