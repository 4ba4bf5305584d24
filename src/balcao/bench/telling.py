"""Webhooks: one worker, one receiver on this machine, and a backlog of the log to deliver."""

import asyncio
import time
from itertools import pairwise
from typing import Final
from uuid import UUID

from balcao.base.http import Http
from balcao.base.now import now_us
from balcao.base.seal import Seal
from balcao.bench.bench import Bench
from balcao.bench.cpu import CpuMeter
from balcao.bench.drive import Run, percentiles
from balcao.bench.failure import BenchFailed
from balcao.bench.figures import Figure, Limit
from balcao.bench.load.plan import Received
from balcao.bench.partner import Partner
from balcao.bench.stage import HOST, working
from balcao.bench.store.log import count_deliveries, find_newest
from balcao.webhooks.rules.model import Wanted
from balcao.webhooks.send import SEALED_FOR
from balcao.webhooks.subscribe import NewWebhook, Subscribe, subscribe

A_SECOND: Final = 1_500
LATE_S: Final = 120
AT_ONCE: Final = 100
BODY: Final = b'{"specversion":"1.0","data":"' + b"x" * 600 + b'"}'


async def bench_webhooks(bench: Bench) -> Figure:
    """Deliveries a second, signed and logged; its latencies are the times between one message and the next."""
    limit = Limit(name="bare posts by the same client", rates=[])
    figure = Figure(
        suite="events", name="webhooks, one worker", unit="deliveries", connections=AT_ONCE, runs=[], limits=[limit]
    )
    for _ in range(bench.options.runs):
        figure.runs.append(await _run(bench, limit))
        bench.screen.run(figure)
    return figure


async def _run(bench: Bench, limit: Limit) -> Run:
    count = int(A_SECOND * bench.options.seconds)
    if await _newest(bench) < count:
        await bench.fill(count)
    async with Partner.begin("receive", Received) as receiver:
        url = f"http://{HOST}:{receiver.said.split()[1]}/"
        limit.rates.append(await _bare_posts(url, bench.options.seconds / 4))
        newest = await _newest(bench)
        new = await _subscribe(bench, url, after=newest - count)
        started = time.perf_counter()
        async with working(bench.stage) as worker:
            meter = CpuMeter(bench.stage, worker)
            before = meter.read()
            await _until_delivered(bench, new.webhook.webhook_id)
            spent, wall_s = meter.since(before, generators_s=0.0), time.perf_counter() - started
        received = await receiver.end(new.secret.encode())
    seqs = [seq for seq, _, _ in received.messages]
    if received.unsigned or len(seqs) != len(set(seqs)) or not seqs:
        raise BenchFailed(
            f"WRONG DATA: of {len(seqs)} messages {received.unsigned} were not signed, or some came twice."
        )
    at = sorted(came for _, _, came in received.messages)
    gaps_ms = sorted((later - earlier) * 1000 for earlier, later in pairwise(at)) or [0.0]
    p50, p95, p99 = percentiles(gaps_ms)
    return Run(
        rate=(len(at) - 1) / (at[-1] - at[0]) if len(at) > 1 else 0.0,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=gaps_ms[-1],
        measured=len(at),
        sent=len(at),
        errors={},
        examples={},
        cpu_us={("worker" if who == "server" else who): s / len(at) * 1e6 for who, s in spent.ours.items()},
        elsewhere=0.0 if wall_s <= 0 else min(spent.others_s / wall_s, 1.0),
    )


async def _newest(bench: Bench) -> int:
    async with bench.stage.db.read() as tx:
        return await find_newest(tx, bench.shop.tenant)


async def _subscribe(bench: Bench, url: str, *, after: int) -> NewWebhook:
    cmd = Subscribe(
        tenant=bench.shop.tenant,
        url=url,
        wanted=Wanted(types=("order.*",)),
        after=after,
        allow_private=True,
        actor="bench",
    )
    seal = Seal(bench.stage.settings(1), SEALED_FOR)
    return await bench.stage.db.run(lambda tx: subscribe(tx, cmd, seal, now_us()))


async def _until_delivered(bench: Bench, webhook_id: UUID) -> None:
    """Until as much is logged as delivered as was, and nothing waits."""
    last, end = -1, time.monotonic() + LATE_S
    while time.monotonic() < end:
        await asyncio.sleep(0.5)
        async with bench.stage.db.read() as tx:
            delivered, waiting = await count_deliveries(tx, bench.shop.tenant, webhook_id)
        if delivered and not waiting and delivered == last:
            return
        last = delivered
    raise BenchFailed(f"After {LATE_S} s {last} deliveries were logged, and more wait.")


async def _bare_posts(url: str, seconds: float) -> float:
    """Posts a second by the client alone: unsigned, unlogged, no database."""
    end, done = time.perf_counter() + seconds, 0

    async def post(http: Http) -> None:
        nonlocal done
        while time.perf_counter() < end:
            await http.post(url, BODY, {"content-type": "application/json"}, timeout_s=5, answer_max=1024)
            done += 1

    async with Http(allow_private=True) as http:
        await asyncio.gather(*(post(http) for _ in range(AT_ONCE)))
    return done / seconds
