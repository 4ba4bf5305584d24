"""`balcao serve`: database, tables, socket, children, in that order; and all of it down again."""

import http.client
import json
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

import msgspec
import psutil

from balcao.base.errors import Invalid, Unavailable
from balcao.base.log import set_up_logging
from balcao.base.settings import Settings, server_processes, settings_env
from balcao.supervise.children import Child, how_ended, stop
from balcao.supervise.told import Told

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
        children = _spawn(listener, env, app=[app] * servers, work=[work] * with_worker)
        try:
            url = stack.enter_context(_database(settings))
            _migrate(url)
            told.started()
            ready = msgspec.structs.replace(settings, database_url=url, port=listener.getsockname()[1])
            _go(children[:1], ready)
            _wait_ready(children, told, listener)
            _go(children[1:], ready)  # they load their programs now, not before
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


def _spawn(listener: socket.socket, env: dict[str, str], *, app: Sequence[str], work: Sequence[str]) -> list[Child]:
    handle = listener.fileno()
    when = ["early", *["late"] * (len(app) - 1)]
    servers = [
        Child(["server", place, str(handle), at], env, socket=handle) for place, at in zip(app, when, strict=True)
    ]
    return servers + [Child(["worker", place], env) for place in work]


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    if settings.database_url is not None:
        yield settings.database_url
        return
    from balcao.base.embedded import EmbeddedPostgres

    embedded = EmbeddedPostgres(settings.home)
    with embedded as url:
        stopped = threading.Event()
        watcher = threading.Thread(target=embedded.watch, args=[stopped], name="embedded PostgreSQL", daemon=True)
        watcher.start()
        try:
            yield url
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


def _go(children: Sequence[Child], settings: Settings) -> None:
    line = json.dumps(settings_env(settings)).encode() + b"\n"
    for child in children:
        child.go(line)


def _tend(children: Sequence[Child], told: Told) -> None:
    """Keep the children running until told to stop."""
    while not told.stops:
        for child in children:
            child.tend()
        told.wait(0.2)


def _wait_ready(children: Sequence[Child], told: Told, listener: socket.socket) -> None:
    complain_at = time.monotonic() + COMPLAIN_AFTER_S
    while not told.stops:
        _require_running(children)
        if _answers(listener):
            sys.stdout.write(f"Balcão is listening on {_url(listener)} (Ctrl-C stops)\n")
            sys.stdout.flush()
            return
        if time.monotonic() > complain_at:
            _log.warning("still not ready: /health/ready does not answer 200")
            complain_at += COMPLAIN_AFTER_S
        told.wait(0.02)


def _require_running(children: Sequence[Child]) -> None:
    for child in children:
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
