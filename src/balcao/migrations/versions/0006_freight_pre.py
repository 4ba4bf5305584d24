"""Freight: carriers' limits, versions of tables, rules for free shipping and surcharges."""

from balcao.migrations.plain import run_sql

revision = "0006_freight_pre"
down_revision = "0005_imports_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Freight: carriers' limits, versions of tables, rules for free shipping and surcharges."""
    run_sql("0006_freight_pre")
