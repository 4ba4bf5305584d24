"""Stock is read off its key."""

from balcao.migrations.plain import run_sql

revision = "0019_stock_in_key_pre"
down_revision = "0018_product_rows_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Stock is read off its key."""
    run_sql("0019_stock_in_key_pre")
