"""Run the suites that were asked for, one after the other."""

import asyncio

from rich.console import Console

from balcao.bench.bench import open_bench
from balcao.bench.environment import environment
from balcao.bench.figures import Figure, Report
from balcao.bench.options import Options
from balcao.bench.screen import Screen
from balcao.bench.stage import open_stage
from balcao.bench.suites import SUITES
from balcao.supervise.told import cancel_when_told


def run_bench(options: Options, console: Console) -> Report:
    """What was measured, shown as it comes and in tables at the end. Raises BenchFailed, and KeyboardInterrupt when it
    was told to stop, by Ctrl-C or by another program: nothing that it began runs any more then.
    """
    try:
        return asyncio.run(_run(options, Screen(console)))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _run(options: Options, screen: Screen) -> Report:
    cancel_when_told()
    figures: list[Figure] = []
    async with open_stage(options) as stage:
        told = await environment(stage, options)
        async with open_bench(options, screen, stage) as bench:
            for name in options.suites:
                screen.say(name)
                figures += await SUITES[name](bench)
    report = Report(environment=told, figures=figures)
    screen.report(report)
    return report
