"""The ledger's lines of counts, packed, and batches' bodies as they are."""

from balcao.migrations.plain import run_sql

revision = "0011_counts_pre"
down_revision = "0010_users_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The ledger's lines of counts, packed, and batches' bodies as they are."""
    run_sql("0011_counts_pre")
