"""Plain SQL files as migrations: `sql/REVISION.sql` holds what revision REVISION does."""

from importlib.resources import files

from alembic import op


def run_sql(revision: str) -> None:
    """Run the statements of `sql/{revision}.sql` in the migration's transaction.

    Sent without parameters, so that a `%` or `:` in the text means itself.
    """
    statements = files("balcao.migrations").joinpath("sql", f"{revision}.sql").read_text("utf-8")
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(statements)
