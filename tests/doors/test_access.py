"""Channels and credentials over HTTP, for administrators; and what the log says of requests."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import structlog

from balcao.base.db import Database
from balcao.base.now import now_us
from balcao.tenants.rules import Role
from balcao.tenants.tenants import CreateTenant, create_tenant
from tests.doors.conftest import Headers, MakeToken

DEFAULTS: dict[str, Any] = {
    "documentCheck": "warn",
    "stockPolicy": "reject",
    "quotePolicy": "warn",
    "amountCheck": "warn",
    "discountBasis": "unit",
    "paymentCover": "total",
    "paidOnCreate": False,
    "cancelOnDenied": False,
    "cancelNeedsConsent": False,
    "shipWithoutInvoice": False,
    "paymentExpiryS": 259200,
}


@pytest.fixture
async def admin(token: MakeToken) -> Headers:
    return await token(Role.ADMIN)


async def ask_token(client: httpx.AsyncClient, pair: dict[str, Any]) -> httpx.Response:
    asked = {"clientId": pair["clientId"], "clientSecret": pair["clientSecret"], "scope": "lori"}
    return await client.post("/auth/token/anonymous", json=asked)


class TestChannels:
    @pytest.mark.parametrize("name", ["marketplace", "Loja São José", "a/b", "50%", "#1?", "%2F"])
    async def test_a_channel_is_set_and_listed(self, client: httpx.AsyncClient, admin: Headers, name: str) -> None:
        path = f"/v1/channels/{quote(name, safe='')}"
        answer = await client.put(path, json={"PaidOnCreate": True, "stockPolicy": "accept"}, headers=admin)
        wanted = {**DEFAULTS, "name": name, "paidOnCreate": True, "stockPolicy": "accept"}
        assert (answer.status_code, answer.json()) == (200, wanted)
        listed = (await client.get("/v1/channels", headers=admin)).json()["channels"]
        assert {channel["name"]: channel for channel in listed} == {
            "ecommerce": DEFAULTS | {"name": "ecommerce"},
            name: wanted,
        }
        answer = await client.put(path, json={}, headers=admin)
        assert answer.json() == DEFAULTS | {"name": name}

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"stockPolicy": "maybe"}, "stockPolicy"),
            ({"paymentExpiryS": 0}, "paymentExpiryS"),
            ({"paymentExpiryS": 10**12}, "paymentExpiryS"),
            ({"paidOnCreate": "yes"}, "paidOnCreate"),
            ({"documentCheck": 7}, "documentCheck"),
        ],
    )
    async def test_wrong_settings(
        self, client: httpx.AsyncClient, admin: Headers, body: dict[str, Any], field: str
    ) -> None:
        answer = await client.put("/v1/channels/other", json=body, headers=admin)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
        assert len((await client.get("/v1/channels", headers=admin)).json()["channels"]) == 1

    async def test_a_wrong_name(self, client: httpx.AsyncClient, admin: Headers) -> None:
        answer = await client.put("/v1/channels/%20a", json={}, headers=admin)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["name"])


class TestCredentials:
    async def test_from_birth_to_death(self, client: httpx.AsyncClient, admin: Headers) -> None:
        wanted = {"role": "channel", "channel": "ecommerce", "sellerCnpj": "04.109.169/0001-35"}
        answer = await client.post("/v1/credentials", json=wanted, headers=admin)
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
        made = answer.json()
        assert made["clientId"].startswith("qaapp.")
        assert (made["role"], made["channel"], made["sellerCnpj"]) == ("channel", "ecommerce", "04109169000135")
        assert (await ask_token(client, made)).status_code == 200
        listed = (await client.get("/v1/credentials", headers=admin)).json()["credentials"]
        shown = next(one for one in listed if one["clientId"] == made["clientId"])
        assert shown == {name: value for name, value in made.items() if name != "clientSecret"}
        assert made["clientSecret"] not in json.dumps(listed)
        for _ in range(2):
            assert (await client.delete(f"/v1/credentials/{made['clientId']}", headers=admin)).status_code == 204
        assert (await ask_token(client, made)).status_code == 401
        listed = (await client.get("/v1/credentials", headers=admin)).json()["credentials"]
        assert [one["revokeDate"] is None for one in listed] == [True, False]

    async def test_a_revoked_ones_tokens_die_here_at_once(self, client: httpx.AsyncClient, admin: Headers) -> None:
        made = (await client.post("/v1/credentials", json={"role": "admin"}, headers=admin)).json()
        token = (await ask_token(client, made)).json()["access_token"]
        theirs = {"Authorization": f"Bearer {token}"}
        assert (await client.get("/v1/channels", headers=theirs)).status_code == 200
        await client.delete(f"/v1/credentials/{made['clientId']}", headers=admin)
        assert (await client.get("/v1/channels", headers=theirs)).json()["code"] == "credential_revoked"

    async def test_a_repeated_creation_makes_one_and_keeps_no_secret(
        self, client: httpx.AsyncClient, admin: Headers, db: Database
    ) -> None:
        headers = admin | {"Idempotency-Key": "k"}
        first, again = [await client.post("/v1/credentials", json={"role": "erp"}, headers=headers) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.headers["idempotent-replayed"] == "true"
        assert {**first.json(), "clientSecret": None} == {**again.json(), "clientSecret": None}
        assert len(first.json()["clientSecret"]) == 43
        assert "clientSecret" not in again.json()
        async with db.read() as tx:
            assert first.json()["clientSecret"].encode() not in await tx.fetchval("SELECT body FROM idempotency")
            assert await tx.fetchval("SELECT count(*) FROM credential WHERE role = 'erp'") == 1

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "role"),
            ({"role": "king"}, "role"),
            ({"role": "carrier"}, "carrier"),
            ({"role": "erp", "carrier": "SEDEX"}, "carrier"),
            ({"role": "erp", "channel": "none"}, "channel"),
            ({"role": "erp", "sellerCnpj": "1"}, "sellerCnpj"),
        ],
    )
    async def test_wrong_wishes(
        self, client: httpx.AsyncClient, admin: Headers, body: dict[str, Any], field: str
    ) -> None:
        answer = await client.post("/v1/credentials", json=body, headers=admin)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
        assert len((await client.get("/v1/credentials", headers=admin)).json()["credentials"]) == 1

    async def test_another_tenants_credential_is_not_there(
        self, client: httpx.AsyncClient, admin: Headers, token: MakeToken, db: Database
    ) -> None:
        async with db.transaction() as tx:
            await create_tenant(tx, CreateTenant(name="other", actor="test"), now_us())
        theirs = await token(Role.ADMIN, tenant="other")
        (other,) = (await client.get("/v1/credentials", headers=theirs)).json()["credentials"]
        for client_id in (other["clientId"], "qaapp.zzzzzzzzzz", "qaapp", "a%2Fb"):
            answer = await client.delete(f"/v1/credentials/{client_id}", headers=admin)
            assert (answer.status_code, answer.json()["code"]) == (404, "credential_not_found")
        assert (await client.get("/v1/channels", headers=theirs)).json() == {"channels": []}


class TestLog:
    async def test_a_request_is_logged_without_its_secrets(self, client: httpx.AsyncClient, admin: Headers) -> None:
        trace = "0af7651916cd43dd8448eb211c80319c"
        headers = admin | {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
        with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
            await client.put("/cp/v1/channels/My%20Secret?cpf=55570403906", json={"x": "y"}, headers=headers)
            await client.get("/health/live")
        line, health = (line for line in lines if line["event"] == "request")
        assert line.pop("ms") > 0
        assert line.pop("client_id").startswith("qaapp.")
        assert line == {
            "event": "request",
            "log_level": "info",
            "method": "PUT",
            "route": "/v1/channels/{name}",
            "status": 200,
            "trace_id": trace,
        }
        assert (health["route"], health["log_level"], health["client_id"]) == ("/health/live", "debug", None)
