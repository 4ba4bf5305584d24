"""The board: orders under way by canonical status, late ones first, as it is now."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from balcao.base.paging import Count
from balcao.doors.console.headers import STAFF
from balcao.doors.console.orders.filters import GROUPS, Filters, narrow
from balcao.doors.console.orders.listing import stores_of
from balcao.doors.console.orders.looks import left_s, urgency
from balcao.doors.console.visit import View
from balcao.doors.console.words import Words
from balcao.orders.count import count_open_orders
from balcao.orders.find import list_ends
from balcao.orders.rules.listing import OrderFilter, OrderLine
from balcao.orders.rules.status import SUMMARY_NAMES, TERMINAL, Status, Summary, summary_of
from balcao.tenants.channels import list_channels

HERE: Final = "/console"
COLUMNS: Final = tuple(
    group
    for group in GROUPS
    if group not in (Summary.SHIPPING, Summary.FINALIZED, Summary.CANCELED, Summary.ERROR, Summary.IN_PROGRESS)
)
ALWAYS: Final = frozenset({Summary.AWAITING_CREATION, Summary.CREATED_EXTERNAL, Summary.INVOICE_CREATED})
"""Lanes that are shown without orders, too."""
OPEN: Final = frozenset(Status) - TERMINAL - {Status.IN_DELIVERY}
"""What somebody in a store has to do with: all but what has ended or is with the carrier."""
OLDEST_MAX: Final = 25
NEWEST_MAX: Final = 5
"""Of each status: so that what is late and what has just come in are both there, however many lie between."""


class Card(NamedTuple):
    """An order on the board, and its clock."""

    line: OrderLine
    left: int | None
    urgency: str


class Column(NamedTuple):
    """A canonical status with its orders, the late ones first, and how many there are, to a thousand or so.

    Where these are too many to be shown, the newest come after those that are left out.
    """

    name: str
    title: str
    cards: list[Card]
    newest: list[Card]
    late: str
    total: str


@get("/", opt=STAFF)
async def show_board(visit: View) -> Response[bytes]:
    """What there is to do, late orders first, live."""
    filters = Filters.of(visit.request.query_params.multi_items())
    caller = narrow(visit.caller, filters.seller)
    if filters.channel:
        caller = msgspec.structs.replace(caller, channel=filters.channel)
    async with visit.db.read() as tx:
        lines = await list_ends(tx, caller, OrderFilter(statuses=OPEN), oldest=OLDEST_MAX, newest=NEWEST_MAX)
        counts = await count_open_orders(tx, caller)
        channels = [channel.name for channel in await list_channels(tx, visit.tenant)]
        sellers = await stores_of(tx, visit)
    return visit.page(
        "board.html",
        here=HERE,
        filters=filters,
        columns=columns_of(lines, counts, visit.words, visit.now),
        channels=channels,
        sellers=sellers,
    )


def columns_of(lines: Sequence[OrderLine], counts: Mapping[Status, Count], words: Words, now: int) -> list[Column]:
    """The orders by canonical status, each column's most urgent first."""
    totals: dict[Summary, Count] = {}
    for status, count in counts.items():
        known = totals.get(summary_of(status), Count(0, False))
        totals[summary_of(status)] = Count(known.rows + count.rows, known.capped or count.capped)
    cards: dict[Summary, list[Card]] = {group: [] for group in COLUMNS}
    for line in lines:
        left = left_s(line.status, line.create_us, now)
        cards.setdefault(summary_of(line.status), []).append(Card(line, left, urgency(left)))
    return [
        _column(group, some, totals.get(group, Count(0, False)), words)
        for group, some in cards.items()
        if group in GROUPS and (some or group in totals or group in ALWAYS)
    ]


def _column(group: Summary, cards: Sequence[Card], total: Count, words: Words) -> Column:
    by_age = sorted(cards, key=lambda card: card.line.create_us)
    is_whole = not total.capped and total.rows <= min(len(cards), OLDEST_MAX + NEWEST_MAX)
    newest = [] if is_whole else by_age[-NEWEST_MAX:]
    rest = sorted(by_age[: len(by_age) - len(newest)], key=lambda card: (card.left is None, card.left or 0))
    shown = rest if is_whole else rest[:OLDEST_MAX]
    late = sum(card.urgency == "late" for card in shown)
    more = "" if is_whole or not late or late < len(shown) else "+"
    title = words.t(*GROUPS[group])
    return Column(SUMMARY_NAMES[group], title, shown, newest, f"{late}{more}" if late else "", _said(total, words))


def _said(count: Count, words: Words) -> str:
    return f"{words.number(count.rows)}{'+' if count.capped else ''}"


routes: Sequence[HTTPRouteHandler] = (show_board,)
