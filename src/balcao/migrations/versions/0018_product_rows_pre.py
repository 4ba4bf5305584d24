"""By which row of a batch a product became what it is; bodies of batches in pieces."""

from balcao.migrations.plain import run_sql

revision = "0018_product_rows_pre"
down_revision = "0017_product_sorts_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """By which row of a batch a product became what it is."""
    run_sql("0018_product_rows_pre")
