"""An index of couriers' parcels by day, with when they were promised and signed for, for their scorecard."""

from alembic import op

revision = "logistics_0003"
down_revision = "logistics_0002"
branch_labels = None
depends_on = None

NAME = "ix_logistics_parcel_carrier"


def upgrade() -> None:
    op.drop_index(NAME, table_name="logistics_parcel")
    op.create_index(NAME, "logistics_parcel", ["carrier", "shipped_at", "promised_at", "signed_at"])


def downgrade() -> None:
    op.drop_index(NAME, table_name="logistics_parcel")
    op.create_index(NAME, "logistics_parcel", ["carrier"])
