"""What a shop's orders come to over a stretch of time. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from balcao.base.values import Micros, SellerId
from balcao.orders.rules.picking import RejectReason
from balcao.orders.rules.status import CANCELLED, Status

ORDERS_MAX: Final = 300_000
"""The newest orders of the stretch that are added up, a quarter of a year of a shop with a million a year: what a page
can read in about half a second.
"""
FOLLOWED_MAX: Final = 5_000
"""The newest of those whose every step is looked at."""
TOP: Final = 12
_CANCEL_NOTE: Final = re.compile(r"\w+ \((\d+)\)(?:: (.*))?", re.DOTALL)
_REJECT_NOTE: Final = re.compile(r"(\d{1,9}) × .*: (\w+), on hand -\d+, held \+\d+", re.DOTALL)
"""As `rules.picking.reject` notes it."""


class Window(NamedTuple):
    """A stretch of time in parts; offset_us: what has to be added for a part to begin where a local day does."""

    since_us: Micros
    until_us: Micros
    part_us: int
    offset_us: int


class Sum(NamedTuple):
    """So many orders, worth so much."""

    orders: int = 0
    amount: Decimal = Decimal(0)
    short: int = 0


class Totals(NamedTuple):
    """All of it, and by part of time, channel, store and status; oldest_us: of the oldest that was read.

    is_whole: nothing of the stretch was left out.
    """

    all: Sum
    by_part: Mapping[int, Sum]
    by_channel: Mapping[str, Sum]
    by_seller: Mapping[SellerId, Sum]
    by_status: Mapping[Status, Sum]
    oldest_us: Micros | None
    is_whole: bool


class Reached(NamedTuple):
    """How many orders came to a status, and in how many seconds since they came in: the median and nine of ten."""

    orders: int
    median_s: int
    most_s: int


class OutOfStock(NamedTuple):
    """A SKU that was ordered of late and that its store cannot sell any more."""

    sku_code: str
    seller_id: SellerId
    ordered: int
    available: int


class Course(NamedTuple):
    """How the newest orders went: the times, the steps from status to status, why they were cancelled, what ran out.

    rejections: units of items that could not be picked, by why not.
    """

    followed: int
    reached: Mapping[Status, Reached]
    moves: Sequence[tuple[Status, Status, int]]
    reasons: Sequence[tuple[str, int]]
    rejections: Sequence[tuple[RejectReason, int]]
    out_of_stock: Sequence[OutOfStock]


def reasons_of(notes: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The reasons in the log lines of cancellations, the most frequent first; "" where none was given."""
    counted: Counter[str] = Counter()
    for note, times in notes:
        found = _CANCEL_NOTE.fullmatch(note)
        if found and int(found[1]) in CANCELLED:
            counted[(found[2] or "").strip()] += times
    return counted.most_common(TOP)


def rejections_of(notes: Iterable[tuple[str, int]]) -> list[tuple[RejectReason, int]]:
    """The units in the log lines of rejected items, by reason, the most frequent first."""
    counted: Counter[RejectReason] = Counter()
    for note, times in notes:
        found = _REJECT_NOTE.fullmatch(note)
        if found and found[2] in tuple(RejectReason):
            counted[RejectReason(found[2])] += int(found[1]) * times
    return counted.most_common()


def parts_of(window: Window) -> list[int]:
    """The numbers of the window's parts, the empty ones too."""
    first = (window.since_us + window.offset_us) // window.part_us
    last = (window.until_us - 1 + window.offset_us) // window.part_us
    return list(range(first, last + 1))
