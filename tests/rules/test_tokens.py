"""Tokens: what we sign we read back, and nothing else."""

import base64
import json
from typing import Any

import jwt
import pytest

from balcao.base.errors import Unauthenticated
from balcao.base.values import Micros, Tenant
from balcao.tenants import tokens
from balcao.tenants.rules import Caller, Role, Scope
from balcao.tenants.tokens import Tokens, issue_token, read_token

KEY = b"k" * 32
NOW = Micros(1_790_000_000_000_000)
CALLER = Caller(
    tenant=Tenant("qaapp"),
    client_id="qaapp.abcdefghij",
    role=Role.CARRIER,
    channel="e-commerce á",
    seller_cnpj="04109169000135",
    carrier="SEDEX",
    scopes=frozenset({Scope.READ}),
)
CLAIMS: dict[str, Any] = {
    "iss": "balcao",
    "sub": "qaapp.abcdefghij",
    "tenant": "qaapp",
    "role": "erp",
    "scope": "read write",
    "iat": NOW // 1_000_000,
    "exp": NOW // 1_000_000 + 3600,
    "jti": "1",
}


def later(seconds: float) -> Micros:
    return Micros(NOW + int(seconds * 1_000_000))


def test_a_token_gives_its_caller_back() -> None:
    token = issue_token(CALLER, KEY, now=NOW, ttl_s=3600)
    assert read_token(token, KEY, now=NOW) == (CALLER, later(3600))
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


def test_the_claims_are_the_agreed_ones() -> None:
    said = jwt.decode(issue_token(CALLER, KEY, now=NOW, ttl_s=60), options={"verify_signature": False})
    jti = said.pop("jti")
    assert len(jti) == 32
    assert said == {
        "iss": "balcao",
        "sub": "qaapp.abcdefghij",
        "tenant": "qaapp",
        "role": "carrier",
        "scope": "read",
        "iat": 1_790_000_000,
        "exp": 1_790_000_060,
        "channel": "e-commerce á",
        "seller": "04109169000135",
        "carrier": "SEDEX",
    }


def test_two_tokens_of_one_moment_differ() -> None:
    assert issue_token(CALLER, KEY, now=NOW, ttl_s=60) != issue_token(CALLER, KEY, now=NOW, ttl_s=60)


@pytest.mark.parametrize(("seconds", "is_good"), [(0, True), (3599.999999, True), (3600, False), (1e9, False)])
def test_a_token_expires_on_its_second(seconds: float, is_good: bool) -> None:
    token = issue_token(CALLER, KEY, now=NOW, ttl_s=3600)
    if is_good:
        assert read_token(token, KEY, now=later(seconds))[0] == CALLER
    else:
        with pytest.raises(Unauthenticated) as refused:
            read_token(token, KEY, now=later(seconds))
        assert refused.value.code == "token_expired"


def encoded(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def signed(claims: dict[str, Any], key: bytes = KEY, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm=algorithm)


GOOD = signed(CLAIMS)
HEADER, PAYLOAD, SIGNATURE = GOOD.split(".")


def test_the_example_is_good() -> None:
    assert read_token(GOOD, KEY, now=NOW)[0].role is Role.ERP


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "garbage",
        "á.é.í",
        "\0",
        "a" * 5000,
        GOOD + "a" * 5000,
        f"{HEADER}.{PAYLOAD}.",
        f"{HEADER}.{PAYLOAD}",
        f"{HEADER}.{encoded(CLAIMS | {'role': 'admin'})}.{SIGNATURE}",
        f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{PAYLOAD}.",
        f"{encoded({'alg': 'None', 'typ': 'JWT'})}.{PAYLOAD}.{SIGNATURE}",
        f"{encoded({'alg': 'HS512', 'typ': 'JWT'})}.{PAYLOAD}.{SIGNATURE}",
        f"{encoded(['HS256'])}.{PAYLOAD}.{SIGNATURE}",
        f"{encoded('HS256')}.{PAYLOAD}.{SIGNATURE}",
        f"{base64.urlsafe_b64encode(b'[' * 2000).rstrip(b'=').decode()}.{PAYLOAD}.{SIGNATURE}",
        signed(CLAIMS, b"x" * 32),
        signed(CLAIMS, KEY * 2),
        signed(CLAIMS, KEY * 2, "HS512"),
        signed(CLAIMS | {"iss": "another"}),
        signed({name: value for name, value in CLAIMS.items() if name != "iss"}),
        signed({name: value for name, value in CLAIMS.items() if name != "sub"}),
        signed({name: value for name, value in CLAIMS.items() if name != "exp"}),
        signed({name: value for name, value in CLAIMS.items() if name != "role"}),
        signed(CLAIMS | {"role": "emperor"}),
        signed(CLAIMS | {"scope": "read everything"}),
        signed(CLAIMS | {"scope": 1}),
        signed(CLAIMS | {"scope": ""}),
        signed(CLAIMS | {"tenant": None}),
        signed(CLAIMS | {"exp": "soon"}),
        signed(CLAIMS | {"exp": 1e400}),
    ],
)
def test_what_we_did_not_sign_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        read_token(token, KEY, now=NOW)
    assert refused.value.code == "token_invalid"


def test_verified_tokens_are_remembered_until_they_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(token: str, key: bytes, *, now: Micros) -> tuple[Caller, Micros]:
        asked.append(token)
        return read_token(token, key, now=now)

    monkeypatch.setattr(tokens, "read_token", counted)
    house = Tokens(KEY, 3600)
    token = house.issue(CALLER, NOW)
    assert [house.read(token, later(s)) for s in (0, 1, 3599)] == [CALLER] * 3
    assert asked == [token]
    with pytest.raises(Unauthenticated):
        house.read(token, later(3600))
    assert asked == [token, token]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "CACHED_MAX", 3)
    house = Tokens(KEY, 3600)
    issued = [house.issue(CALLER, NOW) for _ in range(5)]
    assert [house.read(token, NOW) for token in issued] == [CALLER] * 5
    assert list(house._verified) == issued[2:]


def test_a_refused_token_is_not_remembered() -> None:
    house = Tokens(KEY, 3600)
    with pytest.raises(Unauthenticated):
        house.read("garbage", NOW)
    assert house._verified == {}
