"""Keep what a review of handoffs is about, and find the legs of a state by when they began."""

import sqlalchemy as sa
from alembic import op

revision = "core_0004"
down_revision = "core_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handoff_review",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_handoff_review_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_review")),
    )
    with op.batch_alter_table("task_leg") as table:
        table.create_index("ix_task_leg_state", ["state", "started_at"])


def downgrade() -> None:
    with op.batch_alter_table("task_leg") as table:
        table.drop_index("ix_task_leg_state")
    op.drop_table("handoff_review")
