"""Indexes by which customer service's lists are found, sorted and counted when they are long."""

import sqlalchemy as sa
from alembic import op

revision = "cs_0002"
down_revision = "cs_0001"
branch_labels = None
depends_on = None

ADDED = {
    "cs_after_sale": {
        "ix_cs_after_sale_refund_no": ["refund_no"],
        "ix_cs_after_sale_order_no": ["order_no"],
        "ix_cs_after_sale_status": ["status", "due_at"],
    },
    "cs_rating": {
        "ix_cs_rating_item_id": ["item_id"],
        "ix_cs_rating_rated": ["rated_at"],
        "ix_cs_rating_cause": ["cause", "rated_at"],
    },
    "cs_promise": {
        "ix_cs_promise_promised": ["state", "promised_at"],
        "ix_cs_promise_sums": ["state", "store_id", "amount"],
    },
    "cs_member": {
        "ix_cs_member_spent": ["spent"],
        "ix_cs_member_tier": ["tier", "spent"],
        "ix_cs_member_last_order_no": ["last_order_no"],
    },
}
GROUPS = ["store_id", "item_id", "cause", "task_id", "rated_at", "product_id"]


def upgrade() -> None:
    for table, indexes in ADDED.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name, columns in indexes.items():
                batch_op.create_index(name, columns, unique=False)
    named = sa.text("cause <> ''")
    op.create_index("ix_cs_rating_groups", "cs_rating", GROUPS, sqlite_where=named, postgresql_where=named)
    op.drop_index("ix_cs_promise_state", "cs_promise")


def downgrade() -> None:
    op.create_index("ix_cs_promise_state", "cs_promise", ["state"])
    op.drop_index("ix_cs_rating_groups", "cs_rating")
    for table, indexes in ADDED.items():
        for name in indexes:
            op.drop_index(name, table)
