"""Statements that go together are parts of one: each with its own arguments and reader."""

from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from balcao.base.db import Database
from balcao.base.statements import Statement, rows_of, run, run_all


class Row(msgspec.Struct, frozen=True):
    number: int
    amount: Decimal | None = None
    id: UUID | None = None


NUMBERS = Statement(
    "SELECT n AS number FROM unnest($1::int[]) n WHERE n > $2 ORDER BY n DESC", ([3, 1, 2], 1), rows_of(Row)
)
MONEY = Statement(
    "SELECT $1::int AS number, $2::numeric AS amount, $3::uuid AS id", (7, Decimal("10.50"), UUID(int=5)), rows_of(Row)
)


async def test_one_alone(db: Database) -> None:
    async with db.read() as tx:
        assert await run(tx, NUMBERS) == [Row(3), Row(2)]
        assert await run(tx, MONEY) == [Row(7, Decimal("10.50"), UUID(int=5))]


async def test_the_reader_of_no_rows_gets_an_empty_list(db: Database) -> None:
    async with db.read() as tx:
        assert await run(tx, Statement("SELECT 1 AS number WHERE $1", (False,), rows_of(Row))) == []


async def test_each_has_its_own_arguments(db: Database) -> None:
    doubled = NUMBERS.then(lambda rows: [2 * row.number for row in rows])
    async with db.read() as tx:
        money, numbers, again = await run_all(tx, MONEY, doubled, MONEY)
    assert money == again == [Row(7, Decimal("10.50"), UUID(int=5))]
    assert numbers == [6, 4]


async def test_more_than_nine_arguments(db: Database) -> None:
    many = Statement(f"SELECT {' + '.join(f'${n}::int' for n in range(1, 13))} AS number", range(1, 13), rows_of(Row))
    async with db.read() as tx:
        assert await run_all(tx, many, many) == ([Row(78)], [Row(78)])


async def test_writes_happen_whether_or_not_they_give_something(db: Database) -> None:
    put: Statement[None] = Statement(
        "INSERT INTO t SELECT $1::int", (1,), beside=(("also", "INSERT INTO t SELECT $1 + 1"),)
    )
    gone = Statement("DELETE FROM u WHERE n = $1 RETURNING n AS number", (5,), rows_of(Row))
    seen = Statement("SELECT count(*) AS number FROM t", (), rows_of(Row))
    async with db.transaction() as tx:
        await tx.execute("CREATE TEMPORARY TABLE t (n int) ON COMMIT DROP")
        await tx.execute("CREATE TEMPORARY TABLE u ON COMMIT DROP AS SELECT 5 AS n")
        assert await run_all(tx, put, gone, seen) == (None, [Row(5)], [Row(0)])
        assert await run(tx, seen) == [Row(2)]
        await run(tx, put)
        assert await run(tx, seen) == [Row(4)]
        assert await tx.fetchval("SELECT count(*) FROM u") == 0


async def test_what_gives_nothing_cannot_be_read_on() -> None:
    with pytest.raises(TypeError, match="gives nothing"):
        Statement("SELECT 1", ()).then(len)
