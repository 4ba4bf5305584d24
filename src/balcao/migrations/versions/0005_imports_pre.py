"""Batches of catalogue, prices, stocks and stores, and what became of their rows."""

from balcao.migrations.plain import run_sql

revision = "0005_imports_pre"
down_revision = "0004_webhooks_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Batches of catalogue, prices, stocks and stores, and what became of their rows."""
    run_sql("0005_imports_pre")
