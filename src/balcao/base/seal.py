"""Secrets that we must be able to read again (partners', webhooks'), encrypted while they are kept."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken

from balcao.base.errors import Unavailable
from balcao.base.secret_key import secret_key
from balcao.base.settings import Settings


class Seal:
    """Encrypts for one purpose, with a key derived from the installation's."""

    def __init__(self, settings: Settings, purpose: str) -> None:
        self._fernet = Fernet(urlsafe_b64encode(secret_key(settings, purpose)))

    def close(self, secret: str) -> bytes:
        """The secret encrypted, different each time."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret; raises Unavailable when it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise Unavailable(
                "A kept secret cannot be read: BALCAO_SECRET_KEY is not the one it was kept with."
            ) from error
