"""The two token routes: what they give, and every way in which they refuse."""

import base64
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from balcao.base.db import Database
from balcao.base.errors import TooMany
from balcao.base.now import now_us
from balcao.base.values import Micros
from balcao.doors.failures import FAILURES_MAX, WINDOW_S, Failures
from balcao.tenants.credentials import revoke_credential
from balcao.tenants.rules import Role
from tests.doors.conftest import MakeCredential

ANONYMOUS = "/auth/token/anonymous"
OAUTH = "/oauth/token"


async def ask(client: httpx.AsyncClient, document: Any) -> httpx.Response:
    return await client.post(ANONYMOUS, json=document)


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


async def may_read(client: httpx.AsyncClient, token: str) -> int:
    answer = await client.get("/v1/channels", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


class TestAnonymous:
    @pytest.mark.parametrize("prefix", ["", "/cp"])
    async def test_a_pair_gives_a_token(
        self, client: httpx.AsyncClient, credential: MakeCredential, prefix: str
    ) -> None:
        caller, secret = await credential(Role.ADMIN)
        document = {"clientId": caller.client_id, "clientSecret": secret, "scope": "lori"}
        answer = await client.post(prefix + ANONYMOUS, json=document)
        assert answer.status_code == 200
        assert sorted(answer.json()) == ["access_token", "expires_in", "token_type"]
        assert (answer.json()["expires_in"], answer.json()["token_type"]) == (3600, "Bearer")
        assert answer.headers["cache-control"] == "no-store"
        assert await may_read(client, answer.json()["access_token"]) == 200

    @pytest.mark.parametrize(
        "names",
        [
            ("ClientId", "ClientSecret", "Scope"),
            ("CLIENTID", "clientsecret", "SCOPE"),
            ("clientId", "clientSecret", "x"),
        ],
    )
    async def test_names_in_any_casing_and_more_fields(
        self, client: httpx.AsyncClient, credential: MakeCredential, names: tuple[str, str, str]
    ) -> None:
        caller, secret = await credential(Role.ADMIN)
        document = dict(zip(names, (caller.client_id, secret, "LoRi"), strict=True))
        answer = await ask(client, document | {"username": "u", "password": None, "other": [1]})
        assert answer.status_code == 200

    async def test_no_content_type_is_fine(self, client: httpx.AsyncClient, credential: MakeCredential) -> None:
        caller, secret = await credential(Role.ADMIN)
        body = f'{{"clientId":"{caller.client_id}","clientSecret":"{secret}","scope":"lori"}}'
        answer = await client.post(ANONYMOUS, content=body)
        assert "content-type" not in answer.request.headers
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("change", "fields"),
        [
            ({"scope": "read"}, ["scope"]),
            ({"scope": ""}, ["scope"]),
            ({"scope": 1}, ["scope"]),
            ({"clientId": None}, ["clientId"]),
            ({"clientSecret": 5}, ["clientSecret"]),
        ],
    )
    async def test_wrong_fields(
        self, client: httpx.AsyncClient, credential: MakeCredential, change: dict[str, Any], fields: list[str]
    ) -> None:
        caller, secret = await credential(Role.ADMIN)
        answer = await ask(client, {"clientId": caller.client_id, "clientSecret": secret, "scope": "lori"} | change)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert list(answer.json()["errors"]) == fields

    async def test_missing_fields(self, client: httpx.AsyncClient) -> None:
        answer = await ask(client, {})
        assert answer.status_code == 400
        assert sorted(answer.json()["errors"]) == ["clientId", "clientSecret"]

    @pytest.mark.parametrize("body", [b"", b"null", b"[]", b"7", b"{", b"\xff", b'{"clientId":"\\ud800"}', b"[" * 9000])
    async def test_what_is_no_document(self, client: httpx.AsyncClient, body: bytes) -> None:
        answer = await client.post(ANONYMOUS, content=body)
        assert answer.status_code == 400
        assert answer.json()["code"] in ("malformed_body", "invalid")

    async def test_a_huge_body(self, client: httpx.AsyncClient) -> None:
        answer = await ask(client, {"clientId": "a" * 20_000, "clientSecret": "b"})
        assert answer.status_code == 413

    async def test_wrong_pairs(self, client: httpx.AsyncClient, credential: MakeCredential) -> None:
        caller, secret = await credential(Role.ADMIN)
        for pair in [(caller.client_id, "no"), ("qaapp", secret), ("", ""), ("\0", "\0"), ("😀", "😀")]:
            answer = await ask(client, {"clientId": pair[0], "clientSecret": pair[1], "scope": "lori"})
            if "\0" in pair[0]:
                assert answer.status_code == 400
                continue
            assert answer.status_code == 401
            assert answer.json()["code"] == "invalid_client"
            assert answer.headers["www-authenticate"].startswith("Bearer")

    async def test_a_revoked_pair(self, client: httpx.AsyncClient, credential: MakeCredential, db: Database) -> None:
        caller, secret = await credential(Role.ADMIN)
        async with db.transaction() as tx:
            await revoke_credential(tx, caller.client_id, actor="test", now=now_us())
        answer = await ask(client, {"clientId": caller.client_id, "clientSecret": secret, "scope": "lori"})
        assert answer.status_code == 401

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    async def test_other_methods(self, client: httpx.AsyncClient, method: str) -> None:
        answer = await client.request(method, ANONYMOUS)
        assert answer.status_code == 405


class TestOAuth:
    async def test_the_pair_in_the_body(self, client: httpx.AsyncClient, credential: MakeCredential) -> None:
        caller, secret = await credential(Role.ADMIN)
        form = {"grant_type": "client_credentials", "client_id": caller.client_id, "client_secret": secret}
        answer = await client.post(OAUTH, data=form)
        assert answer.status_code == 200
        said = answer.json()
        assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 3600, "read write")
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
        assert await may_read(client, said["access_token"]) == 200

    async def test_http_basic_with_escapes(self, client: httpx.AsyncClient, credential: MakeCredential) -> None:
        caller, secret = await credential(Role.ADMIN)
        escaped = "".join(f"%{ord(letter):02X}" for letter in secret)
        headers = basic(quote_plus(caller.client_id), escaped)
        answer = await client.post(OAUTH, data={"grant_type": "client_credentials", "scope": ""}, headers=headers)
        assert answer.status_code == 200

    async def test_a_client_id_beside_basic_must_agree(
        self, client: httpx.AsyncClient, credential: MakeCredential
    ) -> None:
        caller, secret = await credential(Role.ADMIN)
        headers = basic(caller.client_id, secret)
        form = {"grant_type": "client_credentials", "client_id": caller.client_id}
        assert (await client.post(OAUTH, data=form, headers=headers)).status_code == 200
        answer = await client.post(OAUTH, data=form | {"client_id": "another"}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    @pytest.mark.parametrize(
        ("scope", "reads", "writes"),
        [
            ("read", 200, 403),
            ("write", 403, 200),
            ("read write", 200, 200),
            ("LORI", 200, 200),
            ("lori read", 200, 200),
        ],
    )
    async def test_scopes_narrow(
        self, client: httpx.AsyncClient, credential: MakeCredential, scope: str, reads: int, writes: int
    ) -> None:
        caller, secret = await credential(Role.ADMIN)
        form = {"grant_type": "client_credentials", "scope": scope}
        answer = await client.post(OAUTH, data=form, headers=basic(caller.client_id, secret))
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await client.get("/v1/channels", headers=headers)).status_code == reads
        assert (await client.head("/v1/channels", headers=headers)).status_code == reads
        refused = await client.put("/v1/channels/other", json={}, headers=headers)
        assert refused.status_code == writes
        if writes == 403:
            assert refused.json()["code"] == "insufficient_scope"

    @pytest.mark.parametrize(
        ("form", "status", "error"),
        [
            ("", 400, "invalid_request"),
            ("grant_type=", 400, "invalid_request"),
            ("scope=lori", 400, "invalid_request"),
            ("grant_type=password", 400, "unsupported_grant_type"),
            ("grant_type=refresh_token", 400, "unsupported_grant_type"),
            ("grant_type=client_credentials", 401, "invalid_client"),
            ("grant_type=client_credentials&client_id=a", 401, "invalid_client"),
            ("grant_type=client_credentials&client_secret=a", 401, "invalid_client"),
            ("grant_type=client_credentials&client_id=a&client_secret=b", 401, "invalid_client"),
            ("grant_type=client_credentials&client_id=a&client_id=a&client_secret=b", 400, "invalid_request"),
            ("grant_type=client_credentials&client_id=a&client_secret=b&scope=all", 400, "invalid_scope"),
            ("grant_type=client_credentials&client_id=%FF&client_secret=b", 400, "invalid_request"),
            ("grant_type=client_credentials&client_id=%00&client_secret=%00", 401, "invalid_client"),
            ('{"grant_type":"client_credentials"}', 400, "invalid_request"),
            ("&".join(f"a{n}=1" for n in range(50)), 400, "invalid_request"),
        ],
    )
    async def test_refusals(self, client: httpx.AsyncClient, form: str, status: int, error: str) -> None:
        answer = await client.post(OAUTH, content=form, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers.get("www-authenticate") == (
            'Basic realm="balcao", charset="UTF-8"' if status == 401 else None
        )
        assert sorted(answer.json()) == ["error", "error_description"]

    @pytest.mark.parametrize(
        "header",
        ["", "Basic", "Basic !", "Basic YQ==", "Basic /w==", "Bearer abc", "Basic OmI=", "Basic " + "QQ==" * 2],
    )
    async def test_broken_authorization_headers(self, client: httpx.AsyncClient, header: str) -> None:
        answer = await client.post(OAUTH, data={"grant_type": "client_credentials"}, headers={"Authorization": header})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic")

    async def test_two_ways_at_once_are_refused(self, client: httpx.AsyncClient, credential: MakeCredential) -> None:
        caller, secret = await credential(Role.ADMIN)
        form = {"grant_type": "client_credentials", "client_id": caller.client_id, "client_secret": secret}
        answer = await client.post(OAUTH, data=form, headers=basic(caller.client_id, secret))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


class TestGuessing:
    async def test_too_many_failures_wait(self, client: httpx.AsyncClient, credential: MakeCredential) -> None:
        (guessed, secret), (other, other_secret) = await credential(Role.ADMIN), await credential(Role.ADMIN)
        wrong = {"clientId": guessed.client_id, "clientSecret": "wrong", "scope": "lori"}
        assert [(await ask(client, wrong)).status_code for _ in range(21)] == [401] * 20 + [429]
        answer = await ask(client, wrong | {"clientSecret": secret})
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        form = {"grant_type": "client_credentials"}
        assert (await client.post(OAUTH, data=form, headers=basic(guessed.client_id, secret))).status_code == 429
        right = {"clientId": other.client_id, "clientSecret": other_secret, "scope": "lori"}
        assert (await ask(client, right)).status_code == 200

    def test_failures_are_of_an_id_an_address_and_a_minute(self) -> None:
        failures = Failures()
        now = Micros(1_790_000_000_000_000)
        for n in range(FAILURES_MAX):
            failures.check("a", "1.1.1.1", now)
            failures.note("a", "1.1.1.1", Micros(now + n))
        with pytest.raises(TooMany) as refused:
            failures.check("a", "1.1.1.1", Micros(now + FAILURES_MAX))
        assert refused.value.retry_after_s == WINDOW_S
        failures.check("a", "2.2.2.2", now)
        failures.check("b", "1.1.1.1", now)
        with pytest.raises(TooMany):
            failures.check("a", "1.1.1.1", Micros(now + WINDOW_S * 1_000_000 - 1))
        failures.check("a", "1.1.1.1", Micros(now + WINDOW_S * 1_000_000))

    def test_what_is_remembered_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("balcao.doors.failures.REMEMBERED_MAX", 3)
        failures = Failures()
        for n in range(10):
            failures.note(str(n), "", Micros(n))
        assert [client_id for client_id, _ in failures._failed] == ["7", "8", "9"]
        failures.note("a" * 10_000, "", Micros(10))
        assert [len(client_id) for client_id, _ in failures._failed] == [1, 1, 64]
