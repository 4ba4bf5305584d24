"""Access tokens: signed with one key of ours, read without asking the database. Pure."""

from typing import Any, Final

import jwt
import msgspec

from balcao.base.errors import Unauthenticated
from balcao.base.values import Micros, Tenant, new_id
from balcao.tenants.rules import Caller, Role, Scope

ISSUER: Final = "balcao"
ALGORITHM: Final = "HS256"
TOKEN_LENGTH_MAX: Final = 4096
CACHED_MAX: Final = 20_000
"""Tokens remembered by one process: about 1 kB each, and far more than there are live credentials."""


class Claims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a token says, under the names of RFC 7519 where it has them; instants in seconds."""

    iss: str
    sub: str
    tenant: str
    role: Role
    scope: str
    iat: int
    exp: int
    jti: str
    channel: str | None = None
    seller: str | None = None
    carrier: str | None = None

    @property
    def scopes(self) -> frozenset[Scope]:
        """The scopes of the text that RFC 8693 makes of them; ValueError for one that is none of ours."""
        return frozenset(Scope(name) for name in self.scope.split())


def issue_token(caller: Caller, key: bytes, *, now: Micros, ttl_s: int) -> str:
    """A token that says who the caller is until `ttl_s` seconds from now."""
    issued_s = now // 1_000_000
    claims = Claims(
        iss=ISSUER,
        sub=caller.client_id,
        tenant=caller.tenant,
        role=caller.role,
        scope=" ".join(sorted(caller.scopes)),
        iat=issued_s,
        exp=issued_s + ttl_s,
        jti=new_id().hex,
        channel=caller.channel,
        seller=caller.seller_cnpj,
        carrier=caller.carrier,
    )
    return jwt.encode(msgspec.to_builtins(claims), key, algorithm=ALGORITHM)


def read_token(token: str, key: bytes, *, now: Micros) -> tuple[Caller, Micros]:
    """Who the token's bearer is, and until when; raises Unauthenticated for whatever we did not sign or has expired.

    Only HS256 with our key counts: `none` and every other algorithm are refused whatever the token's header asks for.
    """
    claims = _claims(token, key)
    expires = Micros(claims.exp * 1_000_000)
    if expires <= now:
        raise Unauthenticated("The access token has expired; ask for a new one.", code="token_expired")
    caller = Caller(
        tenant=Tenant(claims.tenant),
        client_id=claims.sub,
        role=claims.role,
        channel=claims.channel,
        seller_cnpj=claims.seller,
        carrier=claims.carrier,
        scopes=claims.scopes,
    )
    return caller, expires


class Tokens:
    """Issues and reads tokens with one key, and remembers the verified ones until they expire.

    Verifying costs about 30 microseconds, remembering less than one: a client sends the same token for an hour.
    """

    def __init__(self, key: bytes, ttl_s: int) -> None:
        self._key = key
        self._verified: dict[str, tuple[Caller, Micros]] = {}
        self.ttl_s = ttl_s

    def issue(self, caller: Caller, now: Micros) -> str:
        """A fresh token for the caller."""
        return issue_token(caller, self._key, now=now, ttl_s=self.ttl_s)

    def read(self, token: str, now: Micros) -> Caller:
        """Who bears the token; raises Unauthenticated."""
        known = self._verified.get(token)
        if known is not None and known[1] > now:
            return known[0]
        self._verified.pop(token, None)
        verified = read_token(token, self._key, now=now)
        while len(self._verified) >= CACHED_MAX:
            del self._verified[next(iter(self._verified))]  # the one remembered longest
        self._verified[token] = verified
        return verified[0]


def _claims(token: str, key: bytes) -> Claims:
    if len(token) > TOKEN_LENGTH_MAX:
        raise _not_ours()
    try:
        # Expiry is checked by the caller against the time it was given; PyJWT would ask the machine's clock.
        said: dict[str, Any] = jwt.decode(
            token, key, algorithms=[ALGORITHM], issuer=ISSUER, options={"verify_exp": False, "verify_iat": False}
        )
        claims = msgspec.convert(said, Claims)
        scopes = claims.scopes
    except (jwt.PyJWTError, ValueError, RecursionError) as error:  # msgspec's ValidationError is a ValueError
        raise _not_ours() from error
    if not scopes:
        raise _not_ours()
    return claims


def _not_ours() -> Unauthenticated:
    return Unauthenticated("The access token is not valid; ask for a new one.", code="token_invalid")
