"""What an event is."""

from typing import Any
from uuid import UUID

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened.

    type: noun and past participle, `order.created`; subject: the id of what it happened to; actor: the credential's
    client id, or the process's name; data: JSON-able facts, no personal data beyond what the consumer needs;
    row: which of the transaction's changed rows (from 0) it tells of.
    """

    type: str
    subject: str
    actor: str
    data: dict[str, Any]
    channel: str | None = None
    seller_id: UUID | None = None
    row: int = 0
