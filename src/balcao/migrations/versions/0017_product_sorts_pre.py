"""Indexes along which products are listed."""

from balcao.migrations.plain import run_sql

revision = "0017_product_sorts_pre"
down_revision = "0016_troubles_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Indexes along which products are listed."""
    run_sql("0017_product_sorts_pre")
