"""The database seen through its callers' eyes."""

from balcao.base.db import Database


async def test_ready(db: Database) -> None:
    assert await db.ready()


async def test_ready2(db: Database) -> None:
    assert await db.ready()
