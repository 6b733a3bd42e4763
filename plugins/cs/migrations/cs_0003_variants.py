"""The index of feedback tells the variants of articles, too."""

import sqlalchemy as sa
from alembic import op

revision = "cs_0003"
down_revision = "cs_0002"
branch_labels = None
depends_on = None

INDEX, TABLE = "ix_cs_rating_groups", "cs_rating"
GROUPS = ["store_id", "item_id", "cause", "task_id", "rated_at", "product_id"]
NAMED = sa.text("cause <> ''")


def upgrade() -> None:
    op.drop_index(INDEX, TABLE)
    op.create_index(INDEX, TABLE, [*GROUPS, "sku_id", "colour"], sqlite_where=NAMED, postgresql_where=NAMED)


def downgrade() -> None:
    op.drop_index(INDEX, TABLE)
    op.create_index(INDEX, TABLE, GROUPS, sqlite_where=NAMED, postgresql_where=NAMED)
