"""Creating orders: over many SKUs, larger ones, one hot SKU; each run checked against the database afterwards."""

from collections.abc import Sequence

from balcao.bench.bench import Bench
from balcao.bench.figures import Figure, Limit
from balcao.bench.orders import HOT, SEED, TWENTY, TWO, Kind, creations, order_keys

BARE_KEYS = 1_000


async def bench_orders(bench: Bench) -> list[Figure]:
    """The reference's example by every number of callers; by the first of them also the other kinds."""
    first = bench.options.connections[0]
    cases = [(SEED, connections) for connections in bench.options.connections]
    return await _bench(bench, "orders", cases + [(kind, first) for kind in (HOT, TWO, TWENTY)])


async def bench_hot(bench: Bench) -> list[Figure]:
    """One hot SKU, beside many."""
    first = bench.options.connections[0]
    return await _bench(bench, "hot", [(SEED, first), (HOT, first)])


async def _bench(bench: Bench, suite: str, cases: Sequence[tuple[Kind, int]]) -> list[Figure]:
    """Case after case, and all of them again: what disturbs the machine for a while disturbs each of them alike."""
    figures = [
        Figure(
            suite=suite,
            name=kind.name,
            unit="orders",
            connections=connections,
            runs=[],
            limits=[Limit(name=name, rates=[]) for name in ("rows by raw SQL, 64 a commit", "bare answer", "commits")],
        )
        for kind, connections in cases
    ]
    for _ in range(bench.options.runs):
        for figure, (kind, connections) in zip(figures, cases, strict=True):
            run, template = await bench.create(kind, connections)
            figure.runs.append(run)
            raw, bare, commits = figure.limits
            raw.rates.append(await bench.raw_rate(kind, template))
            requests = creations(bench.shop, kind, order_keys(BARE_KEYS, "BARE"), bench.bare.port)
            bare.rates.append(await bench.bare_rate(requests, connections, 201))
            commits.rates.append(await bench.commit_rate(connections))
            bench.screen.run(figure)
    await bench.check()
    return figures
