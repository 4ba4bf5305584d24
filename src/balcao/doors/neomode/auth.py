"""Tokens: the documented anonymous form, and the standard OAuth 2.0 client-credentials grant beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.params import JSONBody

from balcao.base.errors import Invalid, Unauthenticated
from balcao.doors.door import Door
from balcao.doors.guard import PUBLIC
from balcao.doors.neomode.oauth import RefusedGrant, read_grant, refusal
from balcao.doors.problems import problem_responses
from balcao.doors.schema import DocumentedOperation
from balcao.doors.wire import Wire, WireResponse
from balcao.tenants.credentials import authenticate
from balcao.tenants.rules import LORI, Caller

BEARER = "Bearer"
BODY_LIMIT_BYTES = 16 * 1024
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class OAuthRefusal(Wire, kw_only=True, rename=None):
    """A refusal of RFC 6749, section 5.2."""

    error: str
    error_description: str


REFUSALS = {
    status: ResponseSpec(OAuthRefusal, generate_examples=False, description=description)
    for status, description in ((400, "The request is not as it should be."), (401, "Wrong client id or secret."))
}


class AnonymousToken(Wire, kw_only=True):
    """A credential's pair; `username` and `password`, which some clients send, are ignored."""

    client_id: str
    client_secret: str
    scope: str | None = None

    __example__: ClassVar[Any] = {"clientId": "qaapp.abcdefghij", "clientSecret": "…", "scope": "lori"}


class AccessToken(Wire, kw_only=True, rename=None, omit_defaults=True):
    """A bearer token; `expires_in` is in seconds. There is no refresh token: ask again."""

    access_token: str
    expires_in: int
    token_type: str
    scope: str | None = None


@dataclass
class GrantOperation(DocumentedOperation):
    """Documents the form, which is read from the body's bytes."""

    def __post_init__(self) -> None:
        """After Litestar filled it."""
        super().__post_init__()
        text = Schema(type=OpenAPIType.STRING)
        grant_type = Schema(type=OpenAPIType.STRING, enum=["client_credentials"])
        form = Schema(
            type=OpenAPIType.OBJECT,
            properties={"grant_type": grant_type, "client_id": text, "client_secret": text, "scope": text},
            required=["grant_type"],
        )
        media = OpenAPIMediaType(schema=form)
        self.request_body = RequestBody(content={"application/x-www-form-urlencoded": media}, required=True)


@post(
    "/auth/token/anonymous",
    opt=PUBLIC,
    status_code=200,
    tags=["auth"],
    operation_id="anonymousToken",
    responses=problem_responses(401, 429, 503),
    request_max_body_size=BODY_LIMIT_BYTES,
)
async def anonymous_token(
    door: Door, request: Request[Any, Any, Any], data: JSONBody[AnonymousToken]
) -> WireResponse[AccessToken]:
    """Change a client id and secret for an access token with the scope `lori`."""
    if data.scope is not None and data.scope.strip().lower() != LORI:
        raise Invalid(errors={"scope": [f"must be `{LORI}`"]})
    caller = await _authenticated(door, request, data.client_id, data.client_secret)
    return _token(door, caller)


@post(
    "/oauth/token",
    opt=PUBLIC,
    status_code=200,
    tags=["auth"],
    operation_id="oauthToken",
    operation_class=GrantOperation,
    responses=REFUSALS | problem_responses(413, 429, 503),
    request_max_body_size=BODY_LIMIT_BYTES,
)
async def oauth_token(door: Door, request: Request[Any, Any, Any]) -> WireResponse[Any]:
    """The client-credentials grant of RFC 6749, section 4.4: a form, the pair in it or by HTTP Basic.

    `scope` narrows: `read` may only GET, `write` may do everything else, `lori` (or no scope) is both.
    """
    try:
        grant = read_grant(await request.body(), request.headers.getall("authorization", []))
        caller = await _authenticated(door, request, grant.client_id, grant.client_secret)
    except RefusedGrant as refused:
        return refusal(refused)
    except Unauthenticated as error:
        return refusal(RefusedGrant("invalid_client", error.detail, status=401))
    narrowed = msgspec.structs.replace(caller, scopes=grant.scopes)
    return _token(door, narrowed, scope=" ".join(sorted(grant.scopes)))


async def _authenticated(door: Door, request: Request[Any, Any, Any], client_id: str, secret: str) -> Caller:
    address = request.client.host if request.client else ""
    failures = door.house.failures
    failures.check(client_id, address, door.now)
    try:
        async with door.db.read() as tx:
            return await authenticate(tx, client_id, secret)
    except Unauthenticated:
        failures.note(client_id, address, door.now)
        raise


def _token(door: Door, caller: Caller, scope: str | None = None) -> WireResponse[AccessToken]:
    tokens = door.house.gate.tokens
    document = AccessToken(
        access_token=tokens.issue(caller, door.now), expires_in=tokens.ttl_s, token_type=BEARER, scope=scope
    )
    return WireResponse(document, headers=NO_STORE)


routes: Sequence[HTTPRouteHandler] = (anonymous_token, oauth_token)
