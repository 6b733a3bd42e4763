"""When approval of an order was asked for: only what was said since then counts."""

import sqlalchemy as sa
from alembic import op

revision = "purchasing_0004"
down_revision = "purchasing_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("purchasing_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("purchasing_order", schema=None) as batch_op:
        batch_op.drop_column("submitted_at")
