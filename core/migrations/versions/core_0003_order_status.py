"""Find the orders of one status without reading all."""

from alembic import op

revision = "core_0003"
down_revision = "core_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sales_order") as table:
        table.create_index("ix_sales_order_status", ["status", "paid_at"])


def downgrade() -> None:
    with op.batch_alter_table("sales_order") as table:
        table.drop_index("ix_sales_order_status")
