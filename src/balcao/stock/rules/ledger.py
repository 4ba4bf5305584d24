"""What a line of the ledger says: who changed a level, by how much, and why."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Final
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


def order_line(move: StockMove, *, at_us: Micros, order_id: UUID, actor: str) -> LedgerLine | None:
    """The line for what an order did to a level later than its placing; None for a reservation."""
    if move.reserved > 0 or not (move.on_hand or move.reserved):
        return None
    return LedgerLine(
        sku_id=move.sku_id,
        seller_id=move.seller_id,
        at_us=at_us,
        cause=Cause.CONSUMED if move.on_hand < 0 else Cause.RELEASED,
        subject_id=order_id,
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
