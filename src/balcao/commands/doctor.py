"""`balcao doctor`: the settings in force, and whether what they name can be used."""

import asyncio
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

import click
import psycopg

from balcao.base import migrate
from balcao.base.errors import BalcaoError
from balcao.base.files import Files
from balcao.base.secret_key import secret_key
from balcao.base.settings import FIELDS, Settings, read_settings, shown_value
from balcao.commands.runtime import data_option, database, say_table


@click.command()
@data_option
def doctor(data: Path | None) -> None:
    """Print the settings and check the database, its tables, the file store and the secret key.

    Exit code 1 when something is wrong. The embedded database is started for it, and left as it is otherwise.
    """
    settings = read_settings(home=data)
    rows = [[field.variable, shown_value(settings, field), field.description] for field in FIELDS]
    say_table(["Setting", "Value", "What it is"], rows)
    click.echo()
    checks = [
        _database(data),
        _check("file store", lambda: _files(settings)),
        _check("secret key", lambda: _key(settings)),
    ]
    if not all(checks):
        sys.exit(1)


def _database(data: Path | None) -> bool:
    try:
        with database(data, ready=False) as settings:
            url = settings.database_url or ""
            return _check("database", lambda: _version(url)) and _check("tables", lambda: _tables(url))
    except BalcaoError as error:
        return _report("database", error.detail, is_fine=False)


def _check(name: str, look: Callable[[], str]) -> bool:
    try:
        return _report(name, look(), is_fine=True)
    except BalcaoError as error:
        return _report(name, error.detail, is_fine=False)


def _report(name: str, what: str, *, is_fine: bool) -> bool:
    mark = click.style("ok", fg="green") if is_fine else click.style("WRONG", fg="red")
    click.echo(f"{mark}  {name}: {what}")
    return is_fine


def _version(url: str) -> str:
    migrate.pending(url)  # raises in our words when it cannot be reached, or is too old
    with psycopg.connect(url, connect_timeout=migrate.CONNECT_TIMEOUT_S) as connection:
        version = connection.info.server_version
    return f"PostgreSQL {version // 10_000}.{version % 10_000}"


def _tables(url: str) -> str:
    missing = migrate.pending(url)
    if missing:
        raise BalcaoError(f"{len(missing)} migrations are pending ({', '.join(missing)}): run `balcao migrate`")
    return f"up to date ({migrate.current(url)})"


def _files(settings: Settings) -> str:
    async def look() -> None:
        files = Files(settings.files_url)
        path = f"doctor-{secrets.token_hex(8)}.txt"  # in no folder, so that nothing is left
        await files.put(path, b"balcao")
        await files.get(path)
        await files.delete(path)

    asyncio.run(look())
    return f"{settings.files_url} can be written and read"


def _key(settings: Settings) -> str:
    secret_key(settings, "doctor")
    return "BALCAO_SECRET_KEY" if settings.secret_key else str(settings.home / "secret.key")
