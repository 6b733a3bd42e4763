"""Limits of approval that can be set anew, and indexes for the newest and the scored suggestions."""

import sqlalchemy as sa
from alembic import op

revision = "purchasing_0005"
down_revision = "purchasing_0004"
branch_labels = None
depends_on = None

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

INDEXES = (
    ("ix_purchasing_suggestion_on", ["store_id", "on"]),
    ("ix_purchasing_suggestion_scored", ["store_id", "scored_at"]),
)


def upgrade() -> None:
    op.create_table(
        "purchasing_limit",
        sa.Column("id", number, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("lead", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", number, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_purchasing_limit_by_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_limit")),
    )
    for name, columns in INDEXES:
        op.create_index(name, "purchasing_suggestion", columns)


def downgrade() -> None:
    for name, _ in INDEXES:
        op.drop_index(name, "purchasing_suggestion")
    op.drop_table("purchasing_limit")
