"""Lists at the number of orders that the options ask for: pages, filters, a store's poll, look-ups by number."""

from collections.abc import Mapping
from urllib.parse import quote

from balcao.bench.ask import ask
from balcao.bench.bench import Bench
from balcao.bench.figures import Figure, Limit
from balcao.bench.load.plan import Requests
from balcao.bench.orders import request_head
from balcao.bench.shop import CNPJ

COMMERCE = "/cp/management/commerce"
PER_PAGE = 20
FAR_PAGE = 10_000
ENOUGH = 10_000


async def bench_lists(bench: Bench) -> list[Figure]:
    """Each list by one caller, whose median is what a person waits for, and by the first number of callers."""
    if bench.options.orders < ENOUGH:
        await bench.fill(ENOUGH - bench.options.orders)
    figures = [
        (path, Figure(suite="lists", name=name, unit="lists", connections=connections, runs=[], limits=[_limit()]))
        for name, path in _paths(bench).items()
        for connections in dict.fromkeys((1, bench.options.connections[0]))
    ]
    for _ in range(bench.options.runs):
        for path, figure in figures:
            head = request_head("GET", path, bench.shop, bench.house.port)
            requests = Requests(before=head, keys=[b""], endless=True)
            figure.runs.append(await bench.measure(requests, connections=figure.connections, expect=200))
            figure.limits[0].rates.append(await bench.bare_rate(requests, figure.connections, 200))
            bench.screen.run(figure)
    return [figure for _, figure in figures]


def _limit() -> Limit:
    return Limit(name="bare answer", rates=[])


def _paths(bench: Bench) -> Mapping[str, str]:
    orders = f"{COMMERCE}/orders"
    far = min(FAR_PAGE, max(bench.options.orders, ENOUGH) // (2 * PER_PAGE))
    asked = ask(bench.shop, bench.house, f"{orders}?perPage={PER_PAGE}&page={far - 1}")
    poll = f"{COMMERCE}/sellers/{CNPJ}/orders"
    middle = quote(asked["orders"][0]["lastUpdate"])
    number = asked["orders"][0]["friendlyCode"]
    return {
        "first page of 20": f"{orders}?perPage={PER_PAGE}",
        "filtered, 20": f"{orders}?perPage={PER_PAGE}&status=Pending&channel=ecommerce&freightReference=SEDEX",
        "filtered, none found": f"{orders}?perPage={PER_PAGE}&status=Finalized",
        f"page {far:,} by cursor": f"{orders}?perPage={PER_PAGE}&cursor={quote(asked['next'])}",
        "changed since, 20": f"{orders}?perPage={PER_PAGE}&lastUpdateSince={middle}",
        "seller's poll, nothing new": f"{poll}?lastUpdateSince={quote(_newest(bench))}",
        "seller's poll, 200 whole orders": f"{poll}?lastUpdateSince={middle}",
        "one order by friendly code": f"{orders}/orderNumber/{number}",
    }


def _newest(bench: Bench) -> str:
    page = ask(bench.shop, bench.house, f"{COMMERCE}/orders?perPage=1&sortField=lastUpdate&sortAscending=false")
    return str(page["orders"][0]["lastUpdate"])
