"""Find the tickets of some days, members by store and tier, and what is tagged, without reading all."""

import sqlalchemy as sa
from alembic import op

revision = "cs_0004"
down_revision = "cs_0003"
branch_labels = None
depends_on = None

CONTACTS = ["merged_into_id", "opened_at", "replied_at", "resolved_at", "satisfaction", "store_id"]
TAGGED = sa.text("length(CAST(tags AS TEXT)) > 4")


def upgrade() -> None:
    op.drop_index("ix_cs_ticket_merged_into_id", "cs_ticket")
    op.create_index("ix_cs_ticket_contacts", "cs_ticket", CONTACTS)
    op.create_index("ix_cs_member_store_tier", "cs_member", ["store_id", "tier", "spent"])
    for table in ("cs_member", "cs_rating"):
        op.create_index(f"ix_{table}_tagged", table, ["id"], sqlite_where=TAGGED, postgresql_where=TAGGED)


def downgrade() -> None:
    for table in ("cs_rating", "cs_member"):
        op.drop_index(f"ix_{table}_tagged", table)
    op.drop_index("ix_cs_member_store_tier", "cs_member")
    op.drop_index("ix_cs_ticket_contacts", "cs_ticket")
    op.create_index("ix_cs_ticket_merged_into_id", "cs_ticket", ["merged_into_id"])
