"""Wrong attempts of late, by client id and address: guessing a secret is slowed, others are not."""

import math
from collections import deque
from typing import Final

from balcao.base.errors import TooMany
from balcao.base.values import Micros

FAILURES_MAX: Final = 20
WINDOW_S: Final = 60
REMEMBERED_MAX: Final = 10_000


class Failures:
    """Counts the failures of each (client id, address) within the last minute, in this process."""

    def __init__(self) -> None:
        self._failed: dict[tuple[str, str], deque[Micros]] = {}

    def check(self, client_id: str, address: str, now: Micros) -> None:
        """Raise TooMany when this client id failed too often from this address within the last minute."""
        failed = self._recent(client_id, address, now)
        if len(failed) >= FAILURES_MAX:
            wait_s = math.ceil((failed[0] + WINDOW_S * 1_000_000 - now) / 1_000_000)
            raise TooMany("Too many wrong attempts; try again later.", retry_after_s=max(wait_s, 1))

    def note(self, client_id: str, address: str, now: Micros) -> None:
        """Count one failure."""
        failed = self._recent(client_id, address, now)
        failed.append(now)
        key = _key(client_id, address)
        self._failed.pop(key, None)
        while len(self._failed) >= REMEMBERED_MAX:
            del self._failed[next(iter(self._failed))]  # the one that failed longest ago
        self._failed[key] = failed

    def _recent(self, client_id: str, address: str, now: Micros) -> deque[Micros]:
        failed = self._failed.get(_key(client_id, address)) or deque(maxlen=FAILURES_MAX)
        while failed and failed[0] <= now - WINDOW_S * 1_000_000:
            failed.popleft()
        return failed


def _key(client_id: str, address: str) -> tuple[str, str]:
    # Anything may come as a client id: no more of it is remembered than one of ours is long.
    return client_id[:64], address
