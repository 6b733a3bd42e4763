"""The tables of purchasing."""

import sqlalchemy as sa
from alembic import op

revision = "purchasing_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "purchasing_supplier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("minimum_order", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_supplier")),
        sa.UniqueConstraint("name", name=op.f("uq_purchasing_supplier_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "purchasing_licence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["purchasing_supplier.id"],
            name=op.f("fk_purchasing_licence_supplier_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_licence")),
    )
    with op.batch_alter_table("purchasing_licence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_licence_supplier_id"), ["supplier_id"], unique=False)

    op.create_table(
        "purchasing_offer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merchant_code", sa.String(length=80), nullable=False),
        sa.Column("supplier_code", sa.String(length=80), nullable=False),
        sa.Column("prices", sa.JSON(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("pack", sa.Integer(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=True),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_offer_store_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["purchasing_supplier.id"], name=op.f("fk_purchasing_offer_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_offer")),
        sa.UniqueConstraint(
            "supplier_id",
            "store_id",
            "merchant_code",
            name=op.f("uq_purchasing_offer_supplier_id_store_id_merchant_code"),
        ),
    )
    with op.batch_alter_table("purchasing_offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_offer_merchant_code"), ["merchant_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_offer_store_id"), ["store_id"], unique=False)

    op.create_table(
        "purchasing_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("platform_no", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("freight", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_purchasing_order_by_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_order_store_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["purchasing_supplier.id"], name=op.f("fk_purchasing_order_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_order")),
        sa.UniqueConstraint("number", name=op.f("uq_purchasing_order_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchasing_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_order_platform_no"), ["platform_no"], unique=False)
        batch_op.create_index("ix_purchasing_order_state", ["store_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_order_supplier_id"), ["supplier_id"], unique=False)

    op.create_table(
        "purchasing_stock_day",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("goods_id", sa.String(), nullable=True),
        sa.Column("merchant_code", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opening", sa.Integer(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("closing", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("defective", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("on_order", sa.Integer(), nullable=False),
        sa.Column("in_transfer", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_stock_day_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_stock_day")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_purchasing_stock_day_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchasing_stock_day", schema=None) as batch_op:
        batch_op.create_index("ix_purchasing_stock_day_code", ["store_id", "merchant_code", "on"], unique=False)
        batch_op.create_index("ix_purchasing_stock_day_on", ["store_id", "on"], unique=False)

    op.create_table(
        "purchasing_stock_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("merchant_code", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stock_kind", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=True),
        sa.Column("order_no", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_stock_move_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_stock_move")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_purchasing_stock_move_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchasing_stock_move", schema=None) as batch_op:
        batch_op.create_index("ix_purchasing_stock_move_code", ["store_id", "merchant_code", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_stock_move_order_no"), ["order_no"], unique=False)

    op.create_table(
        "purchasing_uplift",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("merchant_code", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_uplift_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_uplift")),
    )
    with op.batch_alter_table("purchasing_uplift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_uplift_store_id"), ["store_id"], unique=False)

    op.create_table(
        "purchasing_approval",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("yes", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_purchasing_approval_by_id")),
        sa.ForeignKeyConstraint(["order_id"], ["purchasing_order.id"], name=op.f("fk_purchasing_approval_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_approval")),
    )
    with op.batch_alter_table("purchasing_approval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_approval_order_id"), ["order_id"], unique=False)

    op.create_table(
        "purchasing_discrepancy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("claimed", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=True),
        sa.Column("remedy", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["purchasing_order.id"], name=op.f("fk_purchasing_discrepancy_order_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_discrepancy_store_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_purchasing_discrepancy_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_discrepancy")),
        sa.UniqueConstraint("number", name=op.f("uq_purchasing_discrepancy_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchasing_discrepancy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_discrepancy_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_discrepancy_store_id"), ["store_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_discrepancy_task_id"), ["task_id"], unique=False)

    op.create_table(
        "purchasing_invoice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("extra", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("released_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["purchasing_order.id"], name=op.f("fk_purchasing_invoice_order_id")),
        sa.ForeignKeyConstraint(
            ["released_by_id"], ["user_account.id"], name=op.f("fk_purchasing_invoice_released_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["purchasing_supplier.id"], name=op.f("fk_purchasing_invoice_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_invoice")),
        sa.UniqueConstraint("supplier_id", "number", name=op.f("uq_purchasing_invoice_supplier_id_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchasing_invoice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_invoice_order_id"), ["order_id"], unique=False)

    op.create_table(
        "purchasing_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merchant_code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchasing_order.id"], name=op.f("fk_purchasing_line_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_line")),
    )
    with op.batch_alter_table("purchasing_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_line_merchant_code"), ["merchant_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchasing_line_order_id"), ["order_id"], unique=False)

    op.create_table(
        "purchasing_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_purchasing_receipt_by_id")),
        sa.ForeignKeyConstraint(["order_id"], ["purchasing_order.id"], name=op.f("fk_purchasing_receipt_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_purchasing_receipt_number")),
    )
    with op.batch_alter_table("purchasing_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_receipt_order_id"), ["order_id"], unique=False)

    op.create_table(
        "purchasing_suggestion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("merchant_code", sa.String(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("suggested", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("needed", sa.Integer(), nullable=True),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_purchasing_suggestion_by_id")),
        sa.ForeignKeyConstraint(["order_id"], ["purchasing_order.id"], name=op.f("fk_purchasing_suggestion_order_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_purchasing_suggestion_store_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["purchasing_supplier.id"], name=op.f("fk_purchasing_suggestion_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasing_suggestion")),
        sa.UniqueConstraint(
            "store_id", "merchant_code", "on", name=op.f("uq_purchasing_suggestion_store_id_merchant_code_on")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("purchasing_suggestion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchasing_suggestion_order_id"), ["order_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("purchasing_suggestion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchasing_suggestion_order_id"))

    op.drop_table("purchasing_suggestion")
    with op.batch_alter_table("purchasing_receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchasing_receipt_order_id"))

    op.drop_table("purchasing_receipt")
    with op.batch_alter_table("purchasing_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchasing_line_order_id"))
        batch_op.drop_index(batch_op.f("ix_purchasing_line_merchant_code"))

    op.drop_table("purchasing_line")
    with op.batch_alter_table("purchasing_invoice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchasing_invoice_order_id"))

    op.drop_table("purchasing_invoice")
    with op.batch_alter_table("purchasing_discrepancy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchasing_discrepancy_task_id"))
        batch_op.drop_index(batch_op.f("ix_purchasing_discrepancy_store_id"))
        batch_op.drop_index(batch_op.f("ix_purchasing_discrepancy_order_id"))

    op.drop_table("purchasing_discrepancy")
    with op.batch_alter_table("purchasing_approval", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchasing_approval_order_id"))

    op.drop_table("purchasing_approval")
    with op.batch_alter_table("purchasing_uplift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchasing_uplift_store_id"))

    op.drop_table("purchasing_uplift")
    with op.batch_alter_table("purchasing_stock_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchasing_stock_move_order_no"))
        batch_op.drop_index("ix_purchasing_stock_move_code")

    op.drop_table("purchasing_stock_move")
    with op.batch_alter_table("purchasing_stock_day", schema=None) as batch_op:
        batch_op.drop_index("ix_purchasing_stock_day_on")
        batch_op.drop_index("ix_purchasing_stock_day_code")

    op.drop_table("purchasing_stock_day")
    with op.batch_alter_table("purchasing_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchasing_order_supplier_id"))
        batch_op.drop_index("ix_purchasing_order_state")
        batch_op.drop_index(batch_op.f("ix_purchasing_order_platform_no"))

    op.drop_table("purchasing_order")
    with op.batch_alter_table("purchasing_offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchasing_offer_store_id"))
        batch_op.drop_index(batch_op.f("ix_purchasing_offer_merchant_code"))

    op.drop_table("purchasing_offer")
    with op.batch_alter_table("purchasing_licence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchasing_licence_supplier_id"))

    op.drop_table("purchasing_licence")
    op.drop_table("purchasing_supplier")
