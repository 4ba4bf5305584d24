"""One PostgreSQL server process on one data folder: made, found, started and stopped.

Who may do so, and when, is decided in `embedded`.
"""

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil

from balcao.base.postgres_programs import Account, EmbeddedPostgresFailed, account_for, major_version, run

START_TIMEOUT_S = 600
"""Recovery after a crash replays at most `max_wal_size`: seconds, a few minutes on a slow disk."""
STOP_TIMEOUT_S = 20
SOCKET_PATH_MAX = 100
"""Bytes; systems allow 103 (macOS) or 107 (Linux)."""
SOCKET_NAME = ".s.PGSQL.5432"
CONFIGURATION = {
    "max_connections": "150",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    "random_page_cost": "1.1",
    "jit": "off",
    # Parallel workers need shared memory files, of which a container may allow few; short statements need
    # neither.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "log_checkpoints": "off",
    # A failing statement and its values are personal data: the log tells that it failed, not what it held.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
"""Written into postgresql.conf once, for a small machine with durable commits; its owner may change them there."""


class Postmaster:
    """The server on the folder `data`, whichever process started it."""

    def __init__(self, data: Path, log: Path, settings: Mapping[str, str]) -> None:
        self._data = data
        self._log = log
        self._settings = settings
        digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
        self._cluster = f"balcao-{digest}"
        self._sockets = data if _socket_fits(data) else Path("/tmp") / self._cluster  # noqa: S108
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where to connect: a Unix socket that only the owner of the data folder (and root) may open."""
        return f"postgresql://balcao@/postgres?host={quote(str(self._sockets))}&port=5432"

    @property
    def pid(self) -> int | None:
        """The process id in `postmaster.pid`, running or not."""
        return _first_number(self._data / "postmaster.pid")

    def alive(self) -> bool:
        """Whether a server runs on the folder. Quick: asks the process table, and the socket only when in doubt."""
        if self._child is not None:
            if self._child.poll() is None:
                return True
            self._child = None
        pid = self.pid
        if pid is None:
            return False
        return self._is_ours(pid) or self._answers()

    def ensure(self) -> None:
        """Wait until the server takes connections, and start it before that unless it runs.

        One that a killed process left in the middle of starting or stopping is waited for.
        """
        log_begin = None if self.alive() else self._start()
        end = time.monotonic() + START_TIMEOUT_S
        while not self._ready():
            if not self.alive():
                if log_begin is not None:
                    raise self._failed("did not start", log_begin)
                log_begin = self._start()  # the one that we found has ended by now
            if time.monotonic() > end:
                raise self._failed(f"was not ready within {START_TIMEOUT_S} s", log_begin or 0)
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop the server: its clients are cut off, what they committed is kept. Harder ways after twenty seconds."""
        for how, timeout_s in ((signal.SIGINT, STOP_TIMEOUT_S), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            pid = self._running_pid()
            if pid is None:
                return
            with suppress(ProcessLookupError):
                os.kill(pid, how)
            end = time.monotonic() + timeout_s
            while self.alive() and time.monotonic() < end:
                time.sleep(0.01)

    def trim_log(self, bytes_max: int) -> None:
        """Keep the log below that size: what is there moves to `.1`, and the server goes on writing at its start."""
        if self._log.exists() and self._log.stat().st_size > bytes_max:
            shutil.copyfile(self._log, self._log.with_suffix(".log.1"))
            os.truncate(self._log, 0)

    def _arguments(self) -> list[str]:
        forced = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_permissions": "0700",
            "cluster_name": self._cluster,  # in the title of each of its processes: that is how remains are found
            **self._settings,
        }
        return [word for name, value in forced.items() for word in ("-c", f"{name}={value}")]

    def _running_pid(self) -> int | None:
        if self._child is not None and self._child.poll() is None:
            return self._child.pid  # its file may not be written yet
        pid = self.pid
        return pid if pid is not None and self._is_ours(pid) else None

    def _ready(self) -> bool:
        lines = _lines(self._data / "postmaster.pid")
        if len(lines) < 8 or lines[7].strip() != "ready":
            return False
        # The file of a killed server says "ready" too, until the new one writes its own.
        return lines[0] == str(self._child.pid) if self._child else self.alive()

    def _is_ours(self, pid: int) -> bool:
        """Whether that process is a server on this folder: a number from before a reboot may be anybody's now."""
        try:
            words = psutil.Process(pid).cmdline()
        except psutil.Error:  # gone, or a zombie
            return False
        return str(self._data) in words

    def _answers(self) -> bool:
        # A server in another container on the same folder is not in our process table, but its socket answers.
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self._sockets / SOCKET_NAME))
            except (TimeoutError, BlockingIOError):  # too busy to take us, so it is there
                return True
            except OSError:
                return False
        return True

    def _start(self) -> int:
        """Start the server without waiting, and say where its part of the log begins.

        What an earlier one left behind is cleared away before.
        """
        self._check_or_init()
        account = account_for(self._data)
        self._prepare_sockets(account)
        self._clear_remains()
        words = ["postgres", "-D", str(self._data), "-k", str(self._sockets), *self._arguments()]
        with self._log.open("ab") as log:
            log_begin = log.tell()
            self._child = run(account, words, output=log)
        return log_begin

    def _check_or_init(self) -> None:
        """Make the data folder unless it is there; a half-made one is never seen. Checks its major version."""
        version = self._data / "PG_VERSION"
        if not version.exists():
            if self._data.exists() and any(self._data.iterdir()):
                raise EmbeddedPostgresFailed(f"{self._data} is not empty and not a PostgreSQL data folder.")
            self._init()
        elif version.read_text().strip() != (major := major_version()):
            raise EmbeddedPostgresFailed(
                f"{self._data} was made by PostgreSQL {version.read_text().strip()}, and this version embeds "
                f"{major}. Move the data with pg_dump of the old version, or set DATABASE_URL."
            )

    def _init(self) -> None:
        aside = self._data.with_name(self._data.name + ".new")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        account = account_for(self._data)
        if account:
            os.chown(aside, *account)
        words = ["initdb", "-D", str(aside), "-U", "balcao", "--auth=trust", "--encoding=UTF8", "--data-checksums"]
        # The built-in locale sorts and folds alike on every machine, whatever its C library.
        words += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        words += [f"--set={name}={value}" for name, value in CONFIGURATION.items()]
        with self._log.open("ab") as log:
            begin = log.tell()
            process = run(account, words, output=log)
            try:
                exit_code = process.wait()
            except BaseException:  # interrupted: it must not go on behind our back
                process.terminate()
                process.wait()
                raise
            if exit_code != 0:
                raise self._failed("could not be created", begin)
        if self._data.exists():
            self._data.rmdir()
        aside.rename(self._data)
        _sync_folder(self._data.parent)

    def _prepare_sockets(self, account: Account | None) -> None:
        if self._sockets == self._data:
            return
        uid = account.uid if account else os.geteuid()
        try:
            self._sockets.mkdir(mode=0o700)
            if account:
                os.chown(self._sockets, *account)
        except FileExistsError:
            there = self._sockets.lstat()
            if there.st_uid != uid or there.st_mode & 0o170777 != 0o040700:  # a folder, its owner's only
                raise EmbeddedPostgresFailed(
                    f"{self._sockets} belongs to somebody else; remove it, or choose a shorter BALCAO_HOME."
                ) from None

    def _clear_remains(self) -> None:
        """End what outlived a killed server, and forget its number where PostgreSQL itself could not tell."""
        title = f"postgres: {self._cluster}: "
        remains = [p for p in psutil.process_iter(["cmdline"]) if " ".join(p.info["cmdline"] or ()).startswith(title)]
        for process in remains:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        end = time.monotonic() + 5
        while any(_runs(process) for process in remains) and time.monotonic() < end:
            time.sleep(0.005)
        for file in (self._data / "postmaster.pid", self._sockets / f"{SOCKET_NAME}.lock"):
            pid = _first_number(file)
            if pid is not None and psutil.pid_exists(pid):  # a zombie, or by now another program's number
                file.unlink()

    def _failed(self, what: str, log_begin: int) -> EmbeddedPostgresFailed:
        with self._log.open("rb") as log:
            log.seek(log_begin)
            lines = log.read().decode(errors="replace").strip().splitlines()
        telling = [line for line in lines if re.search(r"FATAL|PANIC|error:", line)] or lines[-3:]
        reason = " / ".join(telling[-3:]) or "it gave no reason"
        advice = ""
        if "No space left on device" in reason:
            advice = f" There is no space left on the disk of {self._data}."
        elif "Permission denied" in reason:
            advice = " Its account may not use that folder: choose another BALCAO_HOME, or set DATABASE_URL."
        elif "GLIBC" in reason or "error while loading shared libraries" in reason:
            advice = " Its binaries do not run on this system: set DATABASE_URL to a PostgreSQL of your own."
        return EmbeddedPostgresFailed(f"The embedded PostgreSQL {what}: {reason}.{advice} Its log is {self._log}.")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except FileNotFoundError:
        return []


def _first_number(file: Path) -> int | None:
    lines = _lines(file)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _socket_fits(folder: Path) -> bool:
    # Commas and the like would need quoting in three different ways: URL, libpq and PostgreSQL's own list.
    text = str(folder / SOCKET_NAME)
    return len(os.fsencode(text)) <= SOCKET_PATH_MAX and re.fullmatch(r"[A-Za-z0-9/._-]+", text) is not None
