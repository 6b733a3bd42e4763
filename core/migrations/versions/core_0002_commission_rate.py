"""The commission rate of an order, for what is charged to be checked against it."""

import sqlalchemy as sa
from alembic import op

revision = "core_0002"
down_revision = "core_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sales_order") as batch_op:
        batch_op.add_column(sa.Column("commission_rate", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sales_order") as batch_op:
        batch_op.drop_column("commission_rate")
