"""What a paced generator saw, told as runs: those answered in one way, within one stretch of the time."""

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from balcao.bench.cpu import CPUS, Spent
from balcao.bench.drive import Run, percentiles
from balcao.bench.load.plan import PacedDone

BROKEN = "connection broken"
UNSENT = "no connection"


class Answered(NamedTuple):
    """One answer: when its request was due (seconds after the start), how long it took from then, and its status."""

    due_s: float
    took_ms: float
    status: int

    @property
    def came_s(self) -> float:
        """When it came."""
        return self.due_s + self.took_ms / 1000


def read_answers(done: PacedDone) -> list[Answered]:
    """Every answer."""
    due_s, took_ms, statuses = array("d"), array("d"), array("H")
    for numbers, data in ((due_s, done.due_s), (took_ms, done.took_ms), (statuses, done.statuses)):
        numbers.frombytes(data)
    return [Answered(*each) for each in zip(due_s, took_ms, statuses, strict=True)]


def within(answers: Iterable[Answered], begin_s: float, end_s: float) -> list[Answered]:
    """Those whose requests were due in that stretch."""
    return [each for each in answers if begin_s <= each.due_s < end_s]


def as_run(answers: list[Answered], seconds: float, status: int, *, cpu: tuple[Spent, float] | None = None) -> Run:
    """The answers of that status, as a run of so many seconds; all but 503 and that status are errors."""
    good = sorted(each.took_ms for each in answers if each.status == status)
    p50, p95, p99 = percentiles(good or [0.0])
    others = Counter(BROKEN if each.status == 0 else str(each.status) for each in answers)
    spent, wall_s = cpu or (None, 1.0)
    return Run(
        rate=len(good) / seconds,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=good[-1] if good else 0.0,
        measured=len(good),
        sent=len(answers),
        errors={name: count for name, count in others.items() if name not in (str(status), "201", "503")},
        examples={},
        cpu_us={who: s / max(len(answers), 1) * 1e6 for who, s in spent.ours.items()} if spent else {},
        elsewhere=spent.others_s / (wall_s * CPUS) if spent else 0.0,
    )


def curve(
    answers: Iterable[Answered], step_s: float, seconds: float, of: Callable[[list[Answered]], float]
) -> list[float]:
    """Something about the answers that came in each step."""
    steps: list[list[Answered]] = [[] for _ in range(math.ceil(seconds / step_s))]
    for each in answers:
        step = int(each.came_s / step_s)
        if step < len(steps):
            steps[step].append(each)
    return [of(step) for step in steps]


def p99_ms(answers: Iterable[Answered]) -> float:
    """Of these; 0 where there are none."""
    return percentiles(sorted(each.took_ms for each in answers) or [0.0])[2]
