"""Sign a message by the Standard Webhooks specification, and make the secrets for it."""

import secrets
from base64 import b64encode
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from standardwebhooks import Webhook as Signer

from balcao.base.values import Micros, Tenant

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
CONTENT_TYPE: Final = "application/json"
AGENT: Final = "Balcao-Webhooks/1"


def new_secret() -> str:
    """A new secret: `whsec_` and 32 random bytes in Base64."""
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def message_id(tenant: Tenant, seq: int) -> str:
    """A message's id, the same at every attempt and replay; receivers know by it what they have had."""
    return f"{tenant}-{seq}"


def signed_headers(message: str, body: str, secret_texts: tuple[str, ...], now: Micros) -> dict[str, str]:
    """The headers of one attempt: id, timestamp of the attempt, and a signature by each secret that is valid."""
    at = datetime.fromtimestamp(now // 1_000_000, UTC)
    signatures = (_signer(text).sign(msg_id=message, timestamp=at, data=body) for text in secret_texts)
    return {
        "content-type": CONTENT_TYPE,
        "user-agent": AGENT,
        "webhook-id": message,
        "webhook-timestamp": str(now // 1_000_000),
        "webhook-signature": " ".join(signatures),
    }


@lru_cache(maxsize=4096)
def _signer(secret: str) -> Signer:
    return Signer(secret)
