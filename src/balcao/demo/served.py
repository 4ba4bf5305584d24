"""The demo's server process: `balcao serve` with the settings that the demo hands it, gone when the demo is."""

from balcao.base.settings import read_settings
from balcao.supervise.serve import serve


def main() -> None:
    """Serve until told to stop; `balcao.supervise.child` has put the settings into the environment."""
    serve(read_settings())
