"""A tiny application and worker for the tests of the supervisor: `create_app` and `work`."""

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from balcao.base.stopping import STOPPING

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


def create_app() -> Callable[..., Awaitable[None]]:
    """Answers `/health/ready`, `/process`, `/slow` (one second), `/endless` and `/exit`."""
    if "BREAK_APP" in os.environ:
        raise RuntimeError("the stand-in is told to break")
    return _app


def break_settings() -> None:
    """A factory that refuses its settings, as the real one does."""
    from balcao.base.errors import Invalid

    raise Invalid("The stand-in wants other settings.")


def work() -> None:
    """Say that it works, until SIGTERM; then take a moment, and say that it finished."""
    folder = Path(os.environ["BALCAO_HOME"])
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    (folder / "working").write_text(str(os.getpid()))
    while not stop.wait(0.05):
        pass
    time.sleep(0.3)
    (folder / "finished").write_text(str(os.getpid()))


def work_stubbornly() -> None:
    """Never stop by itself."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (Path(os.environ["BALCAO_HOME"]) / "working").write_text(str(os.getpid()))
    while True:
        time.sleep(1)


async def _app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        (Path(os.environ["BALCAO_HOME"]) / "closed").write_text("")
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/exit":
        os._exit(7)
    if scope["path"] == "/endless":
        await send({"type": "http.response.body", "body": b"begin,", "more_body": True})
        await STOPPING.wait()
    if scope["path"] == "/slow":
        await send({"type": "http.response.body", "body": b"begin,", "more_body": True})
        await asyncio.sleep(1)
    names = ("DATABASE_URL", "BALCAO_PORT", "BALCAO_HOME", "PROMETHEUS_MULTIPROC_DIR")
    facts = {"pid": os.getpid(), **{name: os.environ.get(name) for name in names}}
    await send({"type": "http.response.body", "body": json.dumps(facts).encode()})
