"""The kinds of work that are measured, by name."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from balcao.bench.bench import Bench
from balcao.bench.catalog import bench_catalog
from balcao.bench.creating import bench_hot, bench_orders
from balcao.bench.events import bench_events
from balcao.bench.feeds import bench_feeds
from balcao.bench.figures import Figure
from balcao.bench.listing import bench_lists
from balcao.bench.overload import bench_overload
from balcao.bench.pages import bench_console
from balcao.bench.paying import bench_payments
from balcao.bench.quotes import bench_quotes
from balcao.bench.reading import bench_reads

Suite = Callable[[Bench], Awaitable[Sequence[Figure]]]

SUITES: Final[Mapping[str, Suite]] = {
    "orders": bench_orders,
    "hot": bench_hot,
    "payments": bench_payments,
    "quotes": bench_quotes,
    "reads": bench_reads,
    "lists": bench_lists,
    "console": bench_console,
    "events": bench_events,
    "overload": bench_overload,
    "feeds": bench_feeds,
    "catalog": bench_catalog,
}
