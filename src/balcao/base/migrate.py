"""Bring a database's tables up to date: Alembic as the runner, one runner at a time.

An empty database gets the tables as the migrations leave them in one go, from `migrations/schema.sql`: a tenth of the
time, however many migrations there are, and without loading their runner. Tests hold that both ways lead to the same.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict

from balcao.base.errors import Conflict, Invalid, Unavailable

if TYPE_CHECKING:
    from alembic.config import Config

POSTGRES_MIN = 15
CONNECT_TIMEOUT_S = 10
WAIT_MAX = "15min"
"""How long a starter waits for another one's migrations; longer than any of them may take."""
_NOTE = """
    CREATE TABLE alembic_version (
        version_num varchar(32) NOT NULL,
        CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
    )
"""
_DAYS = """
    DO $$
    DECLARE
        day_us  constant bigint := 86400000000;
        today   constant bigint := floor(extract(epoch FROM clock_timestamp()) / 86400);
    BEGIN
        FOR day IN today .. today + 7 LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF event FOR VALUES FROM (%s) TO (%s)',
                           'event_' || to_char(date '1970-01-01' + day::integer, 'YYYYMMDD'),
                           day * day_us, (day + 1) * day_us);
        END LOOP;
    END $$
"""
"""Today's part of the log and a week's: they come with time, so the committed schema does not hold them."""
_LOCK = 0x62616C63616F  # "balcao"


def migrate(url: str) -> list[str]:
    """Run what is pending and return its revisions, oldest first; those who start at once wait for each other.

    Each migration is its own transaction with lock and statement timeouts, so a failure keeps those before it; in an
    empty database all of them together are one. Raises
    Conflict when PostgreSQL is too old or the database is newer than this program, Invalid for a URL that is none,
    and Unavailable when the database cannot be reached or a migration could not get its locks.
    """
    with _connection(url) as connection:
        if not _missing(connection):
            return []
        connection.execute(f"SET lock_timeout = '{WAIT_MAX}'")
        connection.execute("SET statement_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        missing = _missing(connection)
        if missing and _current(connection) is None:
            _make(connection, missing[-1])
        elif missing:
            upgrade(url)
        return missing


def pending(url: str) -> list[str]:
    """The revisions that `migrate` would run, oldest first. Changes nothing; raises as `migrate`."""
    with _connection(url) as connection:
        return _missing(connection)


def current(url: str) -> str | None:
    """The database's revision, or None before the first migration."""
    with _connection(url) as connection:
        return _current(connection)


@contextmanager
def _connection(url: str) -> Iterator[psycopg.Connection]:
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        message = f"is not a PostgreSQL URL ({error})"
        raise Invalid(f"DATABASE_URL {message}", errors={"DATABASE_URL": [message]}) from error
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
            _check_version(connection)
            yield connection
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database cannot be used: {error}", retry_after_s=1) from error


def _check_version(connection: psycopg.Connection) -> None:
    version = connection.info.server_version // 10_000
    if version < POSTGRES_MIN:
        raise Conflict(
            f"PostgreSQL {version} is too old: Balcão needs {POSTGRES_MIN} or newer.", code="database_too_old"
        )


def _current(connection: psycopg.Connection) -> str | None:
    if not _one(connection, "SELECT to_regclass('alembic_version') IS NOT NULL"):
        return None
    revision = _one(connection, "SELECT version_num FROM alembic_version")
    return None if revision is None else str(revision)


def _one(connection: psycopg.Connection, query: LiteralString) -> object:
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def _missing(connection: psycopg.Connection) -> list[str]:
    now = _current(connection)
    known = revisions()
    if now is None:
        return known
    if now not in known:
        raise Conflict(
            f"The database is newer than this program, which does not know its revision {now}. "
            "Install the version that migrated it, or a newer one.",
            code="database_newer",
        )
    return known[known.index(now) + 1 :]


def upgrade(url: str) -> None:
    """Run every migration that the database lacks, one after the other, in an empty one too; raises Unavailable.

    For `migrate`, which has checked and locked the database, and for whoever compares both ways.
    """
    from alembic import command
    from sqlalchemy import URL, exc

    # Everything that libpq knows (several hosts, sockets, certificates) goes through as the driver's own
    # arguments.
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    target = URL.create(
        "postgresql+psycopg",
        username=parts.pop("user", None),
        password=parts.pop("password", None),
        database=parts.pop("dbname", None),
        query=parts,
    )
    try:
        command.upgrade(_config(target.render_as_string(hide_password=False)), "head")
    except exc.OperationalError as error:
        raise Unavailable(f"A migration had to give up: {error.orig}", retry_after_s=5) from error


def revisions() -> list[str]:
    """All that this program knows, oldest first: the names of the migrations' files say their order."""
    folder = files("balcao.migrations").joinpath("sql")
    return sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql"))


def _make(connection: psycopg.Connection, newest: str) -> None:
    """Everything at once, with Alembic's own note of how far the database is."""
    tables = files("balcao.migrations").joinpath("schema.sql").read_bytes()
    try:
        with connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '5s'")
            connection.execute(tables)
            connection.execute(_DAYS)
            connection.execute(_NOTE)
            connection.execute("INSERT INTO alembic_version VALUES (%s)", (newest,))
    except psycopg.OperationalError as error:
        raise Unavailable(f"The tables could not be made: {error}", retry_after_s=5) from error


def _config(url: str) -> "Config":
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of its plugins; our caller tells of revisions
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "balcao:migrations")
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))  # else it interpolates
    return config
