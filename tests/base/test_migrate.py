"""Migrations: all of them, once, one starter at a time."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory

from balcao.base import migrate as migrate_module
from balcao.base.errors import Conflict, Invalid, Unavailable
from balcao.base.migrate import current, migrate, pending, revisions, upgrade


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_from_nothing_to_the_newest(blank_database_url: str) -> None:
    assert current(blank_database_url) is None
    all_of_them = pending(blank_database_url)
    assert all_of_them[0] == "0001_house_pre"
    assert migrate(blank_database_url) == all_of_them
    assert current(blank_database_url) == all_of_them[-1]
    assert pending(blank_database_url) == []
    assert migrate(blank_database_url) == []


def test_starters_at_once_wait_for_each_other(blank_database_url: str) -> None:
    all_of_them = pending(blank_database_url)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(migrate, [blank_database_url] * 4))
    assert sorted(done) == [[], [], [], all_of_them]


def test_newer_database_is_refused(own_database_url: str) -> None:
    _execute(own_database_url, "UPDATE alembic_version SET version_num = '9999_from_the_future'")
    for ask in (migrate, pending):
        with pytest.raises(Conflict, match=r"newer than this program.*9999_from_the_future") as caught:
            ask(own_database_url)
        assert caught.value.code == "database_newer"
    assert current(own_database_url) == "9999_from_the_future"


def test_old_postgresql_is_refused(own_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate_module, "POSTGRES_MIN", 99)
    with pytest.raises(Conflict, match=r"PostgreSQL \d+ is too old: Balcão needs 99 or newer") as caught:
        migrate(own_database_url)
    assert caught.value.code == "database_too_old"


def test_database_that_is_away() -> None:
    with pytest.raises(Unavailable, match="The database cannot be used"):
        migrate("postgresql://balcao@/postgres?host=/nowhere")


def test_url_that_is_none() -> None:
    with pytest.raises(Invalid, match=r"DATABASE_URL is not a PostgreSQL URL .*nonsense"):
        migrate("postgresql://h/d?nonsense=1")


def test_locked_table_makes_it_give_up(blank_database_url: str) -> None:
    # The first migration creates `tenant`; somebody else is just creating it and does not finish.
    with psycopg.connect(blank_database_url) as other:
        other.execute("CREATE TABLE tenant (tenant text)")
        for ask, says in ((migrate, "could not be made"), (upgrade, "had to give up")):
            with pytest.raises(Unavailable, match=rf"{says}: .*lock timeout"):
                ask(blank_database_url)
        other.rollback()
    assert current(blank_database_url) is None
    assert migrate(blank_database_url) != []


def test_a_database_on_the_way_gets_what_it_lacks(blank_database_url: str) -> None:
    first, *later = revisions()
    with psycopg.connect(blank_database_url) as connection:
        connection.execute(files("balcao.migrations").joinpath("sql", f"{first}.sql").read_bytes())
        connection.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES (%s)", (first,))
    assert migrate(blank_database_url) == later
    assert current(blank_database_url) == later[-1]


def test_revisions_are_one_line_in_the_order_of_their_names() -> None:
    scripts = ScriptDirectory(Path(migrate_module.__file__).parents[1] / "migrations")
    assert [script.revision for script in scripts.walk_revisions()][::-1] == revisions()


async def test_says_nothing_when_nothing_is_pending(own_database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert await asyncio.to_thread(migrate, own_database_url) == []
    assert caplog.text == ""
