"""The servers under measurement: `balcao serve` without the worker, and the bare answer behind the same processes.

`balcao.supervise.child` puts the settings into the environment and ends them with the bench.
"""

from balcao.base.settings import read_settings
from balcao.supervise.serve import serve


def house() -> None:
    """Serve Balcão until told to stop."""
    serve(read_settings(), with_worker=False)


def bare() -> None:
    """Serve the bare answer until told to stop."""
    serve(read_settings(), with_worker=False, app="balcao.bench.bare:create_app")
