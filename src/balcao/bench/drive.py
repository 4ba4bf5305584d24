"""Drive a server with generator processes, and gather what they saw and what everybody's processors did meanwhile."""

import asyncio
import statistics
import time
from array import array
from collections.abc import Sequence
from contextlib import AsyncExitStack

import msgspec

from balcao.bench.cpu import CPUS, CpuMeter, Spent
from balcao.bench.load.plan import Done, PacedDone, PacedPlan, Plan
from balcao.bench.partner import Partner

GENERATOR = "__main__"
"""The module of `balcao.bench.load`."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run. rate: answers a second, of those expected; cpu_us: microseconds of processor for one request, by who
    spent them; elsewhere: the share of the machine's processors that other programs took; answers: as kept.
    """

    rate: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    measured: int
    sent: int
    errors: dict[str, int]
    examples: dict[str, str]
    cpu_us: dict[str, float]
    elsewhere: float
    answers: list[tuple[bytes, bytes]] = []


async def drive(plan: Plan, generators: int, meter: CpuMeter) -> Run:
    """Do the plan, its callers and requests shared out among so many generators that start together."""
    parts = min(generators, plan.connections)
    async with AsyncExitStack() as beside:
        begun = [Partner.begin(GENERATOR, Done, _part(plan, n, parts)) for n in range(parts)]
        processes = [await beside.enter_async_context(each) for each in begun]
        before, started = meter.read(), time.monotonic()
        for process in processes:
            process.say(b"go\n")
        done = await asyncio.gather(*(process.end() for process in processes))
        wall_s = time.monotonic() - started
    return _merge(done, meter.since(before, generators_s=sum(part.cpu_s for part in done)), wall_s)


def _part(plan: Plan, n: int, parts: int) -> Plan:
    share = plan.connections // parts + (n < plan.connections % parts)
    return msgspec.structs.replace(plan, connections=share, requests=plan.requests.share(n, parts))


async def drive_paced(plan: PacedPlan, meter: CpuMeter) -> tuple[PacedDone, Spent]:
    """Do the plan with one generator; what it saw, and who spent the processors meanwhile."""
    async with Partner.begin(GENERATOR, PacedDone, plan) as process:
        before = meter.read()
        process.say(b"go\n")
        done = await process.end()
    return done, meter.since(before, generators_s=done.cpu_s)


def _merge(parts: list[Done], spent: Spent, wall_s: float) -> Run:
    latencies = array("f")
    for part in parts:
        latencies.frombytes(part.latencies_ms)
    ordered = sorted(latencies) or [0.0]
    p50, p95, p99 = percentiles(ordered)
    seconds = max(part.seconds for part in parts)
    sent = sum(part.sent for part in parts)
    return Run(
        rate=len(latencies) / seconds if seconds else 0.0,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=ordered[-1],
        measured=len(latencies),
        sent=sent,
        errors=_sum([part.errors for part in parts]),
        examples={name: example for part in parts for name, example in part.examples.items()},
        cpu_us={who: spent_s / max(sent, 1) * 1e6 for who, spent_s in spent.ours.items()},
        elsewhere=spent.others_s / (wall_s * CPUS),
        answers=[answer for part in parts for answer in part.answers],
    )


def percentiles(ordered: Sequence[float]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th of values in order; at least one."""
    cuts = statistics.quantiles(ordered, n=100, method="inclusive") if len(ordered) > 1 else list(ordered) * 99
    return cuts[49], cuts[94], cuts[98]


def _sum(counts: list[dict[str, int]]) -> dict[str, int]:
    return {name: sum(each.get(name, 0) for each in counts) for each in counts for name in each}
