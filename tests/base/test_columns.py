"""Columns reach PostgreSQL as they are."""

import random
from decimal import Decimal
from uuid import UUID

from balcao.base.columns import Places, array, pair, places_in, places_of
from balcao.base.db import Database
from balcao.base.table import Coded
from balcao.base.values import new_id

ODD = ["", "NULL", "null", None, " x ", '"', "\\", "{a,b}", "ã 日 😀", "\\n", 'a\\"b']
CONTROL = ["a\nb", "\t", "\x01", "\x7f", '\r"\\', "NULL", None, ""]


async def test_any_text_in_an_array(db: Database) -> None:
    chance = random.Random(7)  # noqa: S311
    made = ["".join(chance.choices('ab"\\\n\t,{}é ', k=6)) for _ in range(200)]
    async with db.read() as tx:
        for texts in (ODD, CONTROL, ODD + CONTROL, made, [], [None]):
            assert await tx.fetchval("SELECT $1::text::text[]", array(texts)) == texts


async def test_other_values_in_an_array(db: Database) -> None:
    id_ = new_id()
    async with db.read() as tx:
        assert await tx.fetchval("SELECT $1::text::uuid[]", array([id_, None])) == [id_, None]
        assert await tx.fetchval("SELECT $1::text::boolean[]", array([True, False])) == [True, False]
        amounts = [Decimal("1.50"), Decimal(3), None]
        assert await tx.fetchval("SELECT $1::text::numeric[]::text[]", array(amounts)) == ["1.50", "3", None]
        assert await tx.fetchval("SELECT $1::text::bigint[]", array([-1, 2**62])) == [-1, 2**62]


def test_keys_as_cells() -> None:
    first, second, third = (UUID(int=n) for n in (1, 2, 3))
    assert places_of([third, first, third]) == ([2, 1, 2], [first, third])
    named = places_in({"a": third, "b": first, "A": third, "unused": second}, Coded.of(["a", "b", "A"], str))
    assert named == Places([2, 1, 2], [first, third])
    keys = pair(named, places_of([first, third, second]))
    assert (keys.cells, keys.span, keys.are_distinct) == ([3, 2, 4], 6, True)
    picked = keys.pick([2, 0])
    assert (picked.cells, picked.firsts.places, picked.seconds.places) == ([4, 3], [2, 2], [2, 1])
    assert not pair(named, places_of([first, third, first])).are_distinct
