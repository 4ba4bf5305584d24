"""Which Python set-up takes: new enough, able to make environments, and of those one built with its optimizations."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.house.source import ROOT

FAKE = """#!/bin/sh
case "$2" in
*enable-optimizations*) exit {slow} ;;
*ensurepip*) exit {bare} ;;
*version_info*) exit {old} ;;
esac
exit 9
"""


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        (["fast"], "fast"),
        (["slow", "fast"], "fast"),
        (["slow", "other-slow"], "slow"),
        (["old", "bare", "slow"], "slow"),
        (["absent", "fast", "slow"], "fast"),
    ],
)
def test_takes(tmp_path: Path, offered: list[str], taken: str) -> None:
    found = _ask(tmp_path, offered)
    assert (found.returncode, found.stdout.strip()) == (0, str(tmp_path / taken))


@pytest.mark.parametrize(
    ("offered", "told"),
    [(["old", "absent"], "needs Python 3.11 or newer"), (["old", "bare"], "cannot make environments: install")],
)
def test_says_what_is_missing(tmp_path: Path, offered: list[str], told: str) -> None:
    found = _ask(tmp_path, offered)
    assert found.returncode == 1
    assert told in found.stderr


def _ask(folder: Path, offered: list[str]) -> subprocess.CompletedProcess[str]:
    for name in ("fast", "slow", "other-slow", "bare", "old"):
        fake = folder / name
        fake.write_text(FAKE.format(slow=int("slow" in name), bare=int(name == "bare"), old=int(name == "old")))
        fake.chmod(0o755)
    env = {**os.environ, "PYTHON": " ".join(str(folder / name) for name in offered)}
    command = ["sh", "tools/setup.sh", "python"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
