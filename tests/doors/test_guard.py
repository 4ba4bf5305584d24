"""Who may come in: the token, its age, its revocation, its role, its tenant."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest
from litestar import get, post
from litestar.exceptions import ImproperlyConfiguredException
from litestar.params import FromPath

from balcao import server
from balcao.base.db import Database
from balcao.base.migrate import migrate
from balcao.base.now import now_us
from balcao.base.secret_key import secret_key
from balcao.base.settings import Settings
from balcao.base.values import Micros, Tenant
from balcao.doors.door import Door, check_client
from balcao.doors.guard import PUBLIC, check_routes, roles
from balcao.tenants.credentials import CreateCredential, create_credential, revoke_credential
from balcao.tenants.rules import Caller, Role
from balcao.tenants.tenants import CreateTenant, create_tenant
from balcao.tenants.tokens import issue_token
from tests.doors.conftest import MakeCredential, MakeToken, serving

HOUR_US = 3_600_000_000


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def signed(settings: Settings, *, age_us: int = 0, ttl_s: int = 3600, key: bytes | None = None) -> str:
    caller = Caller(tenant=Tenant("qaapp"), client_id="qaapp.abcdefghij", role=Role.ADMIN)
    key = key or secret_key(settings, "token")
    return issue_token(caller, key, now=Micros(now_us() - age_us), ttl_s=ttl_s)


async def test_a_good_token_comes_in(client: httpx.AsyncClient, settings: Settings) -> None:
    answer = await client.get("/v1/channels", headers=bearer(signed(settings)))
    assert (answer.status_code, answer.json()) == (200, {"channels": []})


@pytest.mark.parametrize("scheme", ["Bearer {}", "bearer {}", "BEARER  {}"])
async def test_the_scheme_in_any_casing(client: httpx.AsyncClient, settings: Settings, scheme: str) -> None:
    headers = {"Authorization": scheme.format(signed(settings))}
    assert (await client.get("/v1/channels", headers=headers)).status_code == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic YTpi", "Token x", "Bearerx", "bearer,x", "\xe1"])
async def test_no_token(client: httpx.AsyncClient, header: str | None) -> None:
    headers = {b"Authorization": header.encode("latin-1")} if header is not None else {}
    answer = await client.get("/v1/channels", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_bad_tokens(client: httpx.AsyncClient, settings: Settings) -> None:
    good = signed(settings)
    bad = {
        "expired": (signed(settings, age_us=HOUR_US), "token_expired"),
        "another key": (signed(settings, key=b"x" * 32), "token_invalid"),
        "a key for another purpose": (signed(settings, key=secret_key(settings, "partner")), "token_invalid"),
        "the setting itself": (signed(settings, key=b"k" * 43), "token_invalid"),
        "cut": (good[:-1], "token_invalid"),
        "two": (f"{good} {good}", "token_invalid"),
        "not latin": ("\xff" * 10, "token_invalid"),
        "garbage": ("a.b.c", "token_invalid"),
    }
    for name, (token, code) in bad.items():
        answer = await client.get("/v1/channels", headers={b"Authorization": f"Bearer {token}".encode("latin-1")})
        assert (name, answer.status_code, answer.json()["code"]) == (name, 401, code)


async def test_a_token_dies_on_time_although_it_was_used(client: httpx.AsyncClient, settings: Settings) -> None:
    token = signed(settings, age_us=HOUR_US - 1_500_000)
    assert (await client.get("/v1/channels", headers=bearer(token))).status_code == 200
    await asyncio.sleep(1.6)
    answer = await client.get("/v1/channels", headers=bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


@pytest.mark.parametrize(
    ("role", "given", "status"),
    [
        (Role.ADMIN, {}, 200),
        (Role.CHANNEL, {}, 403),
        (Role.ERP, {}, 403),
        (Role.OPERATOR, {}, 403),
        (Role.CARRIER, {"carrier": "SEDEX"}, 403),
    ],
)
async def test_roles(
    client: httpx.AsyncClient, token: MakeToken, role: Role, given: dict[str, Any], status: int
) -> None:
    answer = await client.get("/v1/channels", headers=await token(role, **given))
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "wrong_role"
        assert answer.json()["role"] == role


async def test_a_revoked_token_is_out_within_the_poll(
    client: httpx.AsyncClient, token: MakeToken, credential: MakeCredential, db: Database
) -> None:
    headers = await token(Role.ADMIN)
    asked = await client.get("/v1/credentials", headers=headers)
    (shown,) = asked.json()["credentials"]
    async with db.transaction() as tx:
        await revoke_credential(tx, shown["clientId"], actor="test", now=now_us())
    async with asyncio.timeout(3):
        while (answer := await client.get("/v1/channels", headers=headers)).status_code == 200:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert (answer.status_code, answer.json()["code"]) == (401, "credential_revoked")


async def test_a_revocation_from_before_the_start_is_known(
    settings: Settings, credential: MakeCredential, db: Database
) -> None:
    caller, _ = await credential(Role.ADMIN)
    async with db.transaction() as tx:
        await revoke_credential(tx, caller.client_id, actor="test", now=Micros(now_us() - HOUR_US))
    headers = bearer(issue_token(caller, secret_key(settings, "token"), now=now_us(), ttl_s=3600))
    async with serving(settings) as url, httpx.AsyncClient(base_url=url) as client, asyncio.timeout(3):
        while (await client.get("/v1/channels", headers=headers)).status_code != 401:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_the_watch_outlives_missing_tables(settings: Settings, blank_database_url: str) -> None:
    blank = msgspec.structs.replace(settings, database_url=blank_database_url)
    async with serving(blank) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/v1/channels", headers=bearer(signed(settings)))).status_code in (500, 503)
        await asyncio.to_thread(migrate, blank_database_url)
        db = await Database.open(blank_database_url)
        async with db.transaction() as tx:
            tenant = await create_tenant(tx, CreateTenant(name="qaapp", actor="test"), now_us())
            caller, _ = await create_credential(
                tx, CreateCredential(tenant=tenant, role=Role.ADMIN, actor="test"), now_us()
            )
            await revoke_credential(tx, caller.client_id, actor="test", now=now_us())
        await db.close()
        headers = bearer(issue_token(caller, secret_key(settings, "token"), now=now_us(), ttl_s=3600))
        async with asyncio.timeout(3):
            while (await client.get("/v1/channels", headers=headers)).status_code != 401:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


@get("/public", opt=PUBLIC)
async def public(door: Door) -> dict[str, str]:
    return {"tenant": door.tenant}


@get("/mine/{client_id:str}", opt=roles(Role.ERP))
async def mine(door: Door, client_id: FromPath[str]) -> dict[str, str]:
    check_client(door, client_id)
    return {"tenant": door.tenant, "url": door.url("/x?y=1")}


@post("/mine", opt=roles(Role.ERP))
async def add() -> None: ...


class TestRoutes:
    async def test_check_client(
        self,
        settings: Settings,
        credential: MakeCredential,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(server, "DOORS", (mine, public))
        caller, _ = await credential(Role.ERP)
        headers = bearer(issue_token(caller, secret_key(settings, "token"), now=now_us(), ttl_s=60))
        async with serving(settings) as url, httpx.AsyncClient(base_url=url) as client:
            for client_id in ("qaapp", caller.client_id):
                answer = await client.get(f"/mine/{client_id}", headers=headers)
                assert (answer.status_code, answer.json()) == (200, {"tenant": "qaapp", "url": f"{url}/x?y=1"})
            for client_id in ("other", "QAAPP", "qaapp.zzzzzzzzzz", "%20"):
                answer = await client.get(f"/mine/{client_id}", headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (403, "wrong_tenant")
            assert (await client.get("/public", headers=headers)).status_code == 401  # nobody asked who it is

    def test_a_route_that_says_nothing_does_not_start(self) -> None:
        @get("/open", sync_to_thread=False)
        def silent() -> None: ...

        @get("/none", opt=roles(), sync_to_thread=False)
        def nobody() -> None: ...

        check_routes([mine, add, public])
        for handler in (silent, nobody):
            with pytest.raises(ImproperlyConfiguredException, match="does not say who may use it"):
                check_routes([mine, handler])
