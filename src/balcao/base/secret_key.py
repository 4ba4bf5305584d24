"""The installation's secret key, and the keys derived from it for each purpose."""

import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from balcao.base.errors import Invalid
from balcao.base.settings import SECRET_KEY_MIN, Settings


def secret_key(settings: Settings, purpose: str) -> bytes:
    """The 32-byte key for one purpose (`"token"`, `"partner"`, …), and no two share one.

    Made of `BALCAO_SECRET_KEY`, or else of `$BALCAO_HOME/secret.key`, which the first caller creates: only its owner
    may read it, and of two that create it at once both get the same. Raises Invalid when the file cannot be used.
    """
    text = settings.secret_key or _read_or_create(settings.home / "secret.key")
    root = hashlib.sha256(text.encode()).digest()
    return hmac.digest(root, b"balcao/" + purpose.encode(), "sha256")


def _read_or_create(path: Path) -> str:
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create(path)
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, f"cannot be used ({error})") from error
    if len(text) < SECRET_KEY_MIN:
        raise _unusable(path, f"is damaged: it has fewer than {SECRET_KEY_MIN} characters")
    return text


def _create(path: Path) -> None:
    # Written aside and linked into place: nobody ever reads half a key, and the second of two creators
    # keeps the first one's.
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # with mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(aside)
    except FileExistsError:
        pass
    finally:
        Path(aside).unlink()


def _unusable(path: Path, why: str) -> Invalid:
    detail = f"The secret key file {path} {why}. Set BALCAO_SECRET_KEY, or correct BALCAO_HOME."
    return Invalid(detail, errors={"BALCAO_SECRET_KEY": [f"{path} {why}"]}, code="invalid_settings")
