"""Files that show what is claimed of a courier."""

import sqlalchemy as sa
from alembic import op

revision = "logistics_0005"
down_revision = "logistics_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "logistics_claim_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_logistics_claim_file_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["logistics_claim.id"], name=op.f("fk_logistics_claim_file_claim_id_logistics_claim")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_logistics_claim_file_file_id_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_claim_file")),
    )
    with op.batch_alter_table("logistics_claim_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logistics_claim_file_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_claim_file_file_id"), ["file_id"], unique=False)


def downgrade() -> None:
    op.drop_table("logistics_claim_file")
