"""Run a command against the system's PostgreSQL: `python tools/system_postgres.py COMMAND …`.

The command finds its address in BALCAO_TEST_DATABASE_URL. When that is set already it runs as it is; else the oldest
PostgreSQL under /usr/lib/postgresql is started in a temporary folder, and stopped and removed afterwards. It is the
lower end of what Balcão supports that matters here: the newest is the embedded one.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "BALCAO_TEST_DATABASE_URL"
INSTALLED = Path("/usr/lib/postgresql")
ACCOUNT = "postgres"
CARELESS = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB -c max_connections=300"
    " -c random_page_cost=1.1"
)
"""Settings of a server whose data nobody will miss, on a disk without heads."""


def main(command: Sequence[str]) -> int:
    """Run the command beside a PostgreSQL, and return how it ended."""
    if os.environ.get(VARIABLE):
        return subprocess.call(command)
    programs = oldest_programs()
    if programs is None:
        sys.stderr.write(f"error: no PostgreSQL under {INSTALLED}: install one, or set {VARIABLE}.\n")
        return 1
    with running(programs) as url:
        sys.stderr.write(f"On {programs}\n")
        return subprocess.call(command, env={**os.environ, VARIABLE: url})


def oldest_programs() -> Path | None:
    """The folder of the oldest installed PostgreSQL's programs."""
    found = {int(folder.parent.name): folder for folder in INSTALLED.glob("[0-9]*/bin") if (folder / "initdb").exists()}
    return found[min(found)] if found else None


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """The URL of a new, empty server on a socket in a temporary folder; gone afterwards."""
    account = pwd.getpwnam(ACCOUNT) if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="balcao-pg-"))
    try:
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        user = ACCOUNT if account else None
        data = folder / "data"
        _run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", user=user)
        options = f"-c listen_addresses= -c unix_socket_directories={folder} {CARELESS}"
        _run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start", user=user)
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop", user=user)
    finally:
        shutil.rmtree(folder)


def _run(*command: str | Path, user: str | None) -> None:
    subprocess.run(command, check=True, user=user, stdout=subprocess.DEVNULL, cwd="/", env={"LC_ALL": "C.UTF-8"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
