"""Inquiries with quotes, goods sent back, orders of 1688, files of licences, what a suggestion reckoned with."""

import sqlalchemy as sa
from alembic import op

revision = "purchasing_0003"
down_revision = "purchasing_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "purchasing_seller_name",
        sa.Column("id", number, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("supplier_id", number, nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["purchasing_supplier.id"], name=op.f("fk_purchasing_seller_name_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_seller_name")),
        sa.UniqueConstraint("name", name=op.f("uq_purchasing_seller_name_name")),
    )
    with op.batch_alter_table("purchasing_seller_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_seller_name_supplier_id"), ["supplier_id"], unique=False)

    op.create_table(
        "purchasing_platform_order",
        sa.Column("id", number, nullable=False),
        sa.Column("store_id", number, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("seller", sa.String(), nullable=False),
        sa.Column("goods_total", sa.BigInteger(), nullable=False),
        sa.Column("freight", sa.BigInteger(), nullable=False),
        sa.Column("adjustment", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("status_text", sa.String(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_platform_order_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_platform_order")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_purchasing_platform_order_store_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "purchasing_seller_article",
        sa.Column("id", number, nullable=False),
        sa.Column("store_id", number, nullable=False),
        sa.Column("supplier_id", number, nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("merchant_code", sa.String(length=80), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_seller_article_store_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["purchasing_supplier.id"], name=op.f("fk_purchasing_seller_article_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_seller_article")),
        sa.UniqueConstraint(
            "store_id", "supplier_id", "article", name=op.f("uq_purchasing_seller_article_store_id_supplier_id_article")
        ),
    )
    with op.batch_alter_table("purchasing_seller_article", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_seller_article_supplier_id"), ["supplier_id"], unique=False)

    op.create_table(
        "purchasing_inquiry",
        sa.Column("id", number, nullable=False),
        sa.Column("store_id", number, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("needed_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("task_id", number, nullable=True),
        sa.Column("cheapest", sa.BigInteger(), nullable=True),
        sa.Column("chosen", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", number, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_purchasing_inquiry_by_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_inquiry_store_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_purchasing_inquiry_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_inquiry")),
        sa.UniqueConstraint("number", name=op.f("uq_purchasing_inquiry_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchasing_inquiry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_inquiry_store_id"), ["store_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_inquiry_task_id"), ["task_id"], unique=False)

    op.create_table(
        "purchasing_platform_line",
        sa.Column("id", number, nullable=False),
        sa.Column("store_id", number, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("platform_order_id", number, nullable=True),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_order_id"],
            ["purchasing_platform_order.id"],
            name=op.f("fk_purchasing_platform_line_platform_order_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_platform_line_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_platform_line")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_purchasing_platform_line_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchasing_platform_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_platform_line_order_no"), ["order_no"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_purchasing_platform_line_platform_order_id"), ["platform_order_id"], unique=False
        )

    op.create_table(
        "purchasing_quote",
        sa.Column("id", number, nullable=False),
        sa.Column("inquiry_id", number, nullable=False),
        sa.Column("store_id", number, nullable=False),
        sa.Column("supplier_id", number, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("freight", sa.BigInteger(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("file_id", number, nullable=True),
        sa.Column("order_id", number, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("quoted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_purchasing_quote_file_id")),
        sa.ForeignKeyConstraint(["inquiry_id"], ["purchasing_inquiry.id"], name=op.f("fk_purchasing_quote_inquiry_id")),
        sa.ForeignKeyConstraint(["order_id"], ["purchasing_order.id"], name=op.f("fk_purchasing_quote_order_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_quote_store_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["purchasing_supplier.id"], name=op.f("fk_purchasing_quote_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_quote")),
        sa.UniqueConstraint("inquiry_id", "supplier_id", name=op.f("uq_purchasing_quote_inquiry_id_supplier_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchasing_quote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_quote_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_quote_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_quote_store_id"), ["store_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_quote_supplier_id"), ["supplier_id"], unique=False)

    op.create_table(
        "purchasing_return",
        sa.Column("id", number, nullable=False),
        sa.Column("store_id", number, nullable=False),
        sa.Column("order_id", number, nullable=False),
        sa.Column("discrepancy_id", number, nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("waybill_no", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("credited", sa.BigInteger(), nullable=True),
        sa.Column("credit_note", sa.String(), nullable=False),
        sa.Column("by_id", number, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("credited_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_purchasing_return_by_id")),
        sa.ForeignKeyConstraint(
            ["discrepancy_id"], ["purchasing_discrepancy.id"], name=op.f("fk_purchasing_return_discrepancy_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["purchasing_order.id"], name=op.f("fk_purchasing_return_order_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_return_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_return")),
        sa.UniqueConstraint("number", name=op.f("uq_purchasing_return_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchasing_return", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_return_discrepancy_id"), ["discrepancy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_return_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_return_store_id"), ["store_id"], unique=False)

    with op.batch_alter_table("purchasing_licence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("file_id", number, nullable=True))
        batch_op.add_column(sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("task_id", number, nullable=True))
        batch_op.create_index(batch_op.f("ix_purchasing_licence_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_licence_task_id"), ["task_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_purchasing_licence_task_id"), "task", ["task_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_purchasing_licence_file_id"), "file", ["file_id"], ["id"])

    with op.batch_alter_table("purchasing_suggestion", schema=None) as batch_op:
        batch_op.add_column(sa.Column("days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("expected", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("spare", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("purchasing_suggestion", schema=None) as batch_op:
        batch_op.drop_column("spare")
        batch_op.drop_column("expected")
        batch_op.drop_column("days")

    with op.batch_alter_table("purchasing_licence", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_purchasing_licence_file_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_purchasing_licence_task_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_purchasing_licence_task_id"))
        batch_op.drop_index(batch_op.f("ix_purchasing_licence_file_id"))
        batch_op.drop_column("task_id")
        batch_op.drop_column("replaced_at")
        batch_op.drop_column("file_id")

    op.drop_table("purchasing_return")
    op.drop_table("purchasing_quote")
    op.drop_table("purchasing_platform_line")
    op.drop_table("purchasing_inquiry")
    op.drop_table("purchasing_seller_article")
    op.drop_table("purchasing_platform_order")
    op.drop_table("purchasing_seller_name")
