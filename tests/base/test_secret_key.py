"""The secret key: made once, by whoever is first, for its owner only."""

import threading
from pathlib import Path

import pytest

from balcao.base.errors import Invalid
from balcao.base.secret_key import secret_key
from balcao.base.settings import read_settings


def _settings(home: Path, key: str = "") -> dict[str, str]:
    return {"BALCAO_HOME": str(home), "BALCAO_SECRET_KEY": key}


def test_created_once_and_private(tmp_path: Path) -> None:
    settings = read_settings(_settings(tmp_path / "new" / "home"))
    assert not (tmp_path / "new").exists()  # reading settings touches nothing
    key = secret_key(settings, "token")
    file = tmp_path / "new/home/secret.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text()) == 64
    assert secret_key(settings, "token") == key
    assert len(key) == 32
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]


def test_each_purpose_has_its_own(tmp_path: Path) -> None:
    settings = read_settings(_settings(tmp_path))
    assert secret_key(settings, "token") != secret_key(settings, "partner")


def test_given_key_needs_no_file(tmp_path: Path) -> None:
    key = secret_key(read_settings(_settings(tmp_path, "k" * 32)), "token")
    assert key.hex() == "274e662de1fab5683b44f6ebe978f8be8a31aa5443e2bc93aab43a45c403456d"
    assert list(tmp_path.iterdir()) == []


def test_of_many_creators_all_get_the_same(tmp_path: Path) -> None:
    settings = read_settings(_settings(tmp_path))
    start = threading.Barrier(16)
    keys: set[bytes] = set()

    def create() -> None:
        start.wait()
        keys.add(secret_key(settings, "token"))

    threads = [threading.Thread(target=create) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64])
def test_damaged_file_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(Invalid, match=r"secret\.key .* Set BALCAO_SECRET_KEY"):
        secret_key(read_settings(_settings(tmp_path)), "token")
    assert (tmp_path / "secret.key").read_bytes() == content


def test_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Invalid, match="cannot be used"):
        secret_key(read_settings(_settings(tmp_path / "file" / "home")), "token")
