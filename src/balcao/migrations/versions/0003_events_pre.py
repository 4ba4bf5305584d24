"""The log in days, so that old ones are dropped whole; marks in it; named consumers."""

from balcao.migrations.plain import run_sql

revision = "0003_events_pre"
down_revision = "0002_jobs_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The log in days, so that old ones are dropped whole; marks in it; named consumers."""
    run_sql("0003_events_pre")
