"""List a team's closed tasks, the last first, without sorting all of them."""

import sqlalchemy as sa
from alembic import op

revision = "core_0007"
down_revision = "core_0006"
branch_labels = None
depends_on = None

CLOSED = sa.text("closed_at IS NOT NULL")
COLUMNS = ["responsible_team", "closed_at", "type", "requester_team", "state"]


def upgrade() -> None:
    op.create_index("ix_task_closed", "task", COLUMNS, sqlite_where=CLOSED, postgresql_where=CLOSED)


def downgrade() -> None:
    op.drop_index("ix_task_closed", "task")
