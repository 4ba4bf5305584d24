"""Rewrite the committed schema: `python tools/write_schema.py` migrates an empty database and writes what it holds."""

import asyncio
import tempfile
from pathlib import Path

import asyncpg
from schema_text import schema_text

from balcao.base.embedded import EmbeddedPostgres
from balcao.base.migrate import upgrade

SCHEMA = Path(__file__).resolve().parent.parent / "src" / "balcao" / "migrations" / "schema.sql"


async def _read(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return await schema_text(connection)
    finally:
        await connection.close()


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as url:
        upgrade(url)
        SCHEMA.write_text(asyncio.run(_read(url)), encoding="utf-8")


if __name__ == "__main__":
    main()
