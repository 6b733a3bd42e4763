"""The tables of finance."""

import sqlalchemy as sa
from alembic import op

revision = "finance_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "finance_column_map",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_finance_column_map_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_column_map")),
        sa.UniqueConstraint("supplier", name=op.f("uq_finance_column_map_supplier")),
    )
    op.create_table(
        "finance_ad_spend",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("spend", sa.BigInteger(), nullable=False),
        sa.Column("sales", sa.BigInteger(), nullable=True),
        sa.Column("clicks", sa.Integer(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_ad_spend_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_ad_spend")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_ad_spend_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("finance_ad_spend", schema=None) as batch_op:
        batch_op.create_index("ix_finance_ad_spend_on", ["store_id", "on"], unique=False)

    op.create_table(
        "finance_affiliate_line",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("sub_order_no", sa.String(), nullable=True),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("items", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("commission", sa.BigInteger(), nullable=False),
        sa.Column("service_fee", sa.BigInteger(), nullable=False),
        sa.Column("status_text", sa.String(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_affiliate_line_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_affiliate_line")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_affiliate_line_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("finance_affiliate_line", schema=None) as batch_op:
        batch_op.create_index("ix_finance_affiliate_line_order", ["store_id", "order_no"], unique=False)

    op.create_table(
        "finance_campaign",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_campaign_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_campaign")),
    )
    with op.batch_alter_table("finance_campaign", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finance_campaign_store_id"), ["store_id"], unique=False)

    op.create_table(
        "finance_control",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_count", sa.Integer(), nullable=True),
        sa.Column("in_sum", sa.BigInteger(), nullable=True),
        sa.Column("out_count", sa.Integer(), nullable=True),
        sa.Column("out_sum", sa.BigInteger(), nullable=True),
        sa.Column("opening", sa.BigInteger(), nullable=True),
        sa.Column("closing", sa.BigInteger(), nullable=True),
        sa.Column("chained", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_control_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_control")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_control_store_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "finance_cost",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("merchant_code", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_cost_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_cost")),
        sa.UniqueConstraint(
            "store_id", "merchant_code", "since", name=op.f("uq_finance_cost_store_id_merchant_code_since")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "finance_courier_line",
        sa.Column("waybill_no", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("grams", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_courier_line_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_courier_line")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_courier_line_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("finance_courier_line", schema=None) as batch_op:
        batch_op.create_index("ix_finance_courier_line_waybill", ["store_id", "waybill_no"], unique=False)

    op.create_table(
        "finance_line",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("flow_no", sa.String(), nullable=True),
        sa.Column("trade_no", sa.String(), nullable=True),
        sa.Column("merchant_no", sa.Text(), nullable=True),
        sa.Column("base_order_no", sa.String(), nullable=True),
        sa.Column("order_no", sa.String(), nullable=True),
        sa.Column("order_by", sa.String(), nullable=False),
        sa.Column("waybill_no", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("foreign_amount", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.String(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_line_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_line")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_line_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("finance_line", schema=None) as batch_op:
        batch_op.create_index("ix_finance_line_at", ["store_id", "at"], unique=False)
        batch_op.create_index("ix_finance_line_newest", ["at"], unique=False)
        batch_op.create_index("ix_finance_line_order", ["store_id", "order_no"], unique=False)

    op.create_table(
        "finance_purchase",
        sa.Column("supplier", sa.String(), nullable=True),
        sa.Column("goods_total", sa.BigInteger(), nullable=True),
        sa.Column("freight", sa.BigInteger(), nullable=True),
        sa.Column("adjustment", sa.BigInteger(), nullable=True),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("status_text", sa.String(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("goods", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_purchase_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_purchase")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_purchase_store_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "finance_rule_set",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_finance_rule_set_by_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_rule_set_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_rule_set")),
        sa.UniqueConstraint("store_id", "version", name=op.f("uq_finance_rule_set_store_id_version")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "finance_settlement",
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("settlement", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_settlement_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_settlement")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_settlement_store_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "finance_settlement_detail",
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("batch_no", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("rmb_amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("settlement", sa.BigInteger(), nullable=False),
        sa.Column("rmb_settlement", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rate", sa.String(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("items", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_settlement_detail_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_settlement_detail")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_settlement_detail_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("finance_settlement_detail", schema=None) as batch_op:
        batch_op.create_index("ix_finance_settlement_detail_at", ["store_id", "settled_at"], unique=False)
        batch_op.create_index("ix_finance_settlement_detail_order", ["store_id", "order_no"], unique=False)

    op.create_table(
        "finance_settlement_fee",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("trade_no", sa.String(), nullable=True),
        sa.Column("fee_type", sa.Text(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("rmb_gross", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("rmb_fee", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rate", sa.String(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_settlement_fee_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_settlement_fee")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_settlement_fee_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("finance_settlement_fee", schema=None) as batch_op:
        batch_op.create_index("ix_finance_settlement_fee_order", ["store_id", "order_no"], unique=False)

    op.create_table(
        "finance_shared_cost",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_shared_cost_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_shared_cost")),
    )
    with op.batch_alter_table("finance_shared_cost", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finance_shared_cost_store_id"), ["store_id"], unique=False)

    op.create_table(
        "finance_supplier_line",
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("document_no", sa.String(), nullable=True),
        sa.Column("on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("goods", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_supplier_line_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_supplier_line")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_supplier_line_store_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "finance_supplier_match",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("purchases", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undoes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_finance_supplier_match_by_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_supplier_match_store_id")),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["finance_supplier_match.id"], name=op.f("fk_finance_supplier_match_undoes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_supplier_match")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_finance_supplier_match_undoes_id")),
    )
    with op.batch_alter_table("finance_supplier_match", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finance_supplier_match_store_id"), ["store_id"], unique=False)

    op.create_table(
        "finance_trade",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=True),
        sa.Column("trade_no", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refund", sa.BigInteger(), nullable=True),
        sa.Column("fee", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("foreign_amount", sa.BigInteger(), nullable=True),
        sa.Column("foreign_fee", sa.BigInteger(), nullable=True),
        sa.Column("foreign_refund", sa.BigInteger(), nullable=True),
        sa.Column("foreign_settlement", sa.BigInteger(), nullable=True),
        sa.Column("settlement", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.String(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_trade_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_trade")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_trade_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("finance_trade", schema=None) as batch_op:
        batch_op.create_index("ix_finance_trade_order", ["store_id", "order_no"], unique=False)

    op.create_table(
        "finance_match",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_no", sa.String(), nullable=True),
        sa.Column("part", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undoes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_finance_match_by_id")),
        sa.ForeignKeyConstraint(["line_id"], ["finance_line.id"], name=op.f("fk_finance_match_line_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_match_store_id")),
        sa.ForeignKeyConstraint(["undoes_id"], ["finance_match.id"], name=op.f("fk_finance_match_undoes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_match")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_finance_match_undoes_id")),
    )
    with op.batch_alter_table("finance_match", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finance_match_line_id"), ["line_id"], unique=False)

    op.create_table(
        "finance_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("rule_set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_finance_run_by_id")),
        sa.ForeignKeyConstraint(["rule_set_id"], ["finance_rule_set.id"], name=op.f("fk_finance_run_rule_set_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_run_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_run")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("finance_run", schema=None) as batch_op:
        batch_op.create_index("ix_finance_run_store", ["store_id", "first", "last"], unique=False)

    op.create_table(
        "finance_difference",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=True),
        sa.Column("found", sa.BigInteger(), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("pattern", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("first_run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner_team", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("resolved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["user_account.id"], name=op.f("fk_finance_difference_approved_by_id")
        ),
        sa.ForeignKeyConstraint(["first_run_id"], ["finance_run.id"], name=op.f("fk_finance_difference_first_run_id")),
        sa.ForeignKeyConstraint(["last_run_id"], ["finance_run.id"], name=op.f("fk_finance_difference_last_run_id")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["finance_line.id"], name=op.f("fk_finance_difference_line_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_finance_difference_order_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["user_account.id"], name=op.f("fk_finance_difference_resolved_by_id")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_difference_store_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_finance_difference_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_difference")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_finance_difference_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("finance_difference", schema=None) as batch_op:
        batch_op.create_index("ix_finance_difference_amount", ["state", "amount"], unique=False)
        batch_op.create_index(
            "ix_finance_difference_at",
            ["happened_at", "id", "state", "code", "owner_team", "amount", "store_id", "key", "order_no"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_finance_difference_line_id"), ["line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finance_difference_order_id"), ["order_id"], unique=False)
        batch_op.create_index("ix_finance_difference_pattern", ["store_id", "pattern", "state"], unique=False)
        batch_op.create_index("ix_finance_difference_run", ["last_run_id", "state", "resolution"], unique=False)
        batch_op.create_index(batch_op.f("ix_finance_difference_task_id"), ["task_id"], unique=False)

    op.create_table(
        "finance_period",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("prepared_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["user_account.id"], name=op.f("fk_finance_period_prepared_by_id")),
        sa.ForeignKeyConstraint(["run_id"], ["finance_run.id"], name=op.f("fk_finance_period_run_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["user_account.id"], name=op.f("fk_finance_period_signed_by_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_period_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_period")),
        sa.UniqueConstraint("store_id", "first", "last", name=op.f("uq_finance_period_store_id_first_last")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "finance_result",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["finance_run.id"], name=op.f("fk_finance_result_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "side", "record_id", name=op.f("pk_finance_result")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "finance_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("difference_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_finance_entry_by_id")),
        sa.ForeignKeyConstraint(
            ["difference_id"], ["finance_difference.id"], name=op.f("fk_finance_entry_difference_id")
        ),
        sa.ForeignKeyConstraint(["reverses_id"], ["finance_entry.id"], name=op.f("fk_finance_entry_reverses_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_finance_entry_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_entry")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_finance_entry_reverses_id")),
    )
    with op.batch_alter_table("finance_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finance_entry_difference_id"), ["difference_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("finance_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finance_entry_difference_id"))

    op.drop_table("finance_entry")
    op.drop_table("finance_result")
    op.drop_table("finance_period")
    with op.batch_alter_table("finance_difference", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finance_difference_task_id"))
        batch_op.drop_index("ix_finance_difference_run")
        batch_op.drop_index("ix_finance_difference_pattern")
        batch_op.drop_index(batch_op.f("ix_finance_difference_order_id"))
        batch_op.drop_index(batch_op.f("ix_finance_difference_line_id"))
        batch_op.drop_index("ix_finance_difference_at")
        batch_op.drop_index("ix_finance_difference_amount")

    op.drop_table("finance_difference")
    with op.batch_alter_table("finance_run", schema=None) as batch_op:
        batch_op.drop_index("ix_finance_run_store")

    op.drop_table("finance_run")
    with op.batch_alter_table("finance_match", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finance_match_line_id"))

    op.drop_table("finance_match")
    with op.batch_alter_table("finance_trade", schema=None) as batch_op:
        batch_op.drop_index("ix_finance_trade_order")

    op.drop_table("finance_trade")
    with op.batch_alter_table("finance_supplier_match", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finance_supplier_match_store_id"))

    op.drop_table("finance_supplier_match")
    op.drop_table("finance_supplier_line")
    with op.batch_alter_table("finance_shared_cost", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finance_shared_cost_store_id"))

    op.drop_table("finance_shared_cost")
    with op.batch_alter_table("finance_settlement_fee", schema=None) as batch_op:
        batch_op.drop_index("ix_finance_settlement_fee_order")

    op.drop_table("finance_settlement_fee")
    with op.batch_alter_table("finance_settlement_detail", schema=None) as batch_op:
        batch_op.drop_index("ix_finance_settlement_detail_order")
        batch_op.drop_index("ix_finance_settlement_detail_at")

    op.drop_table("finance_settlement_detail")
    op.drop_table("finance_settlement")
    op.drop_table("finance_rule_set")
    op.drop_table("finance_purchase")
    with op.batch_alter_table("finance_line", schema=None) as batch_op:
        batch_op.drop_index("ix_finance_line_order")
        batch_op.drop_index("ix_finance_line_newest")
        batch_op.drop_index("ix_finance_line_at")

    op.drop_table("finance_line")
    with op.batch_alter_table("finance_courier_line", schema=None) as batch_op:
        batch_op.drop_index("ix_finance_courier_line_waybill")

    op.drop_table("finance_courier_line")
    op.drop_table("finance_cost")
    op.drop_table("finance_control")
    with op.batch_alter_table("finance_campaign", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finance_campaign_store_id"))

    op.drop_table("finance_campaign")
    with op.batch_alter_table("finance_affiliate_line", schema=None) as batch_op:
        batch_op.drop_index("ix_finance_affiliate_line_order")

    op.drop_table("finance_affiliate_line")
    with op.batch_alter_table("finance_ad_spend", schema=None) as batch_op:
        batch_op.drop_index("ix_finance_ad_spend_on")

    op.drop_table("finance_ad_spend")
    op.drop_table("finance_column_map")
