"""What each price became, when and by whom."""

from balcao.migrations.plain import run_sql

revision = "0014_price_changes_pre"
down_revision = "0013_order_terms_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What each price became, when and by whom."""
    run_sql("0014_price_changes_pre")
