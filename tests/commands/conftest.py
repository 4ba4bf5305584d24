"""The command `balcao`, in a process's shoes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from balcao import cli


class Balcao:
    """`balcao …` with an environment."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env

    def __call__(self, *words: str) -> Result:
        # Commands have an event loop of their own, so they run in a thread of their own.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(CliRunner().invoke, cli.main, words, env=self.env, prog_name="balcao").result()

    def fine(self, *words: str) -> str:
        result = self(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *words: str, code: int = 1) -> str:
        result = self(*words)
        assert (result.exit_code, result.stdout) == (code, "")
        assert "Traceback" not in result.stderr
        return result.stderr


@pytest.fixture
def balcao(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Balcao:
    for name in ("BALCAO_HOME", "BALCAO_SECRET_KEY", "BALCAO_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    return Balcao({"DATABASE_URL": database_url, "BALCAO_HOME": str(tmp_path)})
