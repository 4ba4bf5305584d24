"""`balcao demo`: a sample shop that plays whole orders."""

import sys
from pathlib import Path

import click
from rich.console import Console

from balcao.base.settings import read_settings

PORT = 8080


@click.command()
@click.option("--exit", "exits", is_flag=True, help="End once everything was played, instead of staying up.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Port to listen on; another one when it is taken.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the demo's database and files.  [default: $BALCAO_HOME/demo]",
)
def demo(exits: bool, port: int, data: Path | None) -> None:
    """Serve a sample shop, load it, and play whole orders through the API, each party with its own credential.

    Stays up until Ctrl-C. It has a database of its own, whatever DATABASE_URL says, and may be run again and again.

    \b
    Examples:
      balcao demo
      balcao demo --exit
      balcao demo --port 9000 --data ./demo
    """
    from balcao.demo import run_demo

    home = read_settings({}, home=data).home if data is not None else read_settings().home / "demo"
    sys.exit(run_demo(home, port, stays=not exits, console=Console(highlight=False)))
