"""The embedded PostgreSQL of `$BALCAO_HOME`, shared by every Balcão process of that home.

Two lock files say it all, and the system itself frees them when a process dies, however it dies:

    postgres.users   held shared by each process as long as it uses the database: who gets it alone is the last
    postgres.lock    held alone while somebody decides: to be the first or the last, to make, start or stop
"""

import errno
import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from balcao.base.postgres_programs import EmbeddedPostgresFailed
from balcao.base.postmaster import START_TIMEOUT_S, Postmaster

LOOK_EVERY_S = 0.2
BACKOFF_MAX_S = 30.0
LOG_BYTES_MAX = 16 * 1024 * 1024

_log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """`with EmbeddedPostgres(home) as url:` or `start` and `stop`; made on first use, stopped by its last user."""

    def __init__(self, home: Path, *, settings: Mapping[str, str] | None = None) -> None:
        """`settings` go before those in its postgresql.conf, for the time it runs."""
        self._home = home.absolute()
        self._settings = dict(settings or {})
        self._users: int | None = None
        self._postmaster: Postmaster | None = None

    @property
    def url(self) -> str:
        """Where it will be found once it runs."""
        return self._on_folder().url

    def start(self) -> str:
        """The URL of the running database; made, recovered, started or joined as needed.

        Raises EmbeddedPostgresFailed with what to do: no binaries for this system, disk full, no permission, the data
        of another major version.
        """
        if self._users is not None:
            raise RuntimeError("already started")
        try:
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._deciding():
                self._postmaster = self._on_folder()
                users = _open(self._home / "postgres.users")
                try:
                    fcntl.flock(users, fcntl.LOCK_SH)
                    self._postmaster.ensure()
                except BaseException:
                    if _alone(users):
                        self._postmaster.stop()
                    os.close(users)
                    raise
                self._users = users
        except OSError as error:
            raise self._cannot_use(error) from error
        return self._postmaster.url

    def stop(self) -> None:
        """Leave; the last to leave stops the server. Does nothing when not started."""
        users, self._users = self._users, None
        if users is None or self._postmaster is None:
            return
        try:
            with self._deciding():
                if _alone(users):
                    self._postmaster.stop()
        finally:
            os.close(users)

    def heal(self) -> bool:
        """Start the server again if it died; whether it had to be. Several watchers do no harm to each other."""
        postmaster = self._postmaster
        if self._users is None or postmaster is None or postmaster.alive():
            return False
        try:
            with self._deciding():
                if self._users is None or postmaster.alive():
                    return False
                postmaster.ensure()
        except OSError as error:
            raise self._cannot_use(error) from error
        return True

    def watch(self, stopped: threading.Event) -> None:
        """Look after the server until `stopped`: restarts it, ever more patiently while that fails."""
        pause_s = LOOK_EVERY_S
        while not stopped.wait(pause_s):
            try:
                if self.heal():
                    _log.warning("the embedded PostgreSQL had died and was started again")
                if self._postmaster is not None:
                    self._postmaster.trim_log(LOG_BYTES_MAX)
                pause_s = LOOK_EVERY_S
            except (EmbeddedPostgresFailed, OSError) as error:
                pause_s = min(max(pause_s * 2, 1.0), BACKOFF_MAX_S)
                _log.error("the embedded PostgreSQL is down, next try in %.0f s: %s", pause_s, error)

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _on_folder(self) -> Postmaster:
        home = self._home.resolve()  # so that two names of one folder are one database
        return Postmaster(home / "postgres", home / "postgres.log", self._settings)

    @contextmanager
    def _deciding(self) -> Iterator[None]:
        lock = _open(self._home / "postgres.lock")
        try:
            end = time.monotonic() + START_TIMEOUT_S
            while not _alone(lock):
                if time.monotonic() > end:
                    raise EmbeddedPostgresFailed(f"Another process keeps {self._home / 'postgres.lock'} locked.")
                time.sleep(0.01)
            yield
        finally:
            os.close(lock)

    def _cannot_use(self, error: OSError) -> EmbeddedPostgresFailed:
        if error.errno == errno.ENOSPC:
            return EmbeddedPostgresFailed(f"There is no space left on the disk of {self._home}.")
        return EmbeddedPostgresFailed(f"{self._home} cannot be used ({error}): choose another BALCAO_HOME.")


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # closed in programs that we start, as all in Python


def _alone(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
