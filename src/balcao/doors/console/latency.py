"""How fast the API has been answering since its processes began, route by route."""

import os
from collections import defaultdict
from typing import Final, NamedTuple

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from balcao.doors.health import MULTIPROCESS

NAME: Final = "balcao_http_request_seconds"


class RouteSpeed(NamedTuple):
    """Requests of a route, and the milliseconds that half and 95 of a hundred of them stayed within."""

    method: str
    route: str
    requests: int
    median_ms: float
    most_ms: float


def read_speeds(limit: int) -> list[RouteSpeed]:
    """The busiest routes first, without people's pages.

    Of all server processes where they share a folder, whose files are read here.
    """
    registry = REGISTRY
    if MULTIPROCESS in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    buckets: dict[tuple[str, str], dict[float, float]] = defaultdict(dict)
    for family in registry.collect():
        if family.name == NAME:
            for sample in family.samples:
                labels = sample.labels
                if sample.name == f"{NAME}_bucket" and not labels["route"].startswith("/console"):
                    buckets[labels["method"], labels["route"]][float(labels["le"])] = sample.value
    speeds = [_speed(key, found) for key, found in buckets.items() if max(found.values()) > 0]
    return sorted(speeds, key=lambda each: (-each.requests, each.route, each.method))[:limit]


def _speed(key: tuple[str, str], found: dict[float, float]) -> RouteSpeed:
    bounds = sorted(found.items())
    total = bounds[-1][1]
    return RouteSpeed(*key, int(total), _within(bounds, total * 0.5), _within(bounds, total * 0.95))


def _within(bounds: list[tuple[float, float]], rank: float) -> float:
    """The bound of the first bucket that holds so many; the last finite one for what took longer still."""
    finite = [bound for bound, _ in bounds if bound != float("inf")]
    bound = next((bound for bound, count in bounds if count >= rank), finite[-1])
    return min(bound, finite[-1]) * 1000
