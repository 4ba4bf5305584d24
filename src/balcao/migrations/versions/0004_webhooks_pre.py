"""Webhooks: their bookmarks in the log, the queue of deliveries, the delivery log."""

from balcao.migrations.plain import run_sql

revision = "0004_webhooks_pre"
down_revision = "0003_events_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Webhooks: their bookmarks in the log, the queue of deliveries, the delivery log."""
    run_sql("0004_webhooks_pre")
