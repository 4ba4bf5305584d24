"""What a bench found out: runs, their medians, and the limits beside them."""

import statistics
from collections.abc import Mapping, Sequence

import msgspec

from balcao.bench.drive import Run


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """What something simpler does in a second, as measured in the same run: once beside each run of the figure."""

    name: str
    rates: list[float]

    @property
    def rate(self) -> float:
        """The median."""
        return statistics.median(self.rates)


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """How something went over the time of a run: its values, one every `step_s` seconds."""

    name: str
    unit: str
    step_s: float
    values: list[float]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of work by so many callers, measured several times; `unit` is what is counted.

    facts: what else there is to say of it, by name, its unit in the name. curves: of its last run.
    """

    suite: str
    name: str
    unit: str
    connections: int
    runs: list[Run]
    limits: list[Limit] = []
    facts: dict[str, float] = {}
    curves: list[Curve] = []

    def median(self, field: str) -> float:
        """The median of that field of the runs."""
        return float(statistics.median(getattr(run, field) for run in self.runs))

    def ratio(self, limit: Limit) -> float:
        """How much of the limit is reached: the median of what each run reached of its own."""
        pairs = zip(self.runs, limit.rates, strict=True)
        return statistics.median(run.rate / rate for run, rate in pairs)

    @property
    def errors(self) -> dict[str, int]:
        """Unexpected answers by status, in all runs."""
        return {name: sum(run.errors.get(name, 0) for run in self.runs) for run in self.runs for name in run.errors}

    def cpu_us(self) -> dict[str, float]:
        """Microseconds of processor for one request, by who spent them: medians."""
        return {who: statistics.median(run.cpu_us[who] for run in self.runs) for who in self.runs[0].cpu_us}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one bench, and what they were measured on."""

    environment: Mapping[str, str]
    figures: Sequence[Figure]
