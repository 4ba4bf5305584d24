"""Whether an order is the same as one that is already there, and what its sender gets."""

import hashlib
from decimal import Decimal
from typing import NamedTuple

import msgspec

from balcao.base.address import Address
from balcao.base.errors import Conflict
from balcao.base.values import OrderId
from balcao.orders.rules.new_order import NewOrder
from balcao.orders.rules.status import Status

Name = tuple[str, str]
"""An external id and its channel: the sender's own name of an order."""


_NONE = Decimal(0)
_encode = msgspec.json.Encoder().encode


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
    numbers = [new.freight.amount, new.fee_amount, new.bonus_amount]
    for item in new.items:
        numbers += (item.unit_price, item.discount_price)
        if item.discount_amount is not None:
            numbers.append(item.discount_amount)
    numbers += [payment.amount for payment in new.payments]
    for address in (new.buyer.address, new.delivery_address):
        if address is not None and address.latitude is not None:
            numbers += (address.latitude, address.longitude or _NONE)
    plain = ",".join([format(number.normalize(), "f") for number in numbers])
    return hashlib.sha256(_encode((plain, _without_numbers(new)))).digest()


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


def _without_numbers(new: NewOrder) -> NewOrder:
    replace = msgspec.structs.replace
    return replace(
        new,
        created_at=None,
        fee_amount=_NONE,
        bonus_amount=_NONE,
        freight=replace(new.freight, amount=_NONE),
        items=tuple(
            [replace(item, unit_price=_NONE, discount_price=_NONE, discount_amount=None) for item in new.items]
        ),
        payments=tuple([replace(payment, amount=_NONE) for payment in new.payments]),
        buyer=replace(new.buyer, address=_nowhere(new.buyer.address)),
        delivery_address=_nowhere(new.delivery_address),
    )


def _nowhere(address: Address | None) -> Address | None:
    if address is None or address.latitude is None:
        return address
    return msgspec.structs.replace(address, latitude=None, longitude=None)
