"""Why a bench ends without figures."""

from balcao.base.errors import BalcaoError


class BenchFailed(BalcaoError):
    """The detail says what went wrong: a process ended, a request failed, or the data is not what was answered."""

    code = "bench_failed"
