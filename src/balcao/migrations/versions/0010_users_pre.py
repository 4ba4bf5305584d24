"""People who use the console, who is logged in, and attempts to."""

from balcao.migrations.plain import run_sql

revision = "0010_users_pre"
down_revision = "0009_omnichat_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """People who use the console, who is logged in, and attempts to."""
    run_sql("0010_users_pre")
