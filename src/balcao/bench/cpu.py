"""Who spends the processors: servers, database, generators, and everybody else on the machine."""

from contextlib import suppress
from typing import Final, NamedTuple

import psutil

from balcao.bench.stage import Served, Stage

CPUS: Final = psutil.cpu_count() or 1
Reading = dict[str, float]


class Spent(NamedTuple):
    """Processor seconds: of each group of our processes, and of all other programs together."""

    ours: dict[str, float]
    others_s: float


class CpuMeter:
    """Reads the processor seconds of one bench's processes. A database on another machine is not among them."""

    def __init__(self, stage: Stage, served: Served | None, worker: int | None = None) -> None:
        self._roots = {
            "server": served.pid if served else None,
            "database": stage.postgres_pid,
            "worker": worker,
        }

    def read(self) -> Reading:
        """Seconds so far, by group; `machine` is what all processors did beside idling."""
        groups = {name: _tree(pid) for name, pid in self._roots.items() if pid is not None}
        return {name: sum(map(_seconds, tree)) for name, tree in groups.items()} | {"machine": _busy()}

    def since(self, before: Reading, *, generators_s: float) -> Spent:
        """Seconds since that reading; the generators, which have ended, tell theirs themselves."""
        spent = {name: max(now_s - before[name], 0.0) for name, now_s in self.read().items()}
        machine = spent.pop("machine")
        ours = spent | {"generator": generators_s}
        return Spent(ours, max(machine - sum(ours.values()), 0.0))


def _tree(pid: int) -> list[psutil.Process]:
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    return []


def _seconds(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)
