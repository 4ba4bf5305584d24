"""The embedded database: made, shared, adopted, mended and refused, with real processes."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from balcao.base import postgres_programs
from balcao.base.embedded import EmbeddedPostgres
from balcao.base.postgres_programs import EmbeddedPostgresFailed, account_for

CARELESS = {"fsync": "off", "shared_buffers": "16MB"}
USER = Path(__file__).with_name("embedded_user.py")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty home; whatever server a test leaves on it is killed."""
    yield tmp_path
    pid = _pid(tmp_path)
    if pid is not None and _runs(pid):
        os.kill(pid, signal.SIGKILL)


class User:
    """Another process that uses the database."""

    def __init__(self, home: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, USER, home, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate(timeout=30)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def _pid(home: Path) -> int | None:
    file = home / "postgres" / "postmaster.pid"
    return int(file.read_text().splitlines()[0]) if file.exists() else None


def _running_pid(home: Path) -> int:
    pid = _pid(home)
    assert pid is not None
    assert _runs(pid)
    return pid


def _runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def _ask(url: str, query: str = "SELECT 1") -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def _until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _answers(url: str) -> bool:
    try:
        return _ask(url) == 1
    except psycopg.OperationalError:
        return False


@contextmanager
def _watched(embedded: EmbeddedPostgres) -> Iterator[None]:
    stopped = threading.Event()
    watcher = threading.Thread(target=embedded.watch, args=[stopped])
    watcher.start()
    try:
        yield
    finally:
        stopped.set()
        watcher.join()


def test_made_kept_and_private(home: Path) -> None:
    embedded = EmbeddedPostgres(home / "new" / "home", settings=CARELESS)
    url = embedded.start()
    _ask(url, "CREATE TABLE kept AS SELECT 'São João' AS name")
    assert _ask(url, "SHOW server_encoding") == "UTF8"
    assert _ask(url, "SHOW data_checksums") == "on"
    assert _ask(url, "SHOW listen_addresses") == ""
    assert _ask(url, "SHOW synchronous_commit") == "on"
    assert _ask(url, "SELECT upper('ação')") == "AÇÃO"
    assert (home / "new/home/postgres").stat().st_mode & 0o777 == 0o700
    assert os.getsid(_running_pid(home / "new/home")) != os.getsid(0)  # a terminal's Ctrl-C does not reach it
    embedded.stop()
    assert _pid(home / "new/home") is None
    embedded.stop()  # once more does nothing
    with EmbeddedPostgres(home / "new" / "home", settings=CARELESS) as again:
        assert again == url
        assert _ask(again, "SELECT name FROM kept") == "São João"


def test_commits_are_durable_by_default(home: Path) -> None:
    with EmbeddedPostgres(home) as url:
        assert _ask(url, "SHOW fsync") == "on"
        assert _ask(url, "SHOW full_page_writes") == "on"
        assert _ask(url, "SHOW shared_buffers") == "256MB"
        assert _ask(url, "SHOW max_connections") == "150"


def test_extensions_of_search(home: Path) -> None:
    with EmbeddedPostgres(home, settings=CARELESS) as url:
        _ask(url, "CREATE EXTENSION pg_trgm")
        _ask(url, "CREATE EXTENSION unaccent")
        assert _ask(url, "SELECT unaccent('São João')") == "Sao Joao"


def test_last_one_out_stops_it(home: Path) -> None:
    first, second = User(home), User(home)
    assert first.url() == second.url() != ""
    pid = _running_pid(home)
    first.leave()
    assert _running_pid(home) == pid
    with EmbeddedPostgres(home, settings=CARELESS) as url:
        assert _ask(url) == 1
    assert _running_pid(home) == pid
    second.leave()
    assert _pid(home) is None
    assert not _runs(pid)


def test_first_starts_at_once(home: Path) -> None:
    users = [User(home) for _ in range(4)]
    urls = {user.url() for user in users}
    assert len(urls) == 1
    assert _answers(urls.pop())
    for user in users:
        user.leave()
    assert _pid(home) is None


def test_adopts_what_a_killed_process_left(home: Path) -> None:
    owner = User(home)
    url = owner.url()
    _ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    pid = _running_pid(home)
    owner.kill()
    with EmbeddedPostgres(home, settings=CARELESS) as adopted:
        assert adopted == url
        assert _running_pid(home) == pid
        assert _ask(adopted, "SELECT n FROM kept") == 7
    assert _pid(home) is None


def test_recovers_after_everything_was_killed(home: Path) -> None:
    owner = User(home)
    _ask(owner.url(), "CREATE TABLE kept AS SELECT 7 AS n")
    pid = _running_pid(home)
    owner.kill()
    os.kill(pid, signal.SIGKILL)
    _until(lambda: not _runs(pid))
    with EmbeddedPostgres(home, settings=CARELESS) as url:
        assert _running_pid(home) != pid
        assert _ask(url, "SELECT n FROM kept") == 7


def test_stale_number_of_another_program(home: Path) -> None:
    with EmbeddedPostgres(home, settings=CARELESS):
        lines = (home / "postgres/postmaster.pid").read_text().splitlines()
    account = account_for(home / "postgres")
    uid = account.uid if account else None
    with subprocess.Popen(["sleep", "60"], user=uid) as sleeper:
        (home / "postgres/postmaster.pid").write_text("\n".join([str(sleeper.pid), *lines[1:], ""]))
        with EmbeddedPostgres(home, settings=CARELESS) as url:
            assert _ask(url) == 1
        assert sleeper.poll() is None
        sleeper.kill()


def test_watch_restarts_a_killed_server(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    embedded = EmbeddedPostgres(home, settings=CARELESS)
    url = embedded.start()
    pid = _running_pid(home)
    with psycopg.connect(url, autocommit=True) as busy, _watched(embedded):
        # A backend that is busy does not notice that its server is gone: it must not keep the new one from starting.
        query = threading.Thread(target=_expect_broken, args=[busy])
        query.start()
        time.sleep(0.2)
        os.kill(pid, signal.SIGKILL)
        _until(lambda: _pid(home) not in (None, pid) and _answers(url))
        query.join(timeout=10)
        assert not query.is_alive()
    assert "had died and was started again" in caplog.text
    embedded.stop()
    assert _pid(home) is None


def _expect_broken(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT count(*) FROM generate_series(1, 100000000000)")


def test_another_watcher_takes_over(home: Path) -> None:
    first, second = User(home, "watch"), User(home, "watch")
    url = first.url()
    assert second.url() == url
    first.kill()
    pid = _running_pid(home)
    os.kill(pid, signal.SIGKILL)
    _until(lambda: _pid(home) not in (None, pid) and _answers(url))
    second.leave()
    assert _pid(home) is None


def test_long_and_odd_home(tmp_path: Path) -> None:
    home = tmp_path / ("São João, loja 1 & 2 %20 " * 8) / "balcão"
    with EmbeddedPostgres(home, settings=CARELESS) as url:
        assert _ask(url) == 1
        sockets = Path((home / "postgres/postmaster.pid").read_text().splitlines()[4])
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert sockets != home / "postgres"
    sockets.rmdir()


def test_foreign_socket_folder_is_refused(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    with EmbeddedPostgres(home, settings=CARELESS):
        sockets = Path((home / "postgres/postmaster.pid").read_text().splitlines()[4])
    sockets.chmod(0o777)
    with pytest.raises(EmbeddedPostgresFailed, match="belongs to somebody else"):
        EmbeddedPostgres(home, settings=CARELESS).start()
    assert _pid(home) is None
    sockets.rmdir()


def test_other_major_version_is_refused(home: Path) -> None:
    with EmbeddedPostgres(home, settings=CARELESS):
        pass
    (home / "postgres/PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedPostgresFailed, match=r"made by PostgreSQL 17, and this version embeds 18.*pg_dump"):
        EmbeddedPostgres(home).start()
    (home / "postgres/PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(home, settings=CARELESS) as url:  # the refusal left no lock
        assert _ask(url) == 1


def test_folder_of_something_else_is_refused(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "thesis.txt").write_text("dear")
    with pytest.raises(EmbeddedPostgresFailed, match="not a PostgreSQL data folder"):
        EmbeddedPostgres(home).start()
    assert [file.name for file in (home / "postgres").iterdir()] == ["thesis.txt"]


def test_half_made_folder_is_made_again(home: Path) -> None:
    (home / "postgres.new").mkdir()
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(home, settings=CARELESS) as url:
        assert _ask(url) == 1
    assert not (home / "postgres.new").exists()


def test_home_that_is_a_file(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(EmbeddedPostgresFailed, match="choose another BALCAO_HOME"):
        EmbeddedPostgres(home / "file").start()


def test_failure_to_start_tells_why(home: Path) -> None:
    with pytest.raises(EmbeddedPostgresFailed, match=r"did not start: .*shared_buffers.*postgres\.log"):
        EmbeddedPostgres(home, settings={"shared_buffers": "a lot"}).start()
    with EmbeddedPostgres(home, settings=CARELESS) as url:
        assert _ask(url) == 1


def test_full_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = _stand_in(home, "initdb: error: could not write file: No space left on device")
    monkeypatch.setattr(postgres_programs, "_bin", lambda: programs)
    with pytest.raises(EmbeddedPostgresFailed, match="There is no space left on the disk"):
        EmbeddedPostgres(home / "full").start()
    assert not (home / "full/postgres").exists()


def test_system_without_binaries(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = _stand_in(home, "initdb: /lib/libc.so.6: version GLIBC_2.28 not found")
    monkeypatch.setattr(postgres_programs, "_bin", lambda: programs)
    with pytest.raises(EmbeddedPostgresFailed, match="set DATABASE_URL"):
        EmbeddedPostgres(home / "old").start()
    monkeypatch.undo()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddedPostgresFailed, match="no embedded PostgreSQL for this system: set DATABASE_URL"):
        EmbeddedPostgres(home / "none").start()


def _stand_in(folder: Path, complaint: str) -> Path:
    programs = folder / "bin"
    programs.mkdir()
    (programs / "initdb").write_text(f'#!/bin/sh\necho "{complaint}" >&2\nexit 1\n')
    (programs / "initdb").chmod(0o755)
    return programs


def test_log_is_bounded_and_keeps_no_personal_data(home: Path) -> None:
    embedded = EmbeddedPostgres(home, settings=CARELESS)
    url = embedded.start()
    _ask(url, "CREATE TABLE buyer (email text PRIMARY KEY)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        _ask(url, "INSERT INTO buyer VALUES ('ana@example.com'), ('ana@example.com')")
    log = (home / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "ana@example.com" not in log
    with (home / "postgres.log").open("a") as file:
        file.write("x" * 17 * 1024 * 1024)
    with _watched(embedded):
        _until(lambda: (home / "postgres.log").stat().st_size < 1_000_000)
    assert (home / "postgres.log.1").stat().st_size > 16_000_000
    embedded.stop()


def test_socket_of_a_server_elsewhere(home: Path) -> None:
    """A server of another container on the same folder: not in our process table, but its socket answers."""
    with EmbeddedPostgres(home, settings=CARELESS):
        lines = (home / "postgres/postmaster.pid").read_text().splitlines()
    (home / "postgres/postmaster.pid").write_text("\n".join(["999999999", *lines[1:], ""]))
    with socket.socket(socket.AF_UNIX) as elsewhere:
        elsewhere.bind(str(home / "postgres/.s.PGSQL.5432"))
        elsewhere.listen()
        embedded = EmbeddedPostgres(home)
        embedded.start()
        assert _pid(home) == 999999999
        embedded.stop()
    (home / "postgres/postmaster.pid").unlink()
