"""Indexes for every list of orders."""

from balcao.migrations.plain import run_sql

revision = "0012_order_lists_pre"
down_revision = "0011_counts_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Indexes for every list of orders."""
    run_sql("0012_order_lists_pre")
