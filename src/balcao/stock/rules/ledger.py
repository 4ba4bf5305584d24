"""What a line of the ledger says: who changed a level, by how much, and why; and how lines of counts are packed."""

import struct
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from balcao.base.values import Micros, SellerId, SkuId
from balcao.stock.rules.model import Level, StockMove

KEPT_DAYS: Final = 90


class Cause(IntEnum):
    """Why a level changed. Reservations have no line of their own: they are read off the orders."""

    RESERVED = 0
    COUNTED = 1
    RELEASED = 2
    CONSUMED = 3
    CORRECTED = 4
    """Somebody who picked found fewer than were counted."""
    HELD = 5
    """Units are there and must not be promised: on display."""
    GIVEN_BACK = 6
    """Held units may be sold again."""


class LedgerLine(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one level. subject_id: the batch that counted, None for a count by itself, or the order.

    on_hand: the count afterwards, known for counts; the others are known from what came later (`with_levels`).
    """

    sku_id: SkuId
    seller_id: SellerId
    at_us: Micros
    cause: Cause
    subject_id: UUID | None
    actor: str
    on_hand: int | None = None
    on_hand_change: int = 0
    reserved_change: int = 0


class ShownLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line with the level before and after it."""

    line: LedgerLine
    before: Level
    after: Level


def order_line(
    move: StockMove, *, at_us: Micros, order_id: UUID, actor: str, cause: Cause | None = None
) -> LedgerLine | None:
    """The line for what an order did to a level later than its placing; None for a reservation.

    A line with a cause of its own names no order where it holds something: the order holds that no more than others.
    """
    if cause is None and (move.reserved > 0 or not (move.on_hand or move.reserved)):
        return None
    return LedgerLine(
        sku_id=move.sku_id,
        seller_id=move.seller_id,
        at_us=at_us,
        cause=cause or (Cause.CONSUMED if move.on_hand < 0 else Cause.RELEASED),
        subject_id=order_id if cause is not Cause.HELD else None,
        actor=actor,
        on_hand_change=move.on_hand,
        reserved_change=move.reserved,
    )


def with_levels(lines: Iterable[LedgerLine], now: Level) -> Iterator[ShownLine]:
    """The lines of one level, newest first, each with what the level was before and after; `now` is after the first."""
    after = now
    for line in lines:
        before = Level(after.on_hand - line.on_hand_change, after.reserved - line.reserved_change, now.safety_stock)
        yield ShownLine(line=line, before=before, after=after)
        after = before


_PACKED: Final = struct.Struct(">16s16sqqq")
PACKED_BYTES: Final = _PACKED.size


CountLine = tuple[SkuId, SellerId, int, int, Micros | None]
"""One of the counts that were set together: of what, the level before and after, and the instant of that level's count
before this, or None. A batch makes tens of thousands of them.
"""


def pack_lines(lines: Iterable[CountLine]) -> bytes:
    """The lines one after the other, each of `PACKED_BYTES`."""
    pack = _PACKED.pack
    return b"".join([pack(sku.bytes, seller.bytes, before, after, at or 0) for sku, seller, before, after, at in lines])


def unpack_lines(packed: bytes) -> Iterator[CountLine]:
    """What `pack_lines` packed."""
    for sku, seller, before, on_hand, before_us in _PACKED.iter_unpack(packed):
        yield SkuId(UUID(bytes=sku)), SellerId(UUID(bytes=seller)), before, on_hand, Micros(before_us) or None


class CountSet(NamedTuple):
    """Counts that were set together, or some of them that follow each other; at_us: of the first."""

    at_us: Micros
    batch_id: UUID | None
    actor: str
    packed: bytes

    def lines(self) -> Iterator[LedgerLine]:
        """As lines of the ledger, oldest first."""
        for n, (sku_id, seller_id, before, on_hand, _) in enumerate(unpack_lines(self.packed)):
            yield LedgerLine(
                sku_id=sku_id,
                seller_id=seller_id,
                at_us=Micros(self.at_us + n),
                cause=Cause.COUNTED,
                subject_id=self.batch_id,
                actor=self.actor,
                on_hand=on_hand,
                on_hand_change=on_hand - before,
            )
