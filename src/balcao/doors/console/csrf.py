"""Forged requests are refused: a form must carry a token that only a page of ours could read.

The token is made of the visitor's cookie with a key of ours, and differs each time it is shown, so that the size of a
compressed page tells nothing about it (BREACH).
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from balcao.base.errors import Forbidden
from balcao.base.secret_key import secret_key
from balcao.base.settings import Settings

FIELD: Final = "csrf"
HEADER: Final = "x-csrf-token"
_LENGTH: Final = 32


def make_token(settings: Settings, cookie: str) -> str:
    """A token for the pages of whoever holds this cookie."""
    mask = secrets.token_bytes(_LENGTH)
    return urlsafe_b64encode(mask + _xor(mask, _secret(settings, cookie))).decode()


def check_token(settings: Settings, cookie: str, token: str) -> None:
    """Raise Forbidden unless the token is one that was shown to the holder of this cookie."""
    try:
        raw = urlsafe_b64decode(token.encode())
    except ValueError:
        raw = b""
    given = _xor(raw[:_LENGTH], raw[_LENGTH:])
    if not cookie or len(raw) != 2 * _LENGTH or not hmac.compare_digest(given, _secret(settings, cookie)):
        raise Forbidden("The page is too old, or the request did not come from it; open it again.", code="bad_csrf")


def _secret(settings: Settings, cookie: str) -> bytes:
    return hmac.digest(secret_key(settings, "console-csrf"), cookie.encode("utf-8", "surrogatepass"), "sha256")


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))
