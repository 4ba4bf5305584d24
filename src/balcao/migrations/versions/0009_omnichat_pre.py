"""OmniChat: integrations, what they sent, which orders came of it, and how far the log is told."""

from balcao.migrations.plain import run_sql

revision = "0009_omnichat_pre"
down_revision = "0008_stock_ledger_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """OmniChat: integrations, what they sent, which orders came of it, and how far the log is told."""
    run_sql("0009_omnichat_pre")
