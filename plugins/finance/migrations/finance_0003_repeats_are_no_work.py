"""Take repeated rows off the lists of differences: runs count them by file, and nobody has to settle them.

What somebody already dealt with stays. The rows themselves are in the results of their runs.
"""

from alembic import op

revision = "finance_0003"
down_revision = "finance_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "DELETE FROM finance_difference WHERE code IN ('DUP_ORDER', 'DUP_ROW') AND state = 'open' AND version = 1"
        " AND task_id IS NULL AND id NOT IN (SELECT difference_id FROM finance_entry)"
    )


def downgrade() -> None:
    """The next run of the former version lists them again."""
