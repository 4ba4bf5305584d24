"""Twice as much as can be done, for a minute: who is accepted is answered in time, the rest is refused at once.

A crowd sends at a fixed rate whatever it is answered, first half of what the servers can do, then twice as much, then
half again. Every order that was answered 201 is checked to be there, and every one that was refused not to be.
"""

import asyncio
import statistics
from collections.abc import Sequence
from typing import Final

import msgspec
import psutil

from balcao.bench.answers import Answered, as_run, curve, p99_ms, read_answers, within
from balcao.bench.bench import Bench
from balcao.bench.cpu import CpuMeter
from balcao.bench.drive import Run, drive_paced
from balcao.bench.failure import BenchFailed
from balcao.bench.figures import Curve, Figure, Limit
from balcao.bench.load.plan import PacedDone, PacedPlan, Stretch
from balcao.bench.orders import SEED, creations, order_keys
from balcao.bench.stage import HOST, server_pids

CALM: Final = 0.5
STORM: Final = 2.0
CONNECTIONS_MAX: Final = 2_000
STEP_S: Final = 0.5
SETTLED: Final = 2.0
"""Recovered is who answers within so many times the median of before, and refuses nobody."""
SETTLED_MS: Final = 20.0
MIB: Final = 1024 * 1024


async def bench_overload(bench: Bench) -> list[Figure]:
    """One storm, after the capacity was measured by callers who wait for their answers."""
    connections = max(bench.options.connections)
    capacity, _ = await bench.create(SEED, connections)
    bench.screen.say(f"  capacity: {capacity.rate:,.0f} orders/s by {connections} callers")
    calm_s, storm_s = bench.options.calm_s, bench.options.storm_s
    rate = capacity.rate
    stretches = [Stretch(calm_s, CALM * rate), Stretch(storm_s, STORM * rate), Stretch(2 * calm_s, CALM * rate)]
    mark = bench.mark()
    plan = PacedPlan(
        host=HOST,
        port=bench.house.port,
        requests=creations(bench.shop, SEED, order_keys(_count(stretches), mark), bench.house.port),
        stretches=stretches,
        connections_max=CONNECTIONS_MAX,
        expect=201,
    )
    done, memory = await _storm(bench, plan)
    await bench.check_answers(mark, [(key, body) for key, body, _ in done.answers])
    figures = _figures(done, stretches, capacity, memory)
    for figure in figures:
        bench.screen.run(figure)
    return figures


async def _storm(bench: Bench, plan: PacedPlan) -> tuple[PacedDone, list[float]]:
    """What the crowd saw, and the servers' memory in MiB meanwhile, every step."""
    memory: list[float] = []
    watching = asyncio.create_task(_watch_memory(server_pids(bench.house), memory))
    try:
        done, _ = await drive_paced(plan, CpuMeter(bench.stage, bench.house))
    finally:
        watching.cancel()
    if done.unsent:
        raise BenchFailed(f"{done.unsent} requests were never answered.")
    return done, memory


async def _watch_memory(pids: Sequence[int], memory: list[float]) -> None:
    processes = [psutil.Process(pid) for pid in pids]
    while True:
        memory.append(sum(process.memory_info().rss for process in processes) / MIB)
        await asyncio.sleep(STEP_S)


def _figures(done: PacedDone, stretches: Sequence[Stretch], capacity: Run, memory: Sequence[float]) -> list[Figure]:
    answers = read_answers(done)
    calm_s, storm_s, after_s = (stretch.seconds for stretch in stretches)
    before = within(answers, calm_s / 2, calm_s)
    storm = within(answers, calm_s, calm_s + storm_s)
    after = within(answers, calm_s + storm_s, calm_s + storm_s + after_s)
    calm, again = as_run(before, calm_s / 2, 201), as_run(after, after_s, 201)
    accepted, refused = as_run(storm, storm_s, 201), as_run(storm, storm_s, 503)
    recovered_s = recovery_s(after, calm_s + storm_s, max(SETTLED * calm.p50_ms, SETTLED_MS))
    facts = {
        "refused, of all that came": sum(each.status == 503 for each in storm) / max(len(storm), 1),
        "seconds until recovered": recovered_s,
        "MiB of the servers when the storm began": _at(memory, calm_s + storm_s / 10),
        "MiB when it ended": _at(memory, calm_s + storm_s),
        "connections at most": done.connections,
    }
    limit = Limit(name="capacity", rates=[capacity.rate])

    def figure(name: str, run: Run, limits: Sequence[Limit] = (), **more: object) -> Figure:
        plain = Figure(suite="overload", name=name, unit="answers", connections=done.connections, runs=[run])
        return msgspec.structs.replace(plain, limits=list(limits), **more)

    curves = _curves(answers, calm_s + storm_s + after_s, memory)
    return [
        figure(f"{CALM:g} × capacity, before", calm, [limit]),
        figure(f"{STORM:g} × capacity: accepted", accepted, [limit], facts=facts, curves=curves),
        figure(f"{STORM:g} × capacity: refused", refused),
        figure(f"{CALM:g} × capacity, afterwards", again, [limit]),
    ]


def recovery_s(after: Sequence[Answered], since_s: float, settled_ms: float) -> float:
    """Seconds from the end of the storm to the end of the last step in which anybody was refused, or half of them were
    answered too slowly.
    """
    steps: dict[int, list[Answered]] = {}
    for each in after:
        steps.setdefault(int((each.due_s - since_s) / STEP_S), []).append(each)
    troubled = [
        step
        for step, answers in steps.items()
        if any(each.status != 201 for each in answers)
        or statistics.median(each.took_ms for each in answers) > settled_ms
    ]
    return (max(troubled, default=-1) + 1) * STEP_S


def _curves(answers: Sequence[Answered], seconds: float, memory: Sequence[float]) -> list[Curve]:
    def rate(status: int) -> list[float]:
        return curve(answers, STEP_S, seconds, lambda step: sum(each.status == status for each in step) / STEP_S)

    def slowest(status: int) -> list[float]:
        return curve(answers, STEP_S, seconds, lambda step: p99_ms(each for each in step if each.status == status))

    return [
        Curve(name="accepted", unit="answers/s", step_s=STEP_S, values=rate(201)),
        Curve(name="refused", unit="answers/s", step_s=STEP_S, values=rate(503)),
        Curve(name="accepted, p99", unit="ms", step_s=STEP_S, values=slowest(201)),
        Curve(name="refused, p99", unit="ms", step_s=STEP_S, values=slowest(503)),
        Curve(name="memory of the servers", unit="MiB", step_s=STEP_S, values=list(memory)),
    ]


def _at(memory: Sequence[float], second: float) -> float:
    return memory[min(int(second / STEP_S), len(memory) - 1)]


def _count(stretches: Sequence[Stretch]) -> int:
    return sum(int(stretch.seconds * stretch.rate) for stretch in stretches) + 1
