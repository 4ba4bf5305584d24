"""OmniChat's orders API: the calls that there are, how one is addressed and signed (contract, section 3)."""

from enum import StrEnum
from typing import Final
from urllib.parse import quote

BASE_URL: Final = "https://orders-api.omni.chat/v2"
AGENT: Final = "Balcao-OmniChat/1"


class Call(StrEnum):
    """What can be told, by the last part of its address."""

    STATUS_CHANGE = "statusChange"
    PROVISIONS = "provisions"
    UPDATE_CHECKOUT_DATA = "updateCheckoutData"


def call_url(base: str, object_id: str, call: str) -> str:
    """The address of a call about OmniChat's order; its id may hold anything."""
    return f"{base.rstrip('/')}/orders/{quote(object_id, safe='')}/{call}"


def call_headers(secret: str) -> dict[str, str]:
    """The headers of a call, signed with the API secret."""
    return {"content-type": "application/json", "user-agent": AGENT, "authorization": f"Bearer {secret}"}
