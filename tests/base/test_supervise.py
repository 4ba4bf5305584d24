"""`balcao serve` as the system sees it: real processes, real signals, a stand-in for the application."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from balcao.base.embedded import EmbeddedPostgres
from balcao.base.migrate import current

ROOT = Path(__file__).parents[2]
LISTENING = "Balcão is listening on http://127.0.0.1:"


class Serve:
    """A running `balcao serve` of its own home, on a port of its own."""

    def __init__(self, home: Path, *words: str, **env: str) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "tests/base/serve_stand_in.py", home, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": "", **env},
            process_group=0,
        )
        self.port = 0

    def wait_listening(self) -> "Serve":
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith(LISTENING), self.end()[1]
        assert line.endswith(" (Ctrl-C stops)\n")
        self.port = int(line.removeprefix(LISTENING).split()[0])
        return self

    def ask(self, path: str) -> Any:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())

    @contextmanager
    def under_way(self, path: str) -> Iterator[http.client.HTTPResponse]:
        """The answer to a request that is under way: its first bytes have come."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("GET", path)
            with connection.getresponse() as answer:
                assert answer.read(6) == b"begin,"
                yield answer

    def children(self) -> list[psutil.Process]:
        processes = psutil.Process(self.process.pid).children(recursive=True)
        return [process for process in processes if "balcao.supervise.child" in _words(process)]

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, timeout_s: float = 30) -> tuple[int, str]:
        """Its exit code and what it logged."""
        _, errors = self.process.communicate(timeout=timeout_s)
        return self.process.returncode, errors

    def postmaster(self) -> int:
        return int((self.home / "postgres/postmaster.pid").read_text().split()[0])


@pytest.fixture(autouse=True)
def hearing_hang_ups() -> Iterator[None]:
    """Also where the tests themselves run under `nohup`, which is inherited."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Serve]]:
    """Starts `balcao serve`; whatever a test leaves of it is killed."""
    started: list[Serve] = []

    def starting(*words: str, **env: str) -> Serve:
        started.append(Serve(tmp_path, *words, **env))
        return started[-1]

    yield starting
    for serve in started:
        serve.process.kill()
        serve.process.communicate()
    file = tmp_path / "postgres/postmaster.pid"
    if file.exists():
        os.kill(int(file.read_text().split()[0]), signal.SIGKILL)


Start = Callable[..., Serve]


def _until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it ended meanwhile
        return []


def _alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_from_an_empty_folder_to_listening_and_down(start: Start, tmp_path: Path) -> None:
    serve = start("worker").wait_listening()
    facts = serve.ask("/process")
    assert facts["BALCAO_PORT"] == str(serve.port)
    assert facts["BALCAO_HOME"] == str(tmp_path)
    assert current(facts["DATABASE_URL"]) is not None
    _until((tmp_path / "working").exists)
    assert len(serve.children()) == 2
    postmaster = serve.postmaster()

    serve.tell(signal.SIGTERM)
    code, errors = serve.end()
    assert code == 0, errors
    assert (tmp_path / "finished").exists()
    assert (tmp_path / "closed").exists()
    assert not _alive(facts["pid"])
    assert not _alive(postmaster)
    assert not (tmp_path / "postgres/postmaster.pid").exists()


def test_starts_on_an_empty_folder_and_again_on_the_same(start: Start) -> None:
    for _ in range(2):
        serve = start().wait_listening()
        serve.tell(signal.SIGINT)
        assert serve.end()[0] == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_request_under_way_is_answered(
    start: Start, database_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    serve = start(DATABASE_URL=database_url).wait_listening()
    with serve.under_way("/slow") as slow:
        serve.tell(number)
        _until(lambda: _refused(serve.port))  # new callers are turned away meanwhile
        assert json.loads(slow.read())["BALCAO_HOME"] == str(tmp_path)
    assert serve.end()[0] == 0


def _refused(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) != 0


def test_an_endless_answer_ends_itself(start: Start, database_url: str) -> None:
    serve = start(DATABASE_URL=database_url).wait_listening()
    with serve.under_way("/endless") as endless:
        serve.tell(signal.SIGTERM)
        told = time.monotonic()
        assert b"pid" in endless.read()
    assert serve.end()[0] == 0
    assert time.monotonic() - told < 5


def test_ctrl_c_of_a_terminal_reaches_only_the_parent(start: Start, database_url: str) -> None:
    serve = start("worker", DATABASE_URL=database_url).wait_listening()
    with serve.under_way("/slow") as slow:
        os.killpg(serve.process.pid, signal.SIGINT)
        serve.tell(signal.SIGINT)  # make and the like pass it on: that is still the same Ctrl-C
        assert b"pid" in slow.read()
    assert serve.end()[0] == 0


def test_second_ctrl_c_forces(start: Start, tmp_path: Path) -> None:
    serve = start("worker", "work=work_stubbornly").wait_listening()
    _until((tmp_path / "working").exists)
    postmaster = serve.postmaster()
    serve.tell(signal.SIGINT)
    time.sleep(0.7)
    assert serve.process.poll() is None
    serve.tell(signal.SIGINT)
    code, errors = serve.end(timeout_s=5)
    assert code == 1
    assert "the worker process did not stop in time and was killed" in errors
    assert not _alive(postmaster)


def test_children_that_die_are_started_again(start: Start, database_url: str) -> None:
    serve = start("worker", "workers=2", DATABASE_URL=database_url).wait_listening()
    _until(lambda: len(serve.children()) == 3)
    before = {child.pid for child in serve.children()}
    for child in serve.children():
        child.kill()
    _until(lambda: len({child.pid for child in serve.children()} - before) == 3)
    assert serve.ask("/process")["pid"] not in before  # the socket stayed open: callers waited, none was refused
    serve.tell(signal.SIGTERM)
    code, errors = serve.end()
    assert code == 0
    assert errors.count("the server process was killed by SIGKILL") == 2
    assert errors.count("the worker process was killed by SIGKILL") == 1


def test_a_child_that_keeps_dying_is_started_less_often(start: Start, database_url: str) -> None:
    serve = start(DATABASE_URL=database_url).wait_listening()
    for _ in range(3):
        with pytest.raises((http.client.HTTPException, OSError)):
            serve.ask("/exit")
        assert serve.ask("/process")["BALCAO_PORT"] == str(serve.port)
    serve.tell(signal.SIGTERM)
    _, errors = serve.end()
    pauses = [f"the server process ended with exit code 7; next one in {pause} s" for pause in ("0.0", "0.5", "1.0")]
    assert [pause in errors for pause in pauses] == [True, True, True]


def test_children_end_with_a_killed_parent_and_the_next_adopts(start: Start, tmp_path: Path) -> None:
    serve = start("worker").wait_listening()
    _until((tmp_path / "working").exists)
    children = [child.pid for child in serve.children()]
    postmaster = serve.postmaster()
    serve.process.kill()
    serve.end()
    _until(lambda: not any(_alive(pid) for pid in children))
    assert (tmp_path / "finished").exists()  # in order, too
    assert _alive(postmaster)
    again = start().wait_listening()
    assert again.postmaster() == postmaster
    again.tell(signal.SIGTERM)
    assert again.end()[0] == 0
    assert not _alive(postmaster)


def test_a_killed_database_comes_back(start: Start) -> None:
    serve = start().wait_listening()
    postmaster = serve.postmaster()
    url = serve.ask("/process")["DATABASE_URL"]
    os.kill(postmaster, signal.SIGKILL)
    _until(lambda: not _alive(postmaster))
    _until(lambda: (serve.home / "postgres/postmaster.pid").exists() and serve.postmaster() != postmaster)
    with EmbeddedPostgres(serve.home) as joined:
        assert joined == url
        assert current(url) is not None
    serve.tell(signal.SIGTERM)
    code, errors = serve.end()
    assert code == 0
    assert "the embedded PostgreSQL had died and was started again" in errors


def test_stopped_while_starting(start: Start, tmp_path: Path) -> None:
    serve = start("worker")
    _until((tmp_path / "postgres.lock").exists)
    serve.tell(signal.SIGINT)
    code, errors = serve.end()
    assert code == 0, errors
    assert "Traceback" not in errors
    file = tmp_path / "postgres/postmaster.pid"
    assert not file.exists()


def test_given_database_is_migrated_and_left_alone(start: Start, tmp_path: Path, blank_database_url: str) -> None:
    serve = start(DATABASE_URL=blank_database_url).wait_listening()
    assert serve.ask("/process")["DATABASE_URL"] == blank_database_url
    assert current(blank_database_url) is not None
    serve.tell(signal.SIGTERM)
    assert serve.end()[0] == 0
    assert not (tmp_path / "postgres").exists()
    assert current(blank_database_url) is not None


def test_waits_for_a_database_that_is_still_starting(start: Start, tmp_path: Path) -> None:
    embedded = EmbeddedPostgres(tmp_path / "other", settings={"fsync": "off", "shared_buffers": "16MB"})
    url = embedded.start()
    embedded.stop()
    serve = start(DATABASE_URL=url)
    assert serve.process.stderr is not None
    said = next((line for line in serve.process.stderr if "The database cannot be used: " in line), "nothing")
    assert "Trying again." in said
    assert serve.process.poll() is None
    embedded.start()
    serve.wait_listening()
    serve.tell(signal.SIGTERM)
    code, _ = serve.end()
    embedded.stop()
    assert code == 0


def test_nohup_stays_nohup(start: Start, database_url: str) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # which the process inherits
    try:
        serve = start(DATABASE_URL=database_url).wait_listening()
    finally:
        signal.signal(signal.SIGHUP, before)
    serve.tell(signal.SIGHUP)
    time.sleep(0.5)
    assert serve.ask("/process")["DATABASE_URL"] == database_url
    serve.tell(signal.SIGTERM)
    assert serve.end()[0] == 0


def test_metrics_are_shared_by_several_processes(start: Start, database_url: str) -> None:
    serve = start("workers=2", DATABASE_URL=database_url).wait_listening()
    folder = Path(serve.ask("/process")["PROMETHEUS_MULTIPROC_DIR"])
    assert folder.is_dir()
    serve.process.kill()
    serve.end()
    assert folder.is_dir()
    again = start("workers=2", DATABASE_URL=database_url).wait_listening()
    assert not folder.exists()  # the next one sweeps it up
    folder = Path(again.ask("/process")["PROMETHEUS_MULTIPROC_DIR"])
    again.tell(signal.SIGTERM)
    assert again.end()[0] == 0
    assert not folder.exists()


def test_one_process_alone_keeps_its_metrics(start: Start, database_url: str) -> None:
    serve = start(DATABASE_URL=database_url).wait_listening()
    assert serve.ask("/process")["PROMETHEUS_MULTIPROC_DIR"] is None


def test_taken_port(start: Start, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, errors = start(f"port={port}").end()
    assert code == 1
    assert f"Balcão cannot listen on 127.0.0.1:{port} (Address already in use)" in errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_application_that_breaks_while_starting(start: Start, tmp_path: Path) -> None:
    code, errors = start(BREAK_APP="1").end()
    assert code == 1
    assert "the stand-in is told to break" in errors
    assert "The server process ended with exit code 1 while starting; what it said is above." in errors
    assert not (tmp_path / "postgres/postmaster.pid").exists()


def test_settings_that_the_application_refuses(start: Start, database_url: str) -> None:
    code, errors = start("app=break_settings", DATABASE_URL=database_url).end()
    assert code == 1
    assert "balcao: the server cannot start: The stand-in wants other settings." in errors
    assert "Traceback" not in errors
