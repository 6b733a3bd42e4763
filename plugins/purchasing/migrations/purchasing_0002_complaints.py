"""Complaints of buyers that a supplier answers for."""

import sqlalchemy as sa
from alembic import op

revision = "purchasing_0002"
down_revision = "purchasing_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "purchasing_complaint",
        sa.Column("id", number, nullable=False),
        sa.Column("task_id", number, nullable=False),
        sa.Column("store_id", number, nullable=True),
        sa.Column("supplier_id", number, nullable=True),
        sa.Column("merchant_code", sa.String(length=80), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(length=80), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_complaint_store_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["purchasing_supplier.id"], name=op.f("fk_purchasing_complaint_supplier_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_purchasing_complaint_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_complaint")),
        sa.UniqueConstraint("task_id", name=op.f("uq_purchasing_complaint_task_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchasing_complaint", schema=None) as batch_op:
        batch_op.create_index("ix_purchasing_complaint_counted", ["supplier_id", "counted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_complaint_store_id"), ["store_id"], unique=False)


def downgrade() -> None:
    op.drop_table("purchasing_complaint")
