"""Capacities, decisions on rush requests, and banned words with those of the Advertising Law."""

import csv
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "design_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "design_capacity",
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_design_capacity_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_design_capacity")),
    )
    op.create_table(
        "design_rush",
        sa.Column("leg_id", BIG_ID, nullable=False),
        sa.Column("task_id", BIG_ID, nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("by_id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["leg_id"], ["task_leg.id"], name=op.f("fk_design_rush_leg_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_design_rush_task_id")),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_design_rush_by_id")),
        sa.PrimaryKeyConstraint("leg_id", name=op.f("pk_design_rush")),
    )
    op.create_index(op.f("ix_design_rush_task_id"), "design_rush", ["task_id"])
    words = op.create_table(
        "design_banned_word",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("text", sa.String(40), nullable=False),
        sa.Column("ground", sa.String(200), nullable=False),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design_banned_word")),
        sa.UniqueConstraint("text", name=op.f("uq_design_banned_word_text")),
    )
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        rows = [
            {**row, "strict": row["strict"] == "1", "since": date.fromisoformat(row["since"]), "until": None}
            for row in csv.DictReader(file)
        ]
    op.bulk_insert(words, rows)


def downgrade() -> None:
    op.drop_table("design_banned_word")
    op.drop_index(op.f("ix_design_rush_task_id"), "design_rush")
    op.drop_table("design_rush")
    op.drop_table("design_capacity")
