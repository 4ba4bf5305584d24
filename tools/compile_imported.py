"""Import all that Balcão's processes import, so that Python keeps it compiled: `tools/setup.sh` runs it once.

Where PYTHONDONTWRITEBYTECODE is set, as in many containers, every start would compile a thousand modules otherwise.
"""

import importlib
import sys

from balcao.base.settings import read_settings
from balcao.cli import COMMANDS
from balcao.server import create_app

LATE = ("uvicorn.loops.uvloop", "uvicorn.protocols.http.httptools_impl", "uvicorn.lifespan.on")
"""What uvicorn imports once it knows its settings."""
OTHERS = (
    "balcao.worker",
    "balcao.base.embedded",
    "balcao.base.migrate",
    "alembic.command",
    "sqlalchemy.dialects.postgresql.psycopg",
)


def main() -> None:
    """Import everything; a server imports more while it makes its application."""
    sys.dont_write_bytecode = False
    create_app(read_settings({"DATABASE_URL": "postgresql:///nowhere", "BALCAO_SECRET_KEY": "k" * 32}))
    for place in (*COMMANDS.values(), *LATE, *OTHERS):
        importlib.import_module(place.partition(":")[0])


if __name__ == "__main__":
    main()
