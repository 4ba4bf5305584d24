"""How Alembic reaches the database: one connection, one transaction a migration, with lock and statement timeouts.

A migration that cannot get its lock within five seconds gives up rather than queue every reader of the table behind
itself; a long one says `SET LOCAL statement_timeout` for itself.
"""

from alembic import context
from sqlalchemy import create_engine, pool


def run() -> None:
    """Run the asked-for migrations on the database that `sqlalchemy.url` names."""
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("no sqlalchemy.url in the migration's configuration")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET lock_timeout = '5s'")
        connection.exec_driver_sql("SET statement_timeout = '60s'")
        connection.commit()
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
