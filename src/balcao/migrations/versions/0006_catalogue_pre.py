"""Collections, words to search products by, prices that are deleted."""

from balcao.migrations.plain import run_sql

revision = "0006_catalogue_pre"
down_revision = "0005_imports_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Collections, words to search products by, prices that are deleted."""
    run_sql("0006_catalogue_pre")
