"""`balcao import`: spreadsheets in."""

from collections.abc import Mapping
from typing import Final

import click

from balcao.commands.late import LateGroup

COMMANDS: Final[Mapping[str, str]] = {
    "products": "balcao.commands.import_rows:import_products",
    "prices": "balcao.commands.import_rows:import_prices",
    "stocks": "balcao.commands.import_rows:import_stocks",
    "sellers": "balcao.commands.import_rows:import_sellers",
    "freight": "balcao.commands.import_freight:import_freight",
}
"""Where each kind of import lives."""


@click.group("import", cls=LateGroup, places=COMMANDS)
def import_() -> None:
    """Load spreadsheets, CSV or XLSX."""
