"""Catalogue batches: from the HTTP request to rows that are committed and visible, beside COPY into the same tables."""

import asyncio
import http.client
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
import psutil

from balcao.bench.bench import Bench
from balcao.bench.cpu import CPUS, CpuMeter
from balcao.bench.drive import Run
from balcao.bench.failure import BenchFailed
from balcao.bench.figures import Curve, Figure, Limit
from balcao.bench.stage import HOST, working
from balcao.bench.store.copied import copy_rate
from balcao.imports.report import wait_finished
from balcao.imports.rules.model import Batch

CATALOG: Final = "/management/catalog"
STORES: Final = 100
ROWS: Final = 50_000
PRODUCTS: Final = 5_000
WAIT_MAX_S: Final = 300
GROWTH_MAX: Final = 1.15
"""Of what the worker holds, in a long row of batches: more would be rows that nobody lets go."""
PAUSE_MAX_S: Final = 0.01
"""Between two looks whether a batch is applied: what is measured ends with the first that sees it."""


class Work(NamedTuple):
    """A kind of batch. tables: what COPY writes instead; make: the rows of one batch, by run and version."""

    path: str
    unit: str
    tables: tuple[str, ...]
    make: Callable[[int, int], list[dict[str, Any]]]


def _cnpj(n: int) -> str:
    return f"{n + 1:012d}00"


def _products(run: int, version: int) -> list[dict[str, Any]]:
    return [_product(run * PRODUCTS + n, version) for n in range(PRODUCTS)]


def _product(n: int, version: int) -> dict[str, Any]:
    code = f"K{n:07d}"
    skus = [
        {"code": f"{code}-{size}", "name": f"Produto {n} {size}", "barcode": f"7{n:09d}{place}", "minStock": 2}
        for place, size in enumerate("PMG")
    ]
    return {
        "code": code,
        "name": f"Produto {n}, edição {version}",
        "description": "Modelagem soltinha, tecido leve.",
        "weight": 0.32,
        "categories": [{"code": f"C{n % 200}", "name": f"Categoria {n % 200}"}, {"code": "TUDO", "name": "Tudo"}],
        "images": [{"order": place, "imageUrl": f"https://images.example/{code}-{place}.jpg"} for place in (1, 2)],
        "skus": skus,
    }


def _stocks(run: int, version: int) -> list[dict[str, Any]]:
    first = run * (ROWS // STORES)
    return [
        {"Quantity": 10 + version + n, "SellerCode": _cnpj(store), "SkuCode": f"K{n:07d}-P"}
        for n in range(first, first + ROWS // STORES)
        for store in range(STORES)
    ]


def _prices(run: int, version: int) -> list[dict[str, Any]]:
    first = run * (ROWS // STORES)
    return [
        {"Price": 10 + version + n % 100, "OldPrice": 99_999.9, "SellerCode": _cnpj(store), "ProductCode": f"K{n:07d}"}
        for n in range(first, first + ROWS // STORES)
        for store in range(STORES)
    ]


WORKS: Final[Sequence[Work]] = (
    Work("products", "products", ("product", "sku", "product_category"), _products),
    Work("stocks", "rows", ("stock",), _stocks),
    Work("prices", "rows", ("price",), _prices),
)
NEW, CHANGED, SAME = "all new", "all changed", "nothing changed"


async def bench_catalog(bench: Bench) -> list[Figure]:
    """Each kind of batch new, changed and unchanged; every row must have become what it should."""
    async with _worker(bench) as worker:
        stores = [{"cnpj": _cnpj(n), "name": f"Loja {n}"} for n in range(STORES)]
        await _apply(bench, "/management/commerce/sellers", json.dumps(stores).encode())
        figures = []
        for work in WORKS:
            figures += await _measure(bench, work, worker)
        if bench.options.batches:
            figures.append(await _go_on(bench, WORKS[1], worker))
    return figures


@asynccontextmanager
async def _worker(bench: Bench) -> AsyncIterator[psutil.Process]:
    async with working(bench.stage) as served:
        yield psutil.Process(served.pid)


async def _measure(bench: Bench, work: Work, worker: psutil.Process) -> list[Figure]:
    figures = {
        name: Figure(
            suite="catalog", name=f"{work.path}, {name}", unit=work.unit, connections=1, runs=[],
            limits=[Limit(name="the same rows by COPY", rates=[])],
        )
        for name in (NEW, CHANGED, SAME)
    }  # fmt: skip
    for run in range(bench.options.runs):
        for name, version in ((NEW, 1), (CHANGED, 2), (SAME, 2)):
            figure, rows = figures[name], work.make(run, version)
            figure.runs.append(await _run(bench, work, rows, name, worker))
            limit = await copy_rate(bench.stage.url, bench.shop.tenant, work.tables, len(rows))
            figure.limits[0].rates.append(limit)
            bench.screen.run(figure)
        bench.screen.say(f"  the worker holds {worker.memory_info().rss / 2**20:,.0f} MiB")
    return list(figures.values())


async def _go_on(bench: Bench, work: Work, worker: psutil.Process) -> Figure:
    """Batch after batch, each sent twice: what the worker holds must stay what it was after the first tenth of them."""
    figure = Figure(suite="catalog", name=f"{work.path}, batch after batch", unit=work.unit, connections=1, runs=[])
    held: list[float] = []
    for n in range(bench.options.batches):
        name = SAME if n % 2 else CHANGED
        figure.runs.append(await _run(bench, work, work.make(0, 3 + n // 2), name, worker))
        held.append(worker.memory_info().rss / 2**20)
    first, rest = held[: max(len(held) // 10, 1)], held[max(len(held) // 10, 1) :]
    told = {"worker MiB at first": max(first), "worker MiB later, at most": max(rest, default=0), "batches": len(held)}
    if told["worker MiB later, at most"] > told["worker MiB at first"] * GROWTH_MAX:
        raise BenchFailed(f"THE WORKER GROWS: {told}")
    seconds = sum(run.p50_ms for run in figure.runs) / 1_000 / len(held)
    curve = Curve(name="worker's memory", unit="MiB", step_s=seconds, values=held)
    figure = msgspec.structs.replace(figure, facts=told, curves=[curve])
    bench.screen.run(figure)
    return figure


async def _run(bench: Bench, work: Work, rows: list[dict[str, Any]], name: str, worker: psutil.Process) -> Run:
    meter = CpuMeter(bench.stage, bench.house, worker.pid)
    body = json.dumps(rows).encode()
    before, began = meter.read(), time.perf_counter()
    batch = await _apply(bench, f"{CATALOG}/{work.path}", body)
    wall_s = time.perf_counter() - began
    spent = meter.since(before, generators_s=0.0)
    wanted = {NEW: batch.inserted, CHANGED: batch.updated, SAME: batch.unchanged}[name]
    if (wanted, batch.failed) != (len(rows), 0):
        raise BenchFailed(f"WRONG DATA: of {len(rows)} rows, {name}, {wanted} were, and {batch.failed} failed.")
    ms = wall_s * 1_000
    return Run(
        rate=len(rows) / wall_s, p50_ms=ms, p95_ms=ms, p99_ms=ms, max_ms=ms, measured=1, sent=1, errors={}, examples={},
        cpu_us={who: spent_s / len(rows) * 1e6 for who, spent_s in spent.ours.items()},
        elsewhere=spent.others_s / (wall_s * CPUS),
    )  # fmt: skip


async def _apply(bench: Bench, path: str, body: bytes) -> Batch:
    """Send a batch and return it once it is applied: what it took is one request's way, all of it."""
    batch_id = await asyncio.to_thread(_put, bench.house.port, f"/cp{path}", bench.shop.token, body)
    batch = await wait_finished(
        *(bench.stage.db, bench.shop.tenant, batch_id),
        timeout_s=WAIT_MAX_S,
        is_stopping=lambda: False,
        pause_max_s=PAUSE_MAX_S,
    )
    if batch is None or batch.finished_us is None:
        raise BenchFailed(f"The batch {batch_id} was not applied within {WAIT_MAX_S} s.")
    return batch


def _put(port: int, path: str, token: str, body: bytes) -> UUID:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request("PUT", path, body, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != http.client.NO_CONTENT:
            raise BenchFailed(f"PUT {path} was answered {answer.status}: {told[:400]!r}")
        return UUID(answer.headers["Batch-Id"])
    finally:
        connection.close()
