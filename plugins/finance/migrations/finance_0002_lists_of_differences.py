"""Count and page the lists of differences from indexes alone."""

from alembic import op

revision = "finance_0002"
down_revision = "finance_0001"
branch_labels = None
depends_on = None

AT, AMOUNT = "ix_finance_difference_at", "ix_finance_difference_amount"
FILTERED = ("id", "state", "code", "owner_team")
SOUGHT = ("key", "order_no")


def upgrade() -> None:
    with op.batch_alter_table("finance_difference") as table:
        table.drop_index(AT)
        table.drop_index(AMOUNT)
        counted = ("amount", "store_id", "due_at", "resolution", "resolved_by_id")
        table.create_index(AT, ["happened_at", *FILTERED, *counted, *SOUGHT])
        table.create_index(AMOUNT, ["amount", *FILTERED, "happened_at", "store_id", *SOUGHT])


def downgrade() -> None:
    with op.batch_alter_table("finance_difference") as table:
        table.drop_index(AMOUNT)
        table.drop_index(AT)
        table.create_index(AT, ["happened_at", *FILTERED, "amount", "store_id", *SOUGHT])
        table.create_index(AMOUNT, ["state", "amount"])
