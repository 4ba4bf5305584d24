"""The bench as a person runs it, short; and that it sees wrong data."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from balcao.base.db import Database
from balcao.base.values import OrderId
from balcao.bench.store.check import broken_laws, differing_answers
from tests.verbs.shop import Shop, items, open_shop, receipt

SHORT = ["--connections", "4", "--runs", "1", "--seconds", "0.4", "--warm-up", "0.1", "--skus", "40", "--orders", "300"]


async def _bench(tmp_path: Path, *words: str) -> dict[str, Any]:
    """The figures of a short bench on a database of its own."""
    file = tmp_path / "figures.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "balcao", "bench", *SHORT, *words, "--json", str(file)),
        env={**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},  # not asked: it has its own
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(300):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    figures: dict[str, Any] = json.loads(file.read_bytes())
    return figures


async def test_a_bench_that_is_told_to_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "balcao", "bench", "orders", "--connections", "4", "--seconds", "60"),
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(120):
        running = await _with_a_generator(process.pid)
        process.send_signal(signal.SIGTERM)
        output, _ = await process.communicate()
    assert process.returncode == 1
    assert output.decode().splitlines()[-1] == "Aborted!"
    assert len(running) > 4
    assert [each for each in running if each.is_running()] == []
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240


async def _with_a_generator(pid: int) -> list[psutil.Process]:
    """All that it has begun, once it loads its servers."""
    while True:
        running = psutil.Process(pid).children(recursive=True)
        with suppress(psutil.NoSuchProcess):
            if any("balcao.bench.load.__main__" in each.cmdline() for each in running):
                return running
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("suite", ["hot", "payments", "reads"])
async def test_a_bench_measures_and_finds_no_error(suite: str, tmp_path: Path) -> None:
    told = await _bench(tmp_path, suite)
    assert "fsync=on" in told["environment"]["programs"]
    assert {figure["suite"] for figure in told["figures"]} == {suite}
    for figure in told["figures"]:
        (run,) = figure["runs"]
        assert run["errors"] == {}
        assert 0 < run["measured"] <= run["sent"]
        assert 0 < run["p50_ms"] <= run["p95_ms"] <= run["p99_ms"] <= run["max_ms"]
        assert set(run["cpu_us"]) == {"server", "database", "generator"}
        assert [len(limit["rates"]) for limit in figure["limits"]] == [1] * len(figure["limits"])
        assert all(rate > run["rate"] for limit in figure["limits"][1:2] for rate in limit["rates"])


async def test_lists_of_a_shop_with_a_past(tmp_path: Path) -> None:
    shortest = ["--connections", "1", "--seconds", "0.1", "--warm-up", "0"]
    told = await _bench(tmp_path, "lists", "--past", "1000", *shortest)
    *lists, created = told["figures"]
    assert {"page 25 by cursor", "seller's poll, 200 whole orders", "search by a CPF"} < {
        each["name"] for each in lists
    }
    assert all(figure["runs"][0]["errors"] == {} and figure["runs"][0]["measured"] > 0 for figure in told["figures"])
    assert created["name"] == "orders created, 1,000 there"
    (before,) = created["limits"]
    assert before["rates"][0] > 0


async def test_pages_of_a_shop_with_a_past(tmp_path: Path) -> None:
    shortest = ["--connections", "1", "--seconds", "1", "--warm-up", "0"]
    told = await _bench(tmp_path, "console", "--past", "1000", *shortest)
    assert {"board", "orders", "an order", "dashboard, 90 days"} < {each["name"] for each in told["figures"]}
    assert [figure["runs"][0]["errors"] for figure in told["figures"]] == [{}] * len(told["figures"])


async def test_events_are_seen_read_and_told(tmp_path: Path) -> None:
    page = tmp_path / "figures.html"
    told = await _bench(tmp_path, "events", "--rate", "50", "--page", str(page))
    names = [figure["name"].partition(",")[0] for figure in told["figures"]]
    assert names == [
        *("seen by a long poll", "seen by a stream", "those orders themselves"),
        *("pages of 1", "pages of 1", "webhooks"),
    ]
    runs = [figure["runs"][0] for figure in told["figures"]]
    assert all(run["measured"] > 0 and run["errors"] == {} for run in runs)
    assert runs[0]["sent"] == runs[1]["sent"] == runs[2]["sent"] == 25  # at that rate, in half a second
    assert runs[-1]["measured"] == 600
    html = page.read_text(encoding="utf-8")
    assert "webhooks, one worker" in html
    assert html.count("<svg") == html.count("</svg>") == 2


async def test_an_overload_is_survived(tmp_path: Path) -> None:
    page = tmp_path / "figures.html"
    told = await _bench(tmp_path, "overload", "--calm", "0.5", "--storm", "1", "--page", str(page))
    before, accepted, refused, afterwards = told["figures"]
    assert [figure["suite"] for figure in told["figures"]] == ["overload"] * 4
    for figure in (before, accepted, afterwards):
        assert figure["runs"][0]["measured"] > 0
        assert figure["runs"][0]["errors"] == {}
    assert refused["runs"][0]["errors"] == {}
    assert 0 <= accepted["facts"]["refused, of all that came"] < 1
    assert accepted["facts"]["MiB when it ended"] > 0
    assert [curve["name"] for curve in accepted["curves"]][-1] == "memory of the servers"
    assert page.read_text(encoding="utf-8").count("<svg") == 2 + len(accepted["curves"])


@pytest.fixture
async def shop(db: Database) -> Shop:
    """A shop with two orders of three lines."""
    shop = await open_shop(db)
    for _ in range(2):
        [outcome] = await shop.place(shop.new(items=items(s1=1, s2=1, s3=1)))
        receipt(outcome)
    return shop


async def _broken(shop: Shop) -> dict[str, int]:
    async with shop.db.read() as tx:
        return await broken_laws(tx, shop.tenant)


async def _execute(shop: Shop, statement: str) -> None:
    async with shop.db.transaction() as tx:
        await tx.execute(statement, shop.tenant)


async def test_good_data_breaks_no_law(shop: Shop) -> None:
    assert await _broken(shop) == {}


HARM = {
    "stock reserves what the orders' lines hold": """
        UPDATE stock SET reserved = reserved + 1 WHERE tenant = $1 AND (seller_id, sku_id) = (
            SELECT seller_id, sku_id FROM stock WHERE tenant = $1 ORDER BY reserved DESC, sku_id LIMIT 1)""",
    "every order has one event of its creation": """
        UPDATE event SET type = 'order.other' WHERE tenant = $1 AND seq = (
            SELECT max(seq) FROM event WHERE tenant = $1 AND type = 'order.placed')""",
    "events have no gap and end at the clock": """
        UPDATE tenant_clock SET seq = seq + 1 WHERE tenant = $1""",
    "events' instants rise with their numbers": """
        UPDATE event SET at_us = at_us - 1000000 WHERE tenant = $1 AND seq = (
            SELECT max(seq) FROM event WHERE tenant = $1)""",
    "every order has its key, and every key its order": """
        UPDATE order_key SET external_id = external_id || 'x' WHERE tenant = $1 AND order_id = (
            SELECT order_id FROM orders WHERE tenant = $1 ORDER BY order_id LIMIT 1)""",
}


@pytest.mark.parametrize("law", HARM)
async def test_wrong_data_is_seen(shop: Shop, law: str) -> None:
    await _execute(shop, HARM[law])
    assert list(await _broken(shop)) == [law]


async def test_answers_are_compared_with_what_is_there(shop: Shop) -> None:
    text = "SELECT external_id, order_id FROM orders WHERE tenant = $1 ORDER BY external_id"
    async with shop.db.read() as tx:
        told = [(row["external_id"], OrderId(row["order_id"])) for row in await tx.fetch(text, shop.tenant)]
        mark = told[0][0].rpartition("-")[0]
        assert {external_id.rpartition("-")[0] for external_id, _ in told} == {mark}
        assert await differing_answers(tx, shop.tenant, mark, told) == 0
        assert await differing_answers(tx, shop.tenant, mark, told[1:]) == 1
        assert await differing_answers(tx, shop.tenant, mark, [*told, (f"{mark}-none", told[0][1])]) == 1
        swapped = [(told[0][0], told[1][1]), (told[1][0], told[0][1])]
        assert await differing_answers(tx, shop.tenant, mark, swapped) == 4
