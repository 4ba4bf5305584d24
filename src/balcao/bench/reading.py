"""Reading orders by id."""

import random

from balcao.bench import limits
from balcao.bench.bench import LIMIT_SHARE, Bench
from balcao.bench.figures import Figure, Limit
from balcao.bench.load.plan import Requests
from balcao.bench.orders import request_head
from balcao.bench.paying import ORDERS
from balcao.bench.store.sample import newest_orders

READ_MOST = 50_000
ENOUGH = 10_000


async def bench_reads(bench: Bench) -> list[Figure]:
    """One whole order by its id, any of fifty thousand, by every number of callers."""
    if bench.options.orders < ENOUGH:
        await bench.fill(ENOUGH - bench.options.orders)
    async with bench.stage.db.read() as tx:
        ids = await newest_orders(tx, bench.shop.tenant, READ_MOST)
    random.Random(0).shuffle(ids)  # noqa: S311 (an order to read in, no secret)
    head = request_head("GET", f"{ORDERS}{{}}", bench.shop, bench.house.port)
    before, _, after = head.partition(b"{}")
    requests = Requests(before=before, keys=[str(each).encode() for each in ids], after=after, endless=True)
    figures = [
        Figure(
            suite="reads",
            name="one order by id",
            unit="orders",
            connections=connections,
            runs=[],
            limits=[Limit(name="rows by primary key", rates=[]), Limit(name="bare answer", rates=[])],
        )
        for connections in bench.options.connections
    ]
    for _ in range(bench.options.runs):
        for figure in figures:
            figure.runs.append(await bench.measure(requests, connections=figure.connections, expect=200))
            rows, bare = figure.limits
            seconds = bench.options.seconds * LIMIT_SHARE
            rows.rates.append(
                await limits.single_reads(
                    bench.stage, bench.shop, ids, connections=min(figure.connections, 64), seconds=seconds
                )
            )
            bare.rates.append(await bench.bare_rate(requests, figure.connections, 200))
            bench.screen.run(figure)
    return figures
