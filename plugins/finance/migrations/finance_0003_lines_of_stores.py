"""Do not have PostgreSQL ask for each account line whether its store exists, as core_0009 does for orders."""

from alembic import op

revision = "finance_0003"
down_revision = "finance_0002"
branch_labels = None
depends_on = None

NAME, TABLE = "fk_finance_line_store_id", "finance_line"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(NAME, TABLE, type_="foreignkey")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_foreign_key(NAME, TABLE, "store", ["store_id"], ["id"])
