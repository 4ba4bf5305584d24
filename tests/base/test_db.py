"""The database as its callers meet it: exact numbers, clear failures, and mending by itself."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from balcao.base import db as db_module
from balcao.base.db import Database, Tx
from balcao.base.embedded import EmbeddedPostgres
from balcao.base.errors import Conflict, Invalid, Unavailable
from balcao.base.migrate import current

EXACT = ["0.1", "1.10", "0.00000001", "123456789012345678901234567890.123456789", "1E+5", "-0.5", "9007199254740993.1"]


@pytest.fixture
async def table(own_database_url: str) -> AsyncIterator[Database]:
    """A database with `item(name, n)`, holding a = 1 and b = 1, where statements and locks give up soon."""
    connection = await asyncpg.connect(own_database_url)
    await connection.execute("CREATE TABLE item (name text PRIMARY KEY, n int, at json, doc jsonb)")
    await connection.execute("INSERT INTO item VALUES ('a', 1), ('b', 1)")
    await connection.close()
    database = await Database.open(own_database_url, 4)
    yield database
    await database.close()


@pytest.mark.parametrize("text", EXACT)
async def test_decimals_are_exact_through_json(table: Database, text: str) -> None:
    document = {"price": Decimal(text), "lines": [Decimal(text), 7, None, True, "São João"]}
    async with table.transaction() as tx:
        await tx.execute("UPDATE item SET doc = $1::jsonb, at = $2::json WHERE name = 'a'", document, document)
    async with table.read() as connection:
        row = await connection.fetchrow("SELECT doc, at, (doc->'price')::numeric AS price FROM item WHERE name = 'a'")
    assert row is not None
    assert row["doc"] == row["at"] == document
    assert row["price"] == Decimal(text)
    assert not isinstance(row["doc"]["price"], float)


async def test_big_whole_numbers_stay_whole(db: Database) -> None:
    async with db.read() as connection:
        value = await connection.fetchval("SELECT $1::jsonb", 2**70)
    assert value == 2**70
    assert isinstance(value, int)


async def test_session_settings(db: Database) -> None:
    async with db.transaction() as tx:
        shown = {name: await tx.fetchval("SELECT current_setting($1)", name) for name in db_module.SESSION}
    assert shown == {
        "application_name": "balcao",
        "timezone": "UTC",
        "default_transaction_isolation": "read committed",
        "jit": "off",
        "statement_timeout": "30s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "1min",
    }


async def test_an_exception_undoes_the_transaction(table: Database) -> None:
    with pytest.raises(Conflict):
        await _change_then_refuse(table)
    assert await _numbers(table) == {"a": 1, "b": 1}


async def _change_then_refuse(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute("UPDATE item SET n = 99")
        raise Conflict("No.")


@pytest.mark.parametrize("value", ["nul \x00 character", "half a \ud800 pair"])
async def test_text_that_cannot_be_stored_is_invalid(table: Database, value: str) -> None:
    with pytest.raises(Invalid) as caught:
        async with table.transaction() as tx:
            await tx.execute("UPDATE item SET name = $1 WHERE name = 'a'", value)
    assert caught.value.code == "unstorable_value"
    with pytest.raises(Invalid):
        async with table.transaction() as tx:
            await tx.execute("UPDATE item SET doc = $1 WHERE name = 'a'", {"text": value})
    assert await _numbers(table) == {"a": 1, "b": 1}


@pytest.mark.parametrize("value", [2**31, "seven"])
async def test_number_out_of_range_is_invalid(table: Database, value: object) -> None:
    with pytest.raises(Invalid):
        async with table.transaction() as tx:
            await tx.execute("UPDATE item SET n = $1", value)
    assert await _numbers(table) == {"a": 1, "b": 1}


async def test_mistakes_of_ours_stay_what_they_are(table: Database) -> None:
    with pytest.raises(asyncpg.UndefinedColumnError):
        await table.run(lambda tx: tx.execute("SELECT nothing FROM item"))
    with pytest.raises(asyncpg.InterfaceError, match="expects 1 argument"):
        await table.run(lambda tx: tx.execute("SELECT $1::int", 1, 2))
    with pytest.raises(asyncpg.UniqueViolationError):
        await table.run(lambda tx: tx.execute("INSERT INTO item VALUES ('a', 2)"))


async def test_run_retries_a_deadlock(table: Database) -> None:
    attempts: list[str] = []
    both_hold_one = asyncio.Barrier(2)

    async def change(tx: Tx, first: str, second: str) -> str:
        attempts.append(first)
        await tx.execute("SET LOCAL deadlock_timeout = '50ms'")
        await tx.execute("UPDATE item SET n = n + 1 WHERE name = $1", first)
        if len(attempts) <= 2:
            await both_hold_one.wait()
        await tx.execute("UPDATE item SET n = n + 1 WHERE name = $1", second)
        return first

    done = await asyncio.gather(table.run(lambda tx: change(tx, "a", "b")), table.run(lambda tx: change(tx, "b", "a")))
    assert [*done] == ["a", "b"]
    assert len(attempts) == 3
    assert await _numbers(table) == {"a": 3, "b": 3}


async def test_run_gives_up_after_three_retries(table: Database) -> None:
    attempts = 0

    async def unlucky(tx: Tx) -> None:
        nonlocal attempts
        attempts += 1
        await tx.execute("UPDATE item SET n = 99")
        await tx.execute("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")

    with pytest.raises(Unavailable):
        await table.run(unlucky)
    assert attempts == 4
    assert await _numbers(table) == {"a": 1, "b": 1}


async def test_transaction_does_not_retry_but_tells(table: Database) -> None:
    with pytest.raises(Unavailable) as caught:
        async with table.transaction() as tx:
            await tx.execute("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")
    assert caught.value.retry_after_s == 1


@pytest.mark.parametrize("setting", ["lock_timeout", "statement_timeout"])
async def test_waiting_too_long_for_a_lock_is_unavailable(table: Database, setting: str) -> None:
    async with table.transaction() as holder:
        await holder.execute("UPDATE item SET n = 2 WHERE name = 'a'")
        with pytest.raises(Unavailable, match="too busy"):
            await table.run(partial(_impatient, setting=setting))
    assert await _numbers(table) == {"a": 2, "b": 1}


async def _impatient(tx: Tx, setting: str) -> None:
    await tx.execute(f"SET LOCAL {setting} = '50ms'")
    await tx.execute("UPDATE item SET n = 3 WHERE name = 'a'")


async def test_settings_of_a_transaction_end_with_it(own_database_url: str) -> None:
    database = await Database.open(own_database_url, 1)
    async with database.transaction() as tx:
        await tx.execute("SET LOCAL lock_timeout = '50ms'")
    async with database.read() as connection:
        assert await connection.fetchval("SHOW lock_timeout") == "10s"
    await database.close()


async def test_full_pool_is_unavailable(own_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_module, "ACQUIRE_TIMEOUT_S", 0.1)
    database = await Database.open(own_database_url, 1)
    async with database.read() as held:
        with pytest.raises(Unavailable, match="too busy"):
            async with database.transaction():
                pytest.fail("got a second connection of one")
        assert await held.fetchval("SELECT 1") == 1
    async with database.read() as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await database.close()


async def test_a_database_that_does_not_answer_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_module, "ACQUIRE_TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = await Database.open(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none", 1)
        with pytest.raises(Unavailable, match="not available"):
            async with database.read():
                pytest.fail("got a connection to nothing")
        await database.close()


async def test_cancelled_work_leaves_the_pool_whole(own_database_url: str) -> None:
    database = await Database.open(own_database_url, 1)
    sleeping = asyncio.create_task(database.run(lambda tx: tx.execute("SELECT pg_sleep(30)")))
    await asyncio.sleep(0.1)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT 1") == 1
    await database.close()


async def test_cut_connections_are_unavailable_once(table: Database, postgres_url: str) -> None:
    async with table.read() as connection:
        assert await connection.fetchval("SELECT 1") == 1
    with pytest.raises(Unavailable):
        await table.run(partial(_cut_off, postgres_url=postgres_url))
    assert await _numbers(table) == {"a": 1, "b": 1}


async def _cut_off(tx: Tx, postgres_url: str) -> None:
    other = await asyncpg.connect(postgres_url)
    await other.execute("SELECT pg_terminate_backend($1)", await tx.fetchval("SELECT pg_backend_pid()"))
    await other.close()
    await tx.execute("SELECT 1")


async def test_closed_pool_is_unavailable(own_database_url: str) -> None:
    database = await Database.open(own_database_url)
    await database.close()
    with pytest.raises(Unavailable):
        async with database.transaction():
            pytest.fail("a closed pool gave a connection")
    assert not await database.ready()


async def test_mends_after_the_server_was_killed(tmp_path: Path) -> None:
    embedded = EmbeddedPostgres(tmp_path, settings={"shared_buffers": "16MB"})
    url = await asyncio.to_thread(embedded.start)
    database = await Database.open(url, 2)
    await database.run(lambda tx: tx.execute("CREATE TABLE kept AS SELECT 7 AS n"))
    assert await database.ready()

    os.kill(int((tmp_path / "postgres/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    await _until_ready(database, False)
    assert not await database.ready()
    with pytest.raises(Unavailable) as caught:
        await database.run(lambda tx: tx.execute("SELECT 1"))
    assert caught.value.retry_after_s == 1

    stopped = threading.Event()
    watcher = threading.Thread(target=embedded.watch, args=[stopped])
    watcher.start()
    await _until_ready(database, True)
    assert await database.run(lambda tx: tx.fetchval("SELECT n FROM kept")) == 7
    stopped.set()
    watcher.join()
    await database.close()
    await asyncio.to_thread(embedded.stop)


async def _until_ready(database: Database, ready: bool) -> None:
    async with asyncio.timeout(20):
        while await database.ready() is not ready:  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.02)


async def test_opens_while_the_database_is_away(tmp_path: Path) -> None:
    database = await Database.open(f"postgresql://balcao@/postgres?host={tmp_path}")
    assert not await database.ready()
    with pytest.raises(Unavailable):
        async with database.read():
            pytest.fail("connected to nothing")
    await database.close()


async def test_each_test_gets_empty_migrated_tables(db: Database, database_url: str) -> None:
    assert await asyncio.to_thread(current, database_url) is not None
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO tenant VALUES ('left-behind', 'Left behind', 1)")


async def test_and_so_does_the_next(db: Database) -> None:
    async with db.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM tenant") == 0


async def _numbers(database: Database) -> dict[str, int]:
    async with database.read() as connection:
        return {row["name"]: row["n"] for row in await connection.fetch("SELECT name, n FROM item")}
