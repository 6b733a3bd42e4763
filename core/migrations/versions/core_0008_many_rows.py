"""Let one row tell of many records that a large file created one after the other."""

import sqlalchemy as sa
from alembic import op

revision = "core_0008"
down_revision = "core_0007"
branch_labels = None
depends_on = None

MANY = sa.text("last_id IS NOT NULL")
SAME = ("batch_id", "sheet", "action", "kind", "column", "value")


def upgrade() -> None:
    op.add_column("import_row", sa.Column("last_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
    op.add_column("import_row", sa.Column("numbers", sa.LargeBinary()))
    op.create_index("ix_import_row_many", "import_row", ["kind", "record_id"], sqlite_where=MANY, postgresql_where=MANY)


def downgrade() -> None:
    rows = sa.table(
        "import_row", *(sa.column(name) for name in ("id", *SAME, "number", "record_id", "last_id", "numbers"))
    )
    link = op.get_bind()
    for many in link.execute(sa.select(rows).where(rows.c.last_id.is_not(None))).mappings().all():
        ids = range(many["record_id"], many["last_id"] + 1)
        numbers = [int.from_bytes(many["numbers"][at : at + 4], "little") for at in range(0, 4 * len(ids), 4)]
        same = {name: many[name] for name in SAME}
        each = [same | {"record_id": record, "number": number} for record, number in zip(ids, numbers, strict=True)]
        link.execute(sa.insert(rows), each)
        link.execute(sa.delete(rows).where(rows.c.id == many["id"]))
    op.drop_index("ix_import_row_many", "import_row")
    for name in ("numbers", "last_id"):
        op.drop_column("import_row", name)
