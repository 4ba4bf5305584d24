"""The README's first order works as it is written: its commands are run, in its order, against a running server."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import ROOT

BALCAO = Path(sys.executable).with_name("balcao")
ADDRESS = "http://127.0.0.1:8080"
_TRIED = re.compile(r"<!-- tried by the tests -->\n(.*?)<!-- end -->", re.DOTALL)
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the README takes the clone to be: a folder with .venv/bin in it."""
    (tmp_path / "var").mkdir()
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    return tmp_path


@pytest.fixture
def server(folder: Path, port: int) -> Iterator[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("BALCAO_", "DATABASE_URL"))}
    home = folder / "var" / "first-shop"
    with subprocess.Popen(
        [BALCAO, "serve", "--data", home, "--port", str(port)], stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        try:
            assert process.stdout is not None
            assert "is listening on" in process.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="needs curl and bash")
def test_first_order(folder: Path, server: str) -> None:
    tried = _TRIED.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert tried is not None
    script = "\n".join(_BLOCK.findall(tried[1]))
    assert ADDRESS in script
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace(ADDRESS, server)],
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    order = json.loads("{" + done.stdout.rpartition("\n{\n")[2])
    assert order["status"] == 9
    assert [step["status"] for step in order["steps"]] == [1, 2, 20, 7, 9]
    assert order["sellerOrderId"] == "ERP-77"
    assert order["totalAmount"] == 132.3
    assert re.fullmatch(rf"{server}.*/file_\d{{44}}\.pdf\?.*", order["invoice"]["fileUrl"])
