"""Picking: what was picked and what could not be; units on display; what needs a person."""

from balcao.migrations.plain import run_sql

revision = "0015_picking_pre"
down_revision = "0014_price_changes_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Picking: what was picked and what could not be; units on display; what needs a person."""
    run_sql("0015_picking_pre")
