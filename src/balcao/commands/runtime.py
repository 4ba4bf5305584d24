"""What commands share: the option `--data`, the settings, and the database, embedded or not, while they run."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec

from balcao.base.db import Database, Tx
from balcao.base.errors import Conflict
from balcao.base.migrate import migrate, pending
from balcao.base.settings import Settings, read_settings

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

ACTOR: Final = "cli"
"""Who acts, in the log of events."""


def data_option(command: F) -> F:
    """Adds `--data DIR`, which arrives as the parameter `data`."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Folder of the embedded database, files and secret key, in place of $BALCAO_HOME.",
    )(command)


@contextmanager
def database(data: Path | None, *, ready: bool = True) -> Iterator[Settings]:
    """Settings whose `database_url` can be used while the block runs: the embedded database is started or joined.

    `ready`: with its tables in place. Those of the embedded database are made as needed; for one of DATABASE_URL
    that is somebody's decision, and Conflict says so.
    """
    settings = read_settings(home=data)
    if settings.database_url is not None:
        if ready:
            _require_migrated(settings.database_url)
        yield settings
        return
    from balcao.base.embedded import EmbeddedPostgres

    with EmbeddedPostgres(settings.home) as url:
        if ready:
            migrate(url)
        yield msgspec.structs.replace(settings, database_url=url)


def write(data: Path | None, work: Callable[[Tx], Awaitable[T]]) -> T:
    """What `work` gives in one committed transaction."""
    return _run(data, lambda db: db.run(work))


def use(data: Path | None, work: Callable[[Database], Awaitable[T]]) -> T:
    """What `work` gives, with a few connections."""
    return _run(data, work, size=6)


def read(data: Path | None, work: Callable[[Tx], Awaitable[T]]) -> T:
    """What `work` reads."""

    async def reading(db: Database) -> T:
        async with db.read() as tx:
            return await work(tx)

    return _run(data, reading)


def say_json(document: Any) -> None:
    """Print the document as JSON, for programs."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def say_table(heads: list[str], rows: list[list[Any]]) -> None:
    """Print rows under their heads, in columns as wide as they need."""
    lines = [heads, *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)


def _run(data: Path | None, work: Callable[[Database], Awaitable[T]], size: int = 1) -> T:
    async def running(url: str) -> T:
        db = await Database.open(url, size=size)
        try:
            return await work(db)
        finally:
            await db.close()

    with database(data) as settings:
        return asyncio.run(running(settings.database_url or ""))


def _require_migrated(url: str) -> None:
    missing = pending(url)
    if missing:
        raise Conflict(f"The database lacks {len(missing)} migrations: run `balcao migrate` first.")
