"""The tables of logistics, with the rules it begins with."""

import csv
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "logistics_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "logistics_campaign",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_campaign")),
    )
    op.create_table(
        "logistics_capacity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_capacity")),
    )
    op.create_table(
        "logistics_gift",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("merchant_code", sa.String(), nullable=False),
        sa.Column("least", sa.BigInteger(), nullable=False),
        sa.Column("put_in", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_gift")),
    )
    op.create_table(
        "logistics_goods_weight",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_logistics_goods_weight")),
    )
    rules = op.create_table(
        "logistics_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("by_day", sa.Date(), nullable=True),
        sa.Column("remedy", sa.String(), nullable=False),
        sa.Column("due_hours", sa.Integer(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_rule")),
    )
    with op.batch_alter_table("logistics_rule", schema=None) as batch_op:
        batch_op.create_index("ix_logistics_rule_kind", ["kind", "since"], unique=False)

    op.create_table(
        "logistics_tariff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("tolerance", sa.Integer(), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_tariff")),
    )
    with op.batch_alter_table("logistics_tariff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logistics_tariff_carrier"), ["carrier"], unique=False)

    op.create_table(
        "logistics_manifest",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_logistics_manifest_by_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_logistics_manifest_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_manifest")),
        sa.UniqueConstraint("number", name=op.f("uq_logistics_manifest_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("logistics_manifest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logistics_manifest_store_id"), ["store_id"], unique=False)

    op.create_table(
        "logistics_parcel",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("waybill_no", sa.String(), nullable=True),
        sa.Column("logistics_no", sa.String(), nullable=True),
        sa.Column("warehouse_no", sa.String(), nullable=True),
        sa.Column("carrier", sa.String(), nullable=True),
        sa.Column("warehouse", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_text", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grams", sa.Integer(), nullable=True),
        sa.Column("manifest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["manifest_id"],
            ["logistics_manifest.id"],
            name=op.f("fk_logistics_parcel_manifest_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_logistics_parcel_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_parcel")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_logistics_parcel_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("logistics_parcel", schema=None) as batch_op:
        batch_op.create_index("ix_logistics_parcel_carrier", ["carrier"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_parcel_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_parcel_logistics_no"), ["logistics_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_parcel_manifest_id"), ["manifest_id"], unique=False)
        batch_op.create_index("ix_logistics_parcel_sent", ["shipped_at", "warehouse", "carrier"], unique=False)
        batch_op.create_index("ix_logistics_parcel_status", ["status", "shipped_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_parcel_store_id"), ["store_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_parcel_waybill_no"), ["waybill_no"], unique=False)

    op.create_table(
        "logistics_bill_line",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("waybill_no", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("grams", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("expected", sa.BigInteger(), nullable=True),
        sa.Column("own_grams", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["logistics_parcel.id"], name=op.f("fk_logistics_bill_line_parcel_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_logistics_bill_line_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_bill_line")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_logistics_bill_line_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("logistics_bill_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logistics_bill_line_parcel_id"), ["parcel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_bill_line_store_id"), ["store_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_bill_line_waybill_no"), ["waybill_no"], unique=False)

    op.create_table(
        "logistics_case",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=True),
        sa.Column("carrier", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("remedy", sa.String(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at_risk", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("recovered", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_logistics_case_order_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_logistics_case_owner_id")),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["logistics_parcel.id"], name=op.f("fk_logistics_case_parcel_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["logistics_rule.id"], name=op.f("fk_logistics_case_rule_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_logistics_case_store_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_logistics_case_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_case")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_logistics_case_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("logistics_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logistics_case_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_case_parcel_id"), ["parcel_id"], unique=False)
        batch_op.create_index("ix_logistics_case_state", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_case_store_id"), ["store_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_case_task_id"), ["task_id"], unique=False)

    op.create_table(
        "logistics_parcel_item",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("parcel_key", sa.String(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("goods_code", sa.String(), nullable=True),
        sa.Column("merchant_code", sa.String(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["logistics_parcel.id"], name=op.f("fk_logistics_parcel_item_parcel_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_logistics_parcel_item_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_parcel_item")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_logistics_parcel_item_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("logistics_parcel_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logistics_parcel_item_merchant_code"), ["merchant_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_parcel_item_parcel_id"), ["parcel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_parcel_item_store_id"), ["store_id"], unique=False)

    op.create_table(
        "logistics_parcel_order",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("parcel_key", sa.String(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_logistics_parcel_order_order_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["logistics_parcel.id"], name=op.f("fk_logistics_parcel_order_parcel_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_logistics_parcel_order_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_parcel_order")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_logistics_parcel_order_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("logistics_parcel_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logistics_parcel_order_alias"), ["alias"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_parcel_order_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_parcel_order_order_no"), ["order_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_parcel_order_parcel_id"), ["parcel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_parcel_order_store_id"), ["store_id"], unique=False)

    op.create_table(
        "logistics_claim",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["logistics_case.id"], name=op.f("fk_logistics_claim_case_id")),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["logistics_parcel.id"], name=op.f("fk_logistics_claim_parcel_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_logistics_claim_store_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_logistics_claim_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_claim")),
        sa.UniqueConstraint("number", name=op.f("uq_logistics_claim_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("logistics_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logistics_claim_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_claim_parcel_id"), ["parcel_id"], unique=False)
        batch_op.create_index("ix_logistics_claim_state", ["state", "deadline"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_claim_store_id"), ["store_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logistics_claim_task_id"), ["task_id"], unique=False)

    op.create_table(
        "logistics_finding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["logistics_claim.id"], name=op.f("fk_logistics_finding_claim_id")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["logistics_bill_line.id"], name=op.f("fk_logistics_finding_line_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_finding")),
        sa.UniqueConstraint("line_id", "kind", name=op.f("uq_logistics_finding_line_id_kind")),
    )
    with op.batch_alter_table("logistics_finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logistics_finding_claim_id"), ["claim_id"], unique=False)

    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        op.bulk_insert(rules, [_read(row) for row in csv.DictReader(file)])


def _read(row):
    for name in ("hours", "due_hours"):
        row[name] = int(row[name]) if row[name] else None
    for name in ("since", "until", "by_day"):
        row[name] = date.fromisoformat(row[name]) if row[name] else None
    return row


def downgrade() -> None:
    with op.batch_alter_table("logistics_finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logistics_finding_claim_id"))

    op.drop_table("logistics_finding")
    with op.batch_alter_table("logistics_claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logistics_claim_task_id"))
        batch_op.drop_index(batch_op.f("ix_logistics_claim_store_id"))
        batch_op.drop_index("ix_logistics_claim_state")
        batch_op.drop_index(batch_op.f("ix_logistics_claim_parcel_id"))
        batch_op.drop_index(batch_op.f("ix_logistics_claim_case_id"))

    op.drop_table("logistics_claim")
    with op.batch_alter_table("logistics_parcel_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_order_store_id"))
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_order_parcel_id"))
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_order_order_no"))
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_order_order_id"))
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_order_alias"))

    op.drop_table("logistics_parcel_order")
    with op.batch_alter_table("logistics_parcel_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_item_store_id"))
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_item_parcel_id"))
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_item_merchant_code"))

    op.drop_table("logistics_parcel_item")
    with op.batch_alter_table("logistics_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logistics_case_task_id"))
        batch_op.drop_index(batch_op.f("ix_logistics_case_store_id"))
        batch_op.drop_index("ix_logistics_case_state")
        batch_op.drop_index(batch_op.f("ix_logistics_case_parcel_id"))
        batch_op.drop_index(batch_op.f("ix_logistics_case_order_id"))

    op.drop_table("logistics_case")
    with op.batch_alter_table("logistics_bill_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logistics_bill_line_waybill_no"))
        batch_op.drop_index(batch_op.f("ix_logistics_bill_line_store_id"))
        batch_op.drop_index(batch_op.f("ix_logistics_bill_line_parcel_id"))

    op.drop_table("logistics_bill_line")
    with op.batch_alter_table("logistics_parcel", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_waybill_no"))
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_store_id"))
        batch_op.drop_index("ix_logistics_parcel_status")
        batch_op.drop_index("ix_logistics_parcel_sent")
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_manifest_id"))
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_logistics_no"))
        batch_op.drop_index(batch_op.f("ix_logistics_parcel_key"))
        batch_op.drop_index("ix_logistics_parcel_carrier")

    op.drop_table("logistics_parcel")
    with op.batch_alter_table("logistics_manifest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logistics_manifest_store_id"))

    op.drop_table("logistics_manifest")
    with op.batch_alter_table("logistics_tariff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logistics_tariff_carrier"))

    op.drop_table("logistics_tariff")
    with op.batch_alter_table("logistics_rule", schema=None) as batch_op:
        batch_op.drop_index("ix_logistics_rule_kind")

    op.drop_table("logistics_rule")
    op.drop_table("logistics_goods_weight")
    op.drop_table("logistics_gift")
    op.drop_table("logistics_capacity")
    op.drop_table("logistics_campaign")
