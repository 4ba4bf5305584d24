"""The background jobs' own tables, as PgQueuer 1.6 asks for them."""

from balcao.migrations.plain import run_sql

revision = "0002_jobs_pre"
down_revision = "0001_house_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The background jobs' own tables, as PgQueuer 1.6 asks for them."""
    run_sql("0002_jobs_pre")
