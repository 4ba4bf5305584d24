"""The log as the world reads it: how soon an event is seen, how fast the feed is read, how fast webhooks are told."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

import msgspec

from balcao.bench.answers import as_run, read_answers
from balcao.bench.bench import Bench
from balcao.bench.cpu import CpuMeter
from balcao.bench.drive import Run, drive_paced, percentiles
from balcao.bench.failure import BenchFailed
from balcao.bench.figures import Figure, Limit
from balcao.bench.load.plan import FollowPlan, PacedDone, PacedPlan, Requests, Seen, Stretch
from balcao.bench.orders import SEED, creations, order_keys, request_head
from balcao.bench.partner import Partner
from balcao.bench.stage import HOST
from balcao.bench.store.log import find_newest, read_events
from balcao.bench.telling import bench_webhooks

PAGE: Final = 1_000
ENOUGH: Final = 3_000
CONNECTIONS_MAX: Final = 256

BY = {False: "seen by a long poll", True: "seen by a stream"}


async def bench_events(bench: Bench) -> list[Figure]:
    """While orders come at a fixed rate, two readers follow; then the whole log is read, and sent to a webhook."""
    if bench.options.orders < ENOUGH:
        await bench.fill(ENOUGH - bench.options.orders)
    seen = {by_stream: _figure(f"{name}, {bench.options.rate:,.0f} orders/s") for by_stream, name in BY.items()}
    written = msgspec.structs.replace(_figure("those orders themselves"), unit="orders")
    pages = {count: _figure(f"pages of {PAGE:,}", count, "rows by raw SQL") for count in (1, 4)}
    for _ in range(bench.options.runs):
        await _see(bench, seen, written)
        await _read(bench, pages)
    await bench.check()
    return [*seen.values(), written, *pages.values(), await bench_webhooks(bench)]


def _figure(name: str, connections: int = 1, *limits: str) -> Figure:
    named = [Limit(name=limit, rates=[]) for limit in limits]
    return Figure(suite="events", name=name, unit="events", connections=connections, runs=[], limits=named)


async def _see(bench: Bench, figures: dict[bool, Figure], written: Figure) -> None:
    """One run: the time from the writer's answer to the reader's sight of each order."""
    seconds, rate, mark = bench.options.seconds + bench.options.warm_up_s, bench.options.rate, bench.mark()
    async with bench.stage.db.read() as tx:
        after = await find_newest(tx, bench.shop.tenant)
    followers: dict[bool, Partner[Seen]] = {}
    async with AsyncExitStack() as beside:
        for by_stream in figures:
            plan = FollowPlan(
                host=HOST, port=bench.house.port, token=bench.shop.token, after=after, by_stream=by_stream
            )
            followers[by_stream] = await beside.enter_async_context(Partner.begin("follow", Seen, plan))
        requests = creations(bench.shop, SEED, order_keys(int(seconds * rate), mark), bench.house.port)
        crowd = PacedPlan(
            host=HOST,
            port=bench.house.port,
            requests=requests,
            stretches=[Stretch(seconds, rate)],
            connections_max=CONNECTIONS_MAX,
            expect=201,
        )
        done, spent = await drive_paced(crowd, CpuMeter(bench.stage, bench.house))
        await bench.wait(0.5)
        written.runs.append(as_run(read_answers(done), seconds, 201, cpu=(spent, seconds)))
        bench.screen.run(written)
        for by_stream, follower in followers.items():
            figures[by_stream].runs.append(_sight(await follower.end(), done, bench.options.warm_up_s, seconds))
            bench.screen.run(figures[by_stream])
    await bench.check_answers(mark, [(key, body) for key, body, _ in done.answers])


def _sight(seen: Seen, done: PacedDone, warm_up_s: float, seconds: float) -> Run:
    """What a reader saw of the orders that were answered; each must be there once."""
    at = dict(seen.orders)
    answered = {key.decode(): came for key, _, came in done.answers}
    missing = sum(key not in at for key in answered)
    if missing or len(at) != len(seen.orders):
        raise BenchFailed(f"WRONG DATA: of {len(answered)} events a reader missed {missing}, or saw some twice.")
    # A reader may well be quicker than the writer's own answer: that counts as no time at all.
    late_ms = sorted(
        max(at[key] - came, 0.0) * 1000 for key, came in answered.items() if came - done.started >= warm_up_s
    )
    p50, p95, p99 = percentiles(late_ms or [0.0])
    return Run(
        rate=len(late_ms) / (seconds - warm_up_s),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=late_ms[-1] if late_ms else 0.0,
        measured=len(late_ms),
        sent=len(seen.orders),
        errors={},
        examples={},
        cpu_us={},
        elsewhere=0.0,
    )


async def _read(bench: Bench, figures: dict[int, Figure]) -> None:
    """One run of every number of readers, each page from anywhere in the log; beside the same rows by SQL."""
    async with bench.stage.db.read() as tx:
        newest = await find_newest(tx, bench.shop.tenant)
    starts = list(range(0, newest - PAGE, PAGE))
    head = request_head("GET", f"/v1/events?limit={PAGE}&after={{}}", bench.shop, bench.house.port)
    before, _, after = head.partition(b"{}")
    requests = Requests(before=before, keys=[str(start).encode() for start in starts], after=after, endless=True)
    for count, figure in figures.items():
        run = await bench.measure(requests, connections=count, expect=200)
        figure.runs.append(msgspec.structs.replace(run, rate=run.rate * PAGE))
        figure.limits[0].rates.append(await _raw_rate(bench, starts))
        bench.screen.run(figure)


async def _raw_rate(bench: Bench, starts: Sequence[int]) -> float:
    """Rows a second of the log by plain SQL on one connection."""
    count, began, turn = 0, time.perf_counter(), 0
    while (lasted_s := time.perf_counter() - began) < bench.options.seconds / 4:
        async with bench.stage.db.read() as tx:
            count += await read_events(tx, bench.shop.tenant, starts[turn % len(starts)], PAGE)
        turn += 1
    return count / lasted_s
