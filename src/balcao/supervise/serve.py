"""`balcao serve`: database, tables, socket, children, in that order; and all of it down again."""

import http.client
import logging
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import psutil

from balcao.base.errors import Invalid, Unavailable
from balcao.base.log import set_up_logging
from balcao.base.settings import Settings, server_processes
from balcao.supervise.children import GO, Child, how_ended, settings_line, stop
from balcao.supervise.told import Told

if TYPE_CHECKING:
    from balcao.base.embedded import EmbeddedPostgres

APP = "balcao.server:create_app"
WORK = "balcao.worker:main"
BACKLOG = 2048
DATABASE_WAIT_S = 30
"""How long a database that cannot be reached yet is waited for: it may be starting beside us."""
COMPLAIN_AFTER_S = 10
METRICS = "PROMETHEUS_MULTIPROC_DIR"
METRICS_PREFIX = "balcao-metrics-"

_log = logging.getLogger(__name__)


def serve(settings: Settings, *, with_worker: bool = True, app: str = APP, work: str = WORK) -> None:
    """Serve until SIGTERM or Ctrl-C, then let what is under way finish; told twice, end at once.

    `app` (a factory of an ASGI application) and `work` (a function that works until SIGTERM) are `module:name`.
    Returns when all has stopped in order; exits with 1 when it had to be forced. Raises Invalid or Unavailable, with
    what to do, when it cannot start: port taken, database away or newer, a server process that ends at once.
    """
    set_up_logging(level=settings.log_level, log_format=settings.log_format)
    in_order = True
    with suppress(KeyboardInterrupt), Told() as told, ExitStack() as stack:
        listener = stack.enter_context(_bind(settings.host, settings.port))
        servers = server_processes(settings.workers)
        env = stack.enter_context(_environment(shared=servers > 1 or with_worker))
        handle = listener.fileno()
        children = [first := Child(["server", app, str(handle)], env, socket=handle)]
        try:
            embedded = _embedded(settings)
            url = embedded.url if embedded else settings.database_url or ""
            ready = msgspec.structs.replace(settings, database_url=url, port=listener.getsockname()[1])
            line = settings_line(ready)
            first.tell(line)
            if embedded:
                stack.enter_context(_watched(embedded))
            _migrate(url)
            told.started()
            first.tell(GO)
            _wait_ready(first, told, listener)
            # The others start now, not before: until here there was enough to do for two processors.
            children += [Child(["server", app, str(handle)], env, socket=handle) for _ in range(servers - 1)]
            children += [Child(["worker", work], env)] if with_worker else []
            for child in children[1:]:
                child.tell(line + GO)
            _tend(children, told)
        finally:
            listener.close()  # new callers are refused from here on, those inside are answered
            in_order = stop(children, told)
    if not in_order:
        sys.exit(1)


@contextmanager
def _bind(host: str, port: int) -> Iterator[socket.socket]:
    """The listening socket, bound before anything else: a taken port is told at once."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # `localhost` has two addresses: the one that more programs try.
        family, kind, protocol, _, address = min(found, key=lambda way: way[0] != socket.AF_INET)
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        message = f"cannot listen on {host}:{port} ({error.strerror or error})"
        raise Invalid(
            f"Balcão {message}. Choose another with --host and --port; port 0 takes any free one.",
            errors={"BALCAO_PORT": [message]},
            code="invalid_settings",
        ) from error
    with listener:
        yield listener


@contextmanager
def _environment(*, shared: bool) -> Iterator[dict[str, str]]:
    """The children's environment: with several of them, a folder in which they add up their metrics."""
    if not shared or METRICS in os.environ:
        yield dict(os.environ)
        return
    for left in Path(tempfile.gettempdir()).glob(f"{METRICS_PREFIX}*"):  # by a parent that was killed
        pid = left.name.removeprefix(METRICS_PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{METRICS_PREFIX}{os.getpid()}-", ignore_cleanup_errors=True) as folder:
        yield {**os.environ, METRICS: folder}


def _embedded(settings: Settings) -> "EmbeddedPostgres | None":
    if settings.database_url is not None:
        return None
    from balcao.base.embedded import EmbeddedPostgres

    return EmbeddedPostgres(settings.home)


@contextmanager
def _watched(embedded: "EmbeddedPostgres") -> Iterator[None]:
    with embedded:
        stopped = threading.Event()
        watcher = threading.Thread(target=embedded.watch, args=[stopped], name="embedded PostgreSQL", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            stopped.set()
            watcher.join(timeout=5)


def _migrate(url: str) -> None:
    from balcao.base.migrate import migrate

    end = time.monotonic() + DATABASE_WAIT_S
    while True:
        try:
            for revision in migrate(url):
                _log.info("migrated to %s", revision)
        except Unavailable as error:
            if time.monotonic() > end:
                raise
            _log.warning("%s Trying again.", error.detail)
            time.sleep(error.retry_after_s)
        else:
            return


def _tend(children: Sequence[Child], told: Told) -> None:
    """Keep the children running until told to stop."""
    while not told.stops:
        for child in children:
            child.tend()
        told.wait(0.2)


def _wait_ready(child: Child, told: Told, listener: socket.socket) -> None:
    complain_at = time.monotonic() + COMPLAIN_AFTER_S
    while not told.stops:
        _require_running(child)
        if _answers(listener):
            sys.stdout.write(f"Balcão is listening on {_url(listener)} (Ctrl-C stops)\n")
            sys.stdout.flush()
            return
        if time.monotonic() > complain_at:
            _log.warning("still not ready: /health/ready does not answer 200")
            complain_at += COMPLAIN_AFTER_S
        told.wait(0.02)


def _require_running(child: Child) -> None:
    if child.process.poll() is not None:
        raise Unavailable(
            f"The {child.role} process {how_ended(child.process)} while starting; what it said is above.",
            code="start_failed",
        )


def _answers(listener: socket.socket) -> bool:
    host, port = listener.getsockname()[:2]
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (asked, not bound)
    connection = http.client.HTTPConnection(here, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
