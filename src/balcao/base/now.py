"""The server's time. The roots and doors ask; verbs are told."""

import time

from balcao.base.values import Micros


def now_us() -> Micros:
    """Now, in whole microseconds since 1970."""
    return Micros(time.time_ns() // 1000)
