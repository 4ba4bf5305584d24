"""The integrations' pages: who may, what their forms do, what they refuse."""

import re
from html import unescape

import httpx
import pytest

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.base.values import Tenant
from balcao.tenants.rules import Role
from balcao.tenants.tenants import CreateTenant, create_tenant
from balcao.users.rules import UserRole
from tests.doors.catalog_shop import Erp
from tests.doors.conftest import MakeCredential, MakeToken, Sit
from tests.staff import BARE, SCRIPT, text_of

ALL = "/console/integrations"
PAGES = ("", "/credentials", "/channels", "/channels?name=ecommerce", "/channels?name=%2B", "/webhooks", "/omnichat",
         "/batches", "/tables", "/tables?carrier=X")  # fmt: skip
NOBODY = "00000000-0000-0000-0000-000000000000"
FORMS = (
    "/credentials", "/credentials/secret", "/credentials/revoke", "/channels", "/webhooks",
    *(f"/webhooks/{NOBODY}/{name}" for name in ("change", "test", "secret", "replay", "revive", "remove")),
    "/omnichat", *(f"/omnichat/qaapp.aaaaaaaaaa/{name}" for name in ("change", "secret", "revive", "remove")),
    "/tables", f"/tables/{NOBODY}/restore",
)  # fmt: skip
CHANNEL = {
    "stock_policy": "accept",
    "amount_check": "off",
    "document_check": "reject",
    "quote_policy": "warn",
    "discount_basis": "line",
    "payment_cover": "any",
}


def fact(page: str, name: str) -> str:
    """What the page of a new secret shows under that name."""
    found = re.search(f'data-fact="{name}">([^<]+)<', page)
    assert found, page
    return unescape(found[1])


async def count(db: Database, table: str) -> int:
    async with db.read() as tx:
        return int(await tx.fetchval(f"SELECT count(*) FROM {table}"))  # noqa: S608


async def test_pages_are_for_administrators(sit: Sit, tenant: Tenant) -> None:
    admin, operator = await sit(tenant), await sit(tenant, UserRole.OPERATOR)
    for path in PAGES:
        assert ((await admin.get(ALL + path)).status_code, path) == (200, path)
        assert ((await operator.get(ALL + path)).status_code, path) == (403, path)
    for path in FORMS:
        refused = await operator.post(ALL + path, name="x", client="x")
        assert ("administradores" in text_of(refused.text), path) == (True, path)
    assert "/console/integrations" in (await admin.get("/console")).text
    assert "/console/integrations" not in (await operator.get("/console")).text


async def test_a_credential_is_made_renewed_and_revoked(
    sit: Sit, tenant: Tenant, client: httpx.AsyncClient, db: Database
) -> None:
    staff = await sit(tenant)
    made = await staff.post(f"{ALL}/credentials", role="channel", channel="ecommerce")
    client_id, secret = fact(made.text, "clientId"), fact(made.text, "clientSecret")
    assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")

    async def answered(secret: str) -> int:
        asked = {"clientId": client_id, "clientSecret": secret, "scope": "lori"}
        return (await client.post("/auth/token/anonymous", json=asked)).status_code

    assert await answered(secret) == 200
    assert client_id in (await staff.get(f"{ALL}/credentials")).text
    assert secret not in (await staff.get(f"{ALL}/credentials")).text
    renewed = fact((await staff.post(f"{ALL}/credentials/secret", client=client_id)).text, "clientSecret")
    assert (await answered(secret), await answered(renewed)) == (401, 200)
    done = await staff.post(f"{ALL}/credentials/revoke", client=client_id)
    assert "Credencial revogada." in text_of(done.text)
    assert await answered(renewed) == 401
    again = await staff.post(f"{ALL}/credentials/secret", client=client_id)
    assert "Recusado" in text_of(again.text)
    async with db.read() as tx:
        kinds = await tx.fetch("SELECT type, actor FROM event WHERE type LIKE 'credential.%' ORDER BY seq")
    assert [row["type"] for row in kinds] == ["credential.created", "credential.rotated", "credential.revoked"]
    assert {row["actor"] for row in kinds} == {"u0@qaapp.example"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"role": "king"}, "role"),
        ({}, "role"),
        ({"role": "carrier"}, "carrier"),
        ({"role": "erp", "carrier": "SEDEX"}, "carrier"),
        ({"role": "channel", "channel": "nowhere"}, "channel"),
        ({"role": "erp", "seller": "12"}, "sellerCnpj"),
    ],
)
async def test_bad_credentials_are_not_made(
    sit: Sit, tenant: Tenant, db: Database, fields: dict[str, str], said: str
) -> None:
    staff = await sit(tenant)
    page = await staff.post(f"{ALL}/credentials", on=f"{ALL}/credentials", **fields)
    assert f"Dados inválidos. {said}" in text_of(page.text)
    assert page.url.path == f"{ALL}/credentials"
    assert await count(db, "credential") == 0


async def test_another_shops_credentials_stay(
    sit: Sit, tenant: Tenant, credential: MakeCredential, db: Database
) -> None:
    theirs = (await credential(Role.ERP)).caller.client_id
    async with db.transaction() as tx:
        other = await create_tenant(tx, CreateTenant(name="outra", actor="test"), now_us())
    staff = await sit(other)
    for path in ("secret", "revoke"):
        assert "Não encontrado" in text_of((await staff.post(f"{ALL}/credentials/{path}", client=theirs)).text)
    async with db.read() as tx:
        assert (
            await tx.fetchval("SELECT count(*) FROM event WHERE type IN ('credential.rotated', 'credential.revoked')")
            == 0
        )


async def test_a_channel_is_made_and_changed(sit: Sit, tenant: Tenant, db: Database) -> None:
    staff = await sit(tenant)
    page = await staff.post(f"{ALL}/channels", name="loja & cia", payment_expiry_h="2", paid_on_create="1", **CHANNEL)
    assert "Canal salvo." in text_of(page.text)
    async with db.read() as tx:
        row = dict(await tx.fetchrow("SELECT * FROM channel WHERE channel = 'loja & cia'") or {})
    assert (row["stock_policy"], row["discount_basis"], row["payment_cover"]) == ("accept", "line", "any")
    assert (row["paid_on_create"], row["cancel_on_denied"], row["payment_expiry_s"]) == (True, False, 7200)
    form = await staff.get(f"{ALL}/channels?name=loja%20%26%20cia")
    assert 'value="accept" selected' in form.text
    assert (await staff.get(f"{ALL}/channels?name=nowhere")).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "name"),
        ({"stock_policy": "sometimes"}, "stock_policy"),
        ({"payment_expiry_h": "0"}, "paymentExpiryS"),
        ({"payment_expiry_h": "-1"}, "payment_expiry_h"),
        ({"payment_expiry_h": "9" * 18}, "paymentExpiryS"),
    ],
)
async def test_bad_channels_are_not_made(
    sit: Sit, tenant: Tenant, db: Database, fields: dict[str, str], said: str
) -> None:
    staff = await sit(tenant)
    page = await staff.post(f"{ALL}/channels", **(CHANNEL | {"name": "x"} | fields))
    assert f"Dados inválidos. {said}" in text_of(page.text)
    assert await count(db, "channel") == 1


async def test_batches_with_their_rows_errors(
    sit: Sit, tenant: Tenant, client: httpx.AsyncClient, token: MakeToken, worker: None
) -> None:
    erp = Erp(client, await token(Role.ERP))
    await erp.fill()
    told = await erp.done(
        "PUT",
        "prices",
        [{"Price": 1, "ProductCode": SCRIPT}, {"Price": -1, "ProductCode": "CUP"}, {"Price": 2, "ProductCode": "CUP"}],
        wait="true",
    )
    staff = await sit(tenant)
    listed = await staff.get(f"{ALL}/batches?kind=prices&state=finished")
    assert f"{ALL}/batches/{told['id']}" in listed.text
    assert text_of(listed.text).count("3 / 3") == 1
    assert f"{ALL}/batches/{told['id']}" not in (await staff.get(f"{ALL}/batches?state=received")).text
    page = await staff.get(f"{ALL}/batches/{told['id']}")
    text = text_of(page.text)
    assert "Terminado: 3 / 3" in text
    assert "Recusadas 2" in text
    assert [bare for bare in BARE if bare in page.text] == []
    assert "hx-trigger" not in page.text[page.text.index('id="batch"') :]
    assert (await staff.get(f"{ALL}/batches/{told['id']}?page=99999999")).status_code == 200
    assert (await staff.get(f"{ALL}/batches/{NOBODY}")).status_code == 404


async def test_a_batch_that_waits_asks_for_itself(
    sit: Sit, tenant: Tenant, client: httpx.AsyncClient, token: MakeToken
) -> None:
    erp = Erp(client, await token(Role.ERP))
    kept = await erp.send("PUT", "prices", [{"Price": 1, "ProductCode": "X"}])
    page = await (await sit(tenant)).get(f"{ALL}/batches/{kept.headers['batch-id']}")
    assert "Recebido, espera a vez: 0 / 1" in text_of(page.text)
    assert 'hx-trigger="news from:body, every 2s"' in page.text


CSV = "CepStart;CepEnd;WeightStartKg;WeightEndKg;Price;Days\n01000-000;05999-999;0;30;{};2\n"


async def test_a_table_is_loaded_read_and_restored(sit: Sit, tenant: Tenant, db: Database) -> None:
    staff = await sit(tenant)
    for price in ("10,00", "12,50"):
        page = await staff.post(
            f"{ALL}/tables", carrier="SEDEX", description=SCRIPT, file=("t<b>.csv", CSV.format(price).encode())
        )
        assert "Em vigor: 1 × 1" in text_of(page.text), text_of(page.text)
    versions = await staff.get(f"{ALL}/tables?carrier=SEDEX")
    assert text_of(versions.text).count("Ver linhas") == 2
    assert [bare for bare in BARE if bare in versions.text] == []
    async with db.read() as tx:
        former = await tx.fetchval("SELECT table_id FROM freight_table WHERE NOT is_current")
    assert "01000000–05999999 0–30.000 g R$ 10,00" in text_of((await staff.get(f"{ALL}/tables/{former}")).text)
    assert "em vigor de novo" in text_of((await staff.post(f"{ALL}/tables/{former}/restore")).text)
    async with db.read() as tx:
        assert await tx.fetchval("SELECT table_id FROM freight_table WHERE is_current") == former
    assert (await staff.get(f"{ALL}/tables/{former}?page=999999999")).status_code == 200
    assert (await staff.get(f"{ALL}/tables/{NOBODY}")).status_code == 404


@pytest.mark.parametrize(
    "file",
    [("t.csv", b""), ("t.csv", b"\xff\xfe\x00"), ("t.xlsx", b"PK\x03\x04nonsense"), ("t.csv", b"a;b\n1;2\n"), ""],
)
async def test_bad_files_load_nothing(sit: Sit, tenant: Tenant, db: Database, file: object) -> None:
    staff = await sit(tenant)
    page = await staff.post(f"{ALL}/tables", on=f"{ALL}/tables", carrier="SEDEX", file=file)
    assert "Dados inválidos" in text_of(page.text)
    assert await count(db, "freight_table") == 0


async def test_another_shops_tables_and_batches_are_not_there(
    sit: Sit, tenant: Tenant, client: httpx.AsyncClient, token: MakeToken, db: Database
) -> None:
    erp = Erp(client, await token(Role.ERP))
    kept = await erp.send("PUT", "prices", [{"Price": 1, "ProductCode": "X"}])
    await (await sit(tenant)).post(f"{ALL}/tables", carrier="SEDEX", file=("t.csv", CSV.format("1").encode()))
    async with db.transaction() as tx:
        other = await create_tenant(tx, CreateTenant(name="outra", actor="test"), now_us())
        table_id = await tx.fetchval("SELECT table_id FROM freight_table")
    staff = await sit(other)
    assert (await staff.get(f"{ALL}/tables/{table_id}")).status_code == 404
    assert (await staff.get(f"{ALL}/batches/{kept.headers['batch-id']}")).status_code == 404
    assert "Não encontrado" in text_of((await staff.post(f"{ALL}/tables/{table_id}/restore")).text)
