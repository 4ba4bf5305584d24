"""The tables as a server process holds them, here in this one: how long they take to read, what of memory, and what a
quote costs from them, beside the same from a hundredth of their rows.
"""

import gc
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import psutil

from balcao.base.now import now_us
from balcao.base.values import Micros, new_id
from balcao.bench.failure import BenchFailed
from balcao.bench.freight import STORES, Retailer, make_carts
from balcao.bench.shop import CHANNEL
from balcao.bench.stage import Stage
from balcao.freight.networks import Networks
from balcao.freight.quote import Quoted, draw
from balcao.freight.rules.model import AskedItem, AskFacts, Facts, QuoteFreight, Terms
from balcao.freight.rules.network import Network

QUOTED: Final = 256
"""So many carts are drawn up, one retailer's and the other's in turn."""
ROUNDS: Final = 7


class _Case(NamedTuple):
    """A retailer's tables, and carts with what the database said of them."""

    network: Network
    carts: Sequence[tuple[QuoteFreight, Facts]]


async def measure_index(stage: Stage, large: Retailer, small: Retailer) -> Mapping[str, float]:
    """Facts to show beside the figures; raises BenchFailed when rows are missing or a cart is not quoted."""
    gc.collect()
    process, networks = psutil.Process(), Networks(stage.db)
    before, began = process.memory_info().rss, time.perf_counter()
    network = await networks.at(large.shop.tenant, None, Micros(0))
    took_s = time.perf_counter() - began
    grown = process.memory_info().rss - before
    if network.row_count != large.rows:
        raise BenchFailed(f"WRONG DATA: of {large.rows:,} rows {network.row_count:,} are in the index.")
    much_us, little_us = _engine_us(*[await _case(networks, retailer) for retailer in (large, small)])
    await networks.close()
    return {
        "stores": STORES,
        "SKUs": large.skus,
        "levels of stock": large.shelves,
        "carriers": len(network.carriers),
        "tables": len(network.indexes),
        "rows": network.row_count,
        "seconds to build the index": took_s,
        "bytes of memory a row": network.nbytes / network.row_count,
        "bytes a row by which the process grew": grown / network.row_count,
        "microseconds of a quote in the engine": much_us,
        f"microseconds of a quote in the engine with {small.rows:,} rows": little_us,
        "times what a quote costs with those": much_us / little_us,
    }


async def _case(networks: Networks, retailer: Retailer) -> _Case:
    tenant = retailer.shop.tenant
    chance = random.Random(3)  # noqa: S311 (destinations, no secrets)
    carts = []
    for cart in make_carts(retailer.skus)[:QUOTED]:
        items = tuple(
            AskedItem(sku=one["sku"], quantity=one["quantity"], price=Decimal(str(one["price"]))) for one in cart
        )
        ask = QuoteFreight(
            tenant=tenant,
            quote_id=new_id(),
            platform=CHANNEL,
            cep=f"{chance.randrange(1_000_000, 100_000_000):08d}",
            items=items,
            terms=Terms(now=now_us()),
        )
        skus = frozenset(item.sku for item in items)
        carts.append((ask, await networks.facts.ask(tenant, AskFacts(CHANNEL, skus, with_stock=True))))
    return _Case(await networks.at(tenant, carts[0][1].version, carts[0][1].sellers_us), carts)


def _engine_us(*cases: _Case) -> list[float]:
    """For each case the microseconds of a quote: cart by cart in turn, so that whatever else the machine
    does strikes all alike; of each cart its quickest round, of the carts the mean.
    """
    spent = [[float("inf")] * QUOTED for _ in cases]
    for _ in range(ROUNDS):
        for n in range(QUOTED):
            for case, quickest in zip(cases, spent, strict=True):
                began = time.perf_counter()
                quoted = _draw(case, n)
                quickest[n] = min(quickest[n], time.perf_counter() - began)
                if not quoted.quote.packages:
                    raise BenchFailed(f"WRONG DATA: a cart was not quoted: {case.carts[n][0]}")
    return [statistics.fmean(quickest) * 1e6 for quickest in spent]


def _draw(case: _Case, n: int) -> Quoted:
    drawing = draw(case.network, *case.carts[n])
    while True:
        try:
            next(drawing)
        except StopIteration as drawn:
            quoted: Quoted = drawn.value
            return quoted
