"""Freight: carriers' limits, versions of tables, rules for free shipping and surcharges."""

from balcao.migrations.plain import run_sql

revision = "0007_freight_pre"
down_revision = "0006_catalogue_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Freight: carriers' limits, versions of tables, rules for free shipping and surcharges."""
    run_sql("0007_freight_pre")
