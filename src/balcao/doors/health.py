"""Whether this process lives, whether it can serve, and how it has been doing."""

import os
from collections.abc import Sequence

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from balcao.base.errors import Unavailable
from balcao.base.stopping import STOPPING
from balcao.doors.door import Door
from balcao.doors.guard import PUBLIC
from balcao.doors.problems import problem_responses

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"


@get("/health/live", opt=PUBLIC, tags=["health"], operation_id="getLive", sync_to_thread=False)
def live() -> dict[str, str]:
    """The process runs and answers."""
    return {"status": "live"}


@get("/health/ready", opt=PUBLIC, tags=["health"], operation_id="getReady", responses=problem_responses(503))
async def ready(door: Door) -> dict[str, str]:
    """The process can serve: its database answers; 503 while it does not, and once the process was told to stop."""
    if STOPPING.is_set():
        raise Unavailable("This process is stopping; ask another.")
    if not await door.db.ready():
        raise Unavailable("The database is not available; try again.")
    return {"status": "ready"}


@get("/metrics", opt=PUBLIC, tags=["health"], operation_id="getMetrics", include_in_schema=False, sync_to_thread=True)
def metrics() -> Response[bytes]:
    """Counts and latencies by route in Prometheus' text format, of all server processes when they share a folder."""
    registry = REGISTRY
    if MULTIPROCESS in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


routes: Sequence[HTTPRouteHandler] = (live, ready, metrics)
