"""Freight quotes: how many, how soon at a fixed rate, and what a hundred times larger table costs."""

import asyncio
import time
from typing import Final

import msgspec

from balcao.bench.answers import as_run, read_answers
from balcao.bench.bench import Bench
from balcao.bench.cpu import CpuMeter, Spent
from balcao.bench.drive import Run, drive_paced
from balcao.bench.failure import BenchFailed
from balcao.bench.figures import Figure, Limit
from balcao.bench.freight import STORES, Retailer, open_retailer, quotes, replace_table
from balcao.bench.index import measure_index
from balcao.bench.load.plan import PacedDone, PacedPlan, Requests, Stretch
from balcao.bench.stage import HOST

SHARE: Final = 100
"""The small tables have so many times fewer rows."""
ROWS_A_SKU: Final = 50
OFFERED: Final = 500.0
OFFERED_PARTED: Final = 50.0
CONNECTIONS_MAX: Final = 64
LOOKED_AT: Final = 40
"""One in so many answers at a fixed rate is looked into."""


class _Package(msgspec.Struct):
    freights: list[msgspec.Raw]


class _Answer(msgspec.Struct):
    packages: list[_Package]
    versions: list[msgspec.Raw]


_answer = msgspec.json.Decoder(_Answer)


async def bench_quotes(bench: Bench) -> list[Figure]:
    """Capacity with large and small tables in turn; then at a fixed rate: carts that one store can send, and others."""
    skus = max(bench.options.freight_rows // ROWS_A_SKU, 20)
    large, small = [
        await open_retailer(bench.stage, rows=rows, skus=skus)
        for rows in (bench.options.freight_rows, bench.options.freight_rows // SHARE)
    ]
    port, connections = bench.house.port, bench.options.connections[0]
    plain, same, parted = quotes(large, port), quotes(small, port), quotes(large, port, is_parted=True)
    ours = _figure(f"{large.rows:,} rows", connections, f"the same with {small.rows:,} rows", "bare answer")
    ours.facts.update(await measure_index(bench.stage, large, small))
    theirs = _figure(f"{small.rows:,} rows", connections)
    offered = _figure(f"{large.rows:,} rows, {OFFERED:,.0f}/s offered", CONNECTIONS_MAX)
    packages = _figure(f"packages from {STORES} stores, {OFFERED_PARTED:,.0f}/s offered", CONNECTIONS_MAX)
    for each in (same, plain, same, plain):
        # Every server process reads the tables now, and forgets that it was slow meanwhile.
        await bench.measure(each, connections=12 * bench.options.servers, expect=200, seconds=0.5)
    swapped = _figure(f"{OFFERED:,.0f}/s offered, a table swapped meanwhile", CONNECTIONS_MAX)
    late_s: list[float] = []
    for _ in range(bench.options.runs):
        theirs.runs.append(await bench.measure(same, connections=connections, expect=200))
        ours.runs.append(await bench.measure(plain, connections=connections, expect=200))
        ours.limits[0].rates.append(theirs.runs[-1].rate)
        ours.limits[1].rates.append(await bench.bare_rate(plain, connections, 201))
        offered.runs.append(await _paced(bench, plain, OFFERED))
        packages.runs.append(await _paced(bench, parted, OFFERED_PARTED))
        swapped.runs.append(await _swap(bench, large, plain, late_s))
        for figure in (theirs, ours, offered, packages, swapped):
            bench.screen.run(figure)
    swapped.facts["seconds from the commit to the last answer from the former table, at most"] = max(late_s)
    return [ours, theirs, offered, packages, swapped]


def _figure(name: str, connections: int, *limits: str) -> Figure:
    named = [Limit(name=limit, rates=[]) for limit in limits]
    return Figure(
        suite="quotes", name=name, unit="quotes", connections=connections, runs=[], limits=named, facts={}
    )  # fmt: skip


async def _paced(bench: Bench, requests: Requests, rate: float) -> Run:
    """So many quotes a second, whatever becomes of those before; answers must say how a cart gets to its buyer."""
    done, spent = await drive_paced(_plan(bench, requests, rate), CpuMeter(bench.stage, bench.house))
    return _run(bench, done, spent)


async def _swap(bench: Bench, retailer: Retailer, requests: Requests, late_s: list[float]) -> Run:
    """The same with a carrier's table replaced halfway by one that every answer shows; `late_s` gets how long after the
    commit the last answer from the former one came.
    """
    plan = _plan(bench, requests, OFFERED)
    driving = asyncio.create_task(drive_paced(plan, CpuMeter(bench.stage, bench.house)))
    await asyncio.sleep(plan.stretches[0].seconds / 2)
    table = await replace_table(bench.stage, retailer)
    committed = time.perf_counter()
    done, spent = await driving
    mark = str(table.table_id).encode()
    late_s.append(max((came - committed for _, body, came in done.answers if mark not in body), default=0.0))
    if not any(mark in body for _, body, _ in done.answers):
        raise BenchFailed("WRONG DATA: the new table was never used.")
    return _run(bench, done, spent)


def _plan(bench: Bench, requests: Requests, rate: float) -> PacedPlan:
    return PacedPlan(
        host=HOST,
        port=bench.house.port,
        requests=requests,
        stretches=[Stretch(bench.options.warm_up_s + bench.options.seconds, rate)],
        connections_max=CONNECTIONS_MAX,
        expect=200,
        keeps_every=LOOKED_AT,
    )


def _run(bench: Bench, done: PacedDone, spent: Spent) -> Run:
    for _, body, _ in done.answers:
        told = _answer.decode(body)
        if not told.packages or not all(package.freights for package in told.packages):
            raise BenchFailed(f"WRONG DATA: a cart was not quoted: {body[:400]!r}")
    seconds = bench.options.warm_up_s + bench.options.seconds
    return as_run(read_answers(done), seconds, 200, cpu=(spent, seconds))
