"""The change feeds, in a small catalogue and in a large one: a page has to cost the same at any depth."""

import itertools
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import asyncpg

from balcao.base.now import now_us
from balcao.bench.ask import ask
from balcao.bench.bench import Bench
from balcao.bench.figures import Figure, Limit
from balcao.bench.load.plan import Requests
from balcao.bench.orders import request_head
from balcao.bench.shop import Shop, open_shop
from balcao.bench.store.catalogue import fill_catalogue
from balcao.bench.store.sample import tidy

CATALOG: Final = "/cp/management/catalog"
FEEDS: Final = {"updated products": ("products/updated", "products"), "stocks": ("stocks", "items")}
"""By name: the path, and the array in its answer."""
FILTERS: Final = ("hasStock=true", "hasStock=false", "isAvailable=true", "isAvailable=false")
SMALL: Final = 10_000
SKUS: Final = 20
PER_PAGE: Final = 20
AT_ONCE: Final = 50_000
FIRST: Final = "2000-01-01T00:00:00Z"
"""Before everything: where a first load begins."""


async def bench_feeds(bench: Bench) -> list[Figure]:
    """Pages of each feed by one caller: at ten thousand rows, and at as many as the options say, with the ratio."""
    sizes = (SMALL, bench.options.feed_rows)
    shops = {size: await _open(bench, size) for size in dict.fromkeys(sizes)}
    small, large = (_paths(bench, shops[size], size) for size in sizes)
    figures = {name: (_figure(name, SMALL), _figure(name, sizes[1])) for name in small}
    for _, (name, pair) in itertools.product(range(bench.options.runs), figures.items()):
        for figure, size, path in zip(pair, sizes, (small[name], large[name]), strict=True):
            head = request_head("GET", path, shops[size], bench.house.port)
            requests = Requests(before=head, keys=[b""], endless=True)
            figure.runs.append(await bench.measure(requests, connections=1, expect=200))
            bench.screen.run(figure)
        pair[1].limits[0].rates.append(pair[0].runs[-1].rate)
    return [figure for pair in figures.values() for figure in pair]


def _figure(name: str, rows: int) -> Figure:
    limits = [] if rows == SMALL else [Limit(name=f"the same at {SMALL:,} rows", rates=[])]
    return Figure(suite="feeds", name=f"{name}, {rows:,} rows", unit="pages", connections=1, runs=[], limits=limits)


async def _open(bench: Bench, rows: int) -> Shop:
    """A shop of its own with so many products and as many levels of stock."""
    shop = await open_shop(bench.stage, skus=SKUS)
    connection = await asyncpg.connect(bench.stage.url)
    try:
        with bench.screen.progress(f"{rows:,} products", rows) as advance:
            for start in range(SKUS, rows, AT_ONCE):
                some = min(AT_ONCE, rows - start)
                await fill_catalogue(connection, shop.tenant, shop.seller_id, first=start, count=some, now=now_us())
                advance(some)
        await tidy(connection)
    finally:
        await connection.close()
    return shop


def _paths(bench: Bench, shop: Shop, rows: int) -> Mapping[str, str]:
    """What to ask, by what it is. The middle by cursor also below a `lastUpdate`, as a first load asks."""
    found: dict[str, str] = {}
    for name, (path, array) in FEEDS.items():
        whole = f"{CATALOG}/{path}?perPage={PER_PAGE}"
        middle = ask(shop, bench.house, f"{whole}&page={rows // (2 * PER_PAGE)}")
        since = quote(middle[array][-1]["lastUpdate"])
        found[f"{name}, first page"] = whole
        found[f"{name}, in the middle by cursor"] = f"{whole}&cursor={quote(middle['next'])}"
        found[f"{name}, changed since the middle"] = f"{whole}&lastUpdate={since}"
        deep = ask(shop, bench.house, f"{whole}&lastUpdate={quote(FIRST)}&page={rows // (2 * PER_PAGE)}")
        found[f"{name}, deep by cursor below a lastUpdate"] = (
            f"{whole}&lastUpdate={quote(FIRST)}&cursor={quote(deep['next'])}"
        )
    for wanted in FILTERS:
        whole = f"{CATALOG}/products?perPage={PER_PAGE}&sortField=lastUpdate&{wanted}"
        deep = ask(shop, bench.house, f"{whole}&page={rows // (20 * PER_PAGE)}")
        found[f"products, {wanted}, first page"] = whole
        found[f"products, {wanted}, deep by cursor"] = f"{whole}&cursor={quote(deep['next'])}"
    return found
