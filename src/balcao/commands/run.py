"""`balcao serve`, `balcao worker`, `balcao migrate`: what keeps running, and what must have run before."""

from pathlib import Path

import click

from balcao.base import migrate as migrations
from balcao.base.lighten import lighten, settle
from balcao.base.settings import read_settings
from balcao.commands.runtime import data_option, database


@click.command()
@click.option("--host", help="Address to listen on. [default: $BALCAO_HOST or 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on. [default: $BALCAO_PORT or 8080]")
@click.option(
    "--workers", type=click.IntRange(0, 256), help="Server processes. [default: $BALCAO_WORKERS, or one a processor]"
)
@click.option("--no-worker", is_flag=True, help="No background jobs here: `balcao worker` runs elsewhere.")
@data_option
def serve(host: str | None, port: int | None, workers: int | None, no_worker: bool, data: Path | None) -> None:
    """Serve the API and the console, and do the background jobs.

    Uses the database of DATABASE_URL, or the embedded one, and brings its tables up to date first.

    \b
    Examples:
      balcao serve
      balcao serve --data ./shop --port 9000 --workers 4
      DATABASE_URL=postgresql://… balcao serve --no-worker
    """
    lighten()
    from balcao.supervise.serve import serve as keep_serving

    settle()
    keep_serving(read_settings(home=data, host=host, port=port, workers=workers), with_worker=not no_worker)


@click.command()
@data_option
def worker(data: Path | None) -> None:
    """Do the background jobs, until SIGTERM or Ctrl-C.

    Any number of workers may run beside `balcao serve --no-worker`.
    """
    from balcao.worker import main

    with database(data, ready=False) as settings:
        main(settings)


@click.command()
@data_option
def migrate(data: Path | None) -> None:
    """Bring the database's tables up to date. Safe to run again, and while servers run."""
    with database(data, ready=False) as settings:
        done = migrations.migrate(settings.database_url or "")
    for revision in done:
        click.echo(f"{revision}  done")
    click.echo(f"{len(done)} migrations run." if done else "Nothing to do: the tables are up to date.")
