"""Find an order by its number through its store: one index less to write for every order."""

from alembic import op

revision = "core_0005"
down_revision = "core_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sales_order") as table:
        table.drop_index("ix_sales_order_order_no")


def downgrade() -> None:
    with op.batch_alter_table("sales_order") as table:
        table.create_index("ix_sales_order_order_no", ["order_no"])
