"""Find the open tasks in a team's hands without looking at all that were ever closed."""

from alembic import op

revision = "core_0006"
down_revision = "core_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_task_leg", "task", ["leg_team", "leg_due_at"])


def downgrade() -> None:
    op.drop_index("ix_task_leg", "task")
