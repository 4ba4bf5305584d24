"""The first tables: tenants, the clock, the log, sellers, catalogue, stock, freight, orders."""

from balcao.migrations.plain import run_sql

revision = "0001_house_pre"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first tables: tenants, the clock, the log, sellers, catalogue, stock, freight, orders."""
    run_sql("0001_house_pre")
