"""What orders are searched by."""

from balcao.migrations.plain import run_sql

revision = "0013_order_terms_pre"
down_revision = "0012_order_lists_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What orders are searched by."""
    run_sql("0013_order_terms_pre")
