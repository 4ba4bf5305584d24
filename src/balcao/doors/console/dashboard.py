"""The dashboard: what the shop sold, how its orders go, what stops them, how fast the API answers."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from balcao.base.values import Micros
from balcao.doors.console.headers import ADMINS
from balcao.doors.console.latency import read_speeds
from balcao.doors.console.visit import View, Visit
from balcao.orders.measure import follow_orders, measure_orders
from balcao.orders.rules.measures import Sum, Window, parts_of
from balcao.orders.rules.picking import WORDS as REJECTIONS
from balcao.orders.rules.status import Status
from balcao.sellers.find import list_all_sellers

HERE: Final = "/console/dashboard"
HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
OFFSET_US: Final = -3 * HOUR_US
"""Brasília's, which has no summer time: parts of days begin as they do there."""
RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "24h": (24 * HOUR_US, HOUR_US),
    "7d": (7 * DAY_US, 6 * HOUR_US),
    "30d": (30 * DAY_US, DAY_US),
    "90d": (90 * DAY_US, 3 * DAY_US),
}
"""By its name in the address: how far back, and how long a column is."""
BARS_MAX: Final = 10
ROUTES_MAX: Final = 12
STAGES: Final = (
    (Status.SEPARATE, "Separar", "Pick"),
    (Status.INVOICE_CREATED, "Faturar", "Invoice"),
    (Status.IN_DELIVERY, "Despachar", "Ship"),
    (Status.READY_FOR_PICKUP, "Pronto para retirada", "Ready to collect"),
    (Status.FINALIZED, "Entregar", "Deliver"),
)


class Bar(NamedTuple):
    """A column of a chart: where it stands, how high (in thousandths of the highest), and what it says."""

    label: str
    value: Decimal | int
    height: int


@get("/dashboard", opt=ADMINS)
async def show_dashboard(visit: View) -> Response[bytes]:
    """Orders and revenue over time, by channel and store; times, reasons, stock-outs; the API's latency."""
    name = visit.query.get("range", "")
    name = name if name in RANGES else "7d"
    span_us, part_us = RANGES[name]
    window = Window(Micros(visit.now - span_us), visit.now, part_us, OFFSET_US)
    async with visit.db.read() as tx:
        totals = await measure_orders(tx, visit.tenant, window)
        course = await follow_orders(tx, visit.tenant, window)
        stores = {seller.seller_id: seller.name for seller in await list_all_sellers(tx, visit.tenant)}
    sums = [totals.by_part.get(part, Sum()) for part in parts_of(window)]
    labels = [_label(visit, part, part_us) for part in parts_of(window)]
    return visit.page(
        "dashboard.html",
        here=HERE,
        name=name,
        ranges=tuple(RANGES),
        totals=totals,
        course=course,
        orders=bars(labels, [each.orders for each in sums]),
        revenue=bars(labels, [each.amount for each in sums]),
        channels=_largest(totals.by_channel.items()),
        sellers=_largest((stores.get(seller, str(seller)), each) for seller, each in totals.by_seller.items()),
        statuses=_largest((visit.words.status(status), each) for status, each in totals.by_status.items()),
        rejections=[(visit.words.both(REJECTIONS[reason]).capitalize(), units) for reason, units in course.rejections],
        stages=[(visit.t(pt, en), course.reached.get(status)) for status, pt, en in STAGES],
        stores=stores,
        speeds=await asyncio.to_thread(read_speeds, ROUTES_MAX),
    )


def bars(labels: Sequence[str], values: Sequence[Decimal | int]) -> list[Bar]:
    """The columns of these values."""
    most = max(values, default=0) or 1
    return [Bar(label, value, int(value * 1000 / most)) for label, value in zip(labels, values, strict=True)]


def _largest(sums: Iterable[tuple[str, Sum]]) -> list[tuple[Bar, Sum]]:
    """The rows with the most orders, those first."""
    chosen = sorted(sums, key=lambda pair: (-pair[1].orders, pair[0]))[:BARS_MAX]
    found = bars([name for name, _ in chosen], [each.orders for _, each in chosen])
    return [(bar, each) for bar, (_, each) in zip(found, chosen, strict=True)]


def _label(visit: Visit, part: int, part_us: int) -> str:
    begins_us = part * part_us - OFFSET_US
    return visit.words.moment(begins_us) if part_us < DAY_US else visit.words.day(begins_us)


routes: Sequence[HTTPRouteHandler] = (show_dashboard,)
