"""What parcels and articles take up, freight by volume, and an index of parcels on manifests alone."""

import sqlalchemy as sa
from alembic import op

revision = "logistics_0002"
down_revision = "logistics_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("logistics_tariff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("divisor", sa.Integer(), nullable=True))
    op.execute("UPDATE logistics_tariff SET divisor = 6000")
    with op.batch_alter_table("logistics_tariff", schema=None) as batch_op:
        batch_op.alter_column("divisor", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("logistics_goods_weight", schema=None) as batch_op:
        batch_op.add_column(sa.Column("volume", sa.Integer(), nullable=True))
    with op.batch_alter_table("logistics_parcel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("volume", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_logistics_parcel_warehouse_no"), ["warehouse_no"], unique=False)
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_manifest_id"))
        batch_op.create_index(
            "ix_logistics_parcel_manifest",
            ["manifest_id"],
            unique=False,
            sqlite_where=sa.text("manifest_id IS NOT NULL"),
            postgresql_where=sa.text("manifest_id IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("logistics_parcel", schema=None) as batch_op:
        batch_op.drop_index("ix_logistics_parcel_manifest")
        batch_op.create_index(batch_op.f("ix_logistics_parcel_manifest_id"), ["manifest_id"], unique=False)
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_warehouse_no"))
        batch_op.drop_column("volume")
    with op.batch_alter_table("logistics_goods_weight", schema=None) as batch_op:
        batch_op.drop_column("volume")
    with op.batch_alter_table("logistics_tariff", schema=None) as batch_op:
        batch_op.drop_column("divisor")
