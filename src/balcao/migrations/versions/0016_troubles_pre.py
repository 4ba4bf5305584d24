"""What needs a person among the integrations, and what somebody has seen to."""

from balcao.migrations.plain import run_sql

revision = "0016_troubles_pre"
down_revision = "0015_picking_pre"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What needs a person among the integrations, and what somebody has seen to."""
    run_sql("0016_troubles_pre")
