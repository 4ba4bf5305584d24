"""The client-credentials request of RFC 6749: how its parts are written, and how it is refused."""

import base64
import binascii
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus

from balcao.doors.wire import WireResponse
from balcao.tenants.rules import Scope, read_scopes

FIELDS_MAX = 20


class RefusedGrant(Exception):
    """A refusal in the RFC's words (section 5.2): `invalid_request`, `invalid_client`, `invalid_scope` and so on."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


class Grant(NamedTuple):
    """What is asked: the credential's pair, and the scopes that the token shall have."""

    client_id: str
    client_secret: str
    scopes: frozenset[Scope]


def read_grant(body: bytes, authorization: list[str]) -> Grant:
    """The request of a form body and its `Authorization` headers; raises RefusedGrant."""
    form = _form(body)
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise RefusedGrant("invalid_request", "grant_type is missing.")
    if grant_type != "client_credentials":
        raise RefusedGrant("unsupported_grant_type", "The one grant type is client_credentials.")
    client_id, secret = _pair(form, authorization)
    scopes = read_scopes(form.get("scope", ""))
    if scopes is None:
        raise RefusedGrant("invalid_scope", "The scopes are read, write and lori.")
    return Grant(client_id, secret, scopes)


def refusal(refused: RefusedGrant) -> WireResponse[dict[str, Any]]:
    """The answer that says so; a 401 names the scheme to authenticate with (section 5.2)."""
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    if refused.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="balcao", charset="UTF-8"'
    document = {"error": refused.error, "error_description": refused.description}
    return WireResponse(document, status_code=refused.status, headers=headers)


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=bool(body.strip()),
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError as error:
        raise RefusedGrant("invalid_request", "The body must be application/x-www-form-urlencoded.") from error
    form = dict(pairs)
    if len(form) < len(pairs):
        raise RefusedGrant("invalid_request", "A parameter is given twice.")
    # A parameter without a value counts as left out (section 3.2).
    return {name: value for name, value in form.items() if value}


def _pair(form: dict[str, str], authorization: list[str]) -> tuple[str, str]:
    if not authorization:
        if "client_id" not in form or "client_secret" not in form:
            raise RefusedGrant("invalid_client", "The client id and secret are missing.", status=401)
        return form["client_id"], form["client_secret"]
    if "client_secret" in form or len(authorization) > 1:
        raise RefusedGrant("invalid_request", "Authenticate once: by HTTP Basic or in the body.")
    client_id, secret = _basic(authorization[0])
    if form.get("client_id", client_id) != client_id:
        raise RefusedGrant("invalid_request", "The body's client_id is not the one of HTTP Basic.")
    return client_id, secret


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        # Both parts are form-encoded inside the Base64 (section 2.3.1).
        client_id, secret = (unquote_plus(part, errors="strict") for part in pair.split(":", 1))
    except (ValueError, binascii.Error):
        scheme = ""
    if scheme.lower() != "basic":
        raise RefusedGrant("invalid_client", "The Authorization header is not HTTP Basic.", status=401)
    return client_id, secret
