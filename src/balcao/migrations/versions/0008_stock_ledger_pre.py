"""The ledger of stock, counts with their times, and fewer keys to look after."""

from balcao.migrations.plain import run_sql

revision = "0008_stock_ledger_pre"
down_revision = "0007_freight_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The ledger of stock, counts with their times, and fewer keys to look after."""
    run_sql("0008_stock_ledger_pre")
