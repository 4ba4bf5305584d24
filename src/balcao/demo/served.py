"""The demo's server process: `balcao serve` with the settings that the demo hands it, gone when the demo is."""

from balcao import supervise
from balcao.base.settings import read_settings


def main() -> None:
    """Serve until told to stop; `balcao.supervise.child` has put the settings into the environment."""
    supervise.serve(read_settings())
