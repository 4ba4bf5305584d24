"""Play the demo: serve, open the shop, load it, one order a path, say what happened, and stay until told to stop."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import aiohttp
from rich.console import Console

from balcao.base.errors import BalcaoError
from balcao.demo.client import TIMEOUT_S, Client
from balcao.demo.desk import Desk
from balcao.demo.ending import serve_again, tell_orders, tell_way_in
from balcao.demo.failure import StepFailed
from balcao.demo.load import load_sample
from balcao.demo.parties import Parties, open_tenant
from balcao.demo.paths import play_paths
from balcao.demo.report import Report
from balcao.demo.sample import TENANT, TITLE, read_sample
from balcao.demo.serving import Served, demo_settings, find_port, serving
from balcao.supervise.told import cancel_when_told

FAILED: Final = 1
INTERRUPTED: Final = 130


def run_demo(home: Path, port: int, *, stays: bool, console: Console) -> int:
    """Play on the database and files of `home`, and stop everything; the exit code.

    0 when every step did what it should (and, if it `stays`, after Ctrl-C), 1 when one did not, 130 when it was told
    to stop before the end.
    """
    report = Report(console)
    try:
        return asyncio.run(_run(home, port, report, stays=stays))
    except (StepFailed, BalcaoError) as error:
        report.failure(str(error))
        return FAILED


async def _run(home: Path, port: int, report: Report, *, stays: bool) -> int:
    cancel_when_told()
    free = find_port(port)
    if free != port:
        report.say(f"A porta {port} está ocupada, outra foi escolhida / Port {port} is taken, another was chosen.")
    report.say(f"{TITLE}, a demo of Balcão, in {home}")
    code = INTERRUPTED
    try:
        async with serving(demo_settings(home, free)) as served:
            try:
                await _play(served, home, report)
                code = 0
                if stays:
                    report.say("\nNo ar até Ctrl-C / Up until Ctrl-C")
                    await served.ended()
            finally:
                report.say("\nEncerrando / Stopping")
    except asyncio.CancelledError:
        return code
    if not stays:
        report.say(f"Para rever / To see it all again: {serve_again(home, served.url)}")
    return code


async def _play(served: Served, home: Path, report: Report) -> None:
    begin = time.monotonic()
    report.say(f"No ar / Up: {served.url}")
    way_in = await open_tenant(home)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
        parties, sample = Parties(session, served.url, way_in.pair), read_sample()
        report.heading(f"A loja / The shop: {TENANT}")
        await parties.set_channels(sample.channels)
        await load_sample(sample, await parties.office(), report)
        desk = Desk(parties=parties, sample=sample, report=report, started_at=datetime.now(UTC))
        played = await play_paths(desk)
        anybody = Client(session, served.url, "browser")
        await anybody.call("GET", "/schema")
        await tell_orders(report, anybody, played)
    tell_way_in(report, served.url, way_in)
    report.say(f"\n{len(played)} caminhos em / paths in {time.monotonic() - begin:.1f} s")
