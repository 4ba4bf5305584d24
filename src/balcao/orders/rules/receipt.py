"""Whether an order is the same as one that is already there, and what its sender gets."""

import hashlib
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from balcao.base.errors import Conflict
from balcao.base.values import OrderId
from balcao.orders.rules.new_order import NewOrder
from balcao.orders.rules.status import Status

Name = tuple[str, str]
"""An external id and its channel: the sender's own name of an order."""


class OrderKey(NamedTuple):
    """A claim on an external id of a channel, for the order to be created."""

    external_id: str
    channel: str
    order_id: OrderId
    content_hash: bytes

    @property
    def name(self) -> Name:
        """What is claimed."""
        return self.external_id, self.channel


class Placed(NamedTuple):
    """An order that is already there under a key: its answer when it was created."""

    order_id: OrderId
    content_hash: bytes
    friendly_code: str
    status: Status


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender gets: the same again for the same order; replayed: it was there already, nothing was written."""

    order_id: OrderId
    external_id: str
    friendly_code: str
    status: Status
    replayed: bool


def content_hash(new: NewOrder) -> bytes:
    """What makes two requests the same order: everything but the sender's own time.

    19.9 and 19.90 are one amount, and an amount of nothing is the same as none said.
    """
    plain = msgspec.to_builtins(msgspec.structs.replace(new, created_at=None), builtin_types=(Decimal,))
    return hashlib.sha256(msgspec.json.encode(_canonical(plain), order="deterministic")).digest()


def replay_or_conflict(key: OrderKey, placed: Placed) -> Receipt | Conflict:
    """The first answer again for the same content, a refusal that names the existing order for another."""
    if placed.content_hash == key.content_hash:
        return Receipt(
            order_id=placed.order_id,
            external_id=key.external_id,
            friendly_code=placed.friendly_code,
            status=placed.status,
            replayed=True,
        )
    return Conflict(
        f"The external id {key.external_id!r} already stands for order {placed.order_id} with other content.",
        code="external_id_taken",
        id=str(placed.order_id),
    )


def _canonical(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dict):
        return {key: _canonical(part) for key, part in value.items() if not _is_nothing(part)}
    if isinstance(value, list | tuple):
        return [_canonical(part) for part in value]
    return value


def _is_nothing(value: Any) -> bool:
    return isinstance(value, Decimal) and value == 0
