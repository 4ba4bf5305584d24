"""The friendly code as the database makes it is the one that the rule says."""

import pytest

from balcao.base.db import Database
from balcao.orders.rules.friendly import friendly_code
from balcao.orders.store.codes import FRIENDLY_CODE


@pytest.mark.parametrize("first", [1, 77_777, 2**31 - 100, 2**35 - 150, 2**50 + 1])
async def test_codes_of_a_batch_are_those_of_its_numbers(db: Database, first: int) -> None:
    """The largest batch's, across the end of 32 bits and of the codes' own space."""
    async with db.read() as tx:
        rows = await tx.fetch(
            f"""
            WITH clock AS (SELECT $1::bigint AS seq)
            SELECT {FRIENDLY_CODE.format("n")} AS code FROM generate_series(0::bigint, 255) AS n ORDER BY n
            """,  # noqa: S608 (constants)
            first,
        )
    assert [row["code"] for row in rows] == [friendly_code(first + n) for n in range(256)]
