"""The tables of customer service, with the playbooks and the definitions of figures it begins with."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "cs_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    playbooks = op.create_table(
        "cs_playbook",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("member_limit", sa.BigInteger(), nullable=False),
        sa.Column("lead_limit", sa.BigInteger(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cs_playbook")),
        sa.UniqueConstraint("code", "since", name=op.f("uq_cs_playbook_code_since")),
    )
    definitions = op.create_table(
        "cs_definition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("figure", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_cs_definition_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cs_definition")),
        sa.UniqueConstraint("figure", "name", "since", name=op.f("uq_cs_definition_figure_name_since")),
    )
    op.create_table(
        "cs_reply",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["approved_by_id"], ["user_account.id"], name=op.f("fk_cs_reply_approved_by_id")),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_cs_reply_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cs_reply")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_cs_reply_code_version")),
    )
    op.create_table(
        "cs_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pseudonym", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_order_no", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_cs_member_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cs_member")),
        sa.UniqueConstraint("store_id", "pseudonym", name=op.f("uq_cs_member_store_id_pseudonym")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("cs_member", schema=None) as batch_op:
        batch_op.create_index("ix_cs_member_last", ["last_at"], unique=False)

    op.create_table(
        "cs_member_key",
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_cs_member_key_store_id")),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_cs_member_key")),
    )
    op.create_table(
        "cs_shop_score",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("description", sa.Integer(), nullable=True),
        sa.Column("service", sa.Integer(), nullable=True),
        sa.Column("logistics", sa.Integer(), nullable=True),
        sa.Column("overall", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_cs_shop_score_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cs_shop_score")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_cs_shop_score_store_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cs_after_sale",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("refund_no", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("trade_no", sa.String(), nullable=True),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("merchant_code", sa.String(), nullable=True),
        sa.Column("items", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("kind_text", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_text", sa.String(), nullable=True),
        sa.Column("goods_text", sa.String(), nullable=True),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("whole", sa.String(), nullable=True),
        sa.Column("paid", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("tag", sa.String(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("responsible", sa.String(), nullable=True),
        sa.Column("platform_involved", sa.String(), nullable=True),
        sa.Column("return_waybill_no", sa.String(), nullable=True),
        sa.Column("return_carrier", sa.String(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_cs_after_sale_order_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_cs_after_sale_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cs_after_sale")),
        sa.UniqueConstraint("store_id", "refund_no", name=op.f("uq_cs_after_sale_store_id_refund_no")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("cs_after_sale", schema=None) as batch_op:
        batch_op.create_index("ix_cs_after_sale_applied", ["store_id", "applied_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_after_sale_merchant_code"), ["merchant_code"], unique=False)
        batch_op.create_index("ix_cs_after_sale_order", ["store_id", "order_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_after_sale_order_id"), ["order_id"], unique=False)

    op.create_table(
        "cs_presence",
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_cs_presence_task_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_cs_presence_user_id")),
        sa.PrimaryKeyConstraint("task_id", "user_id", name=op.f("pk_cs_presence")),
    )
    op.create_table(
        "cs_promise",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["user_account.id"], name=op.f("fk_cs_promise_approved_by_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["user_account.id"], name=op.f("fk_cs_promise_confirmed_by_id")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_cs_promise_order_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_cs_promise_store_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_cs_promise_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cs_promise")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_cs_promise_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("cs_promise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cs_promise_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_promise_order_no"), ["order_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_promise_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_promise_task_id"), ["task_id"], unique=False)

    op.create_table(
        "cs_rating",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sku_id", sa.String(), nullable=True),
        sa.Column("colour", sa.String(), nullable=True),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("later_text", sa.Text(), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("later_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=True),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_cs_rating_product_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_cs_rating_store_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_cs_rating_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cs_rating")),
        sa.UniqueConstraint("store_id", "key", name=op.f("uq_cs_rating_store_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("cs_rating", schema=None) as batch_op:
        batch_op.create_index("ix_cs_rating_item", ["store_id", "item_id", "rated_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_rating_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_rating_task_id"), ["task_id"], unique=False)

    op.create_table(
        "cs_ticket",
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("merchant_code", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=True),
        sa.Column("platform_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("playbook_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("after_sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["after_sale_id"], ["cs_after_sale.id"], name=op.f("fk_cs_ticket_after_sale_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["user_account.id"], name=op.f("fk_cs_ticket_approved_by_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["task.id"], name=op.f("fk_cs_ticket_merged_into_id")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_cs_ticket_order_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["playbook_id"], ["cs_playbook.id"], name=op.f("fk_cs_ticket_playbook_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_cs_ticket_store_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_cs_ticket_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_cs_ticket")),
    )
    with op.batch_alter_table("cs_ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cs_ticket_after_sale_id"), ["after_sale_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_ticket_case_no"), ["case_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_ticket_merchant_code"), ["merchant_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_ticket_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_ticket_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cs_ticket_store_id"), ["store_id"], unique=False)
    seed = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    op.bulk_insert(playbooks, [{**row, "since": date.fromisoformat(row["since"])} for row in seed["playbooks"]])
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    op.bulk_insert(
        definitions,
        [{**row, "since": date.fromisoformat(row["since"]), "until": None, "at": begun} for row in seed["definitions"]],
    )


def downgrade() -> None:
    with op.batch_alter_table("cs_ticket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cs_ticket_store_id"))
        batch_op.drop_index(batch_op.f("ix_cs_ticket_order_id"))
        batch_op.drop_index(batch_op.f("ix_cs_ticket_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_cs_ticket_merchant_code"))
        batch_op.drop_index(batch_op.f("ix_cs_ticket_case_no"))
        batch_op.drop_index(batch_op.f("ix_cs_ticket_after_sale_id"))

    op.drop_table("cs_ticket")
    with op.batch_alter_table("cs_rating", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cs_rating_task_id"))
        batch_op.drop_index(batch_op.f("ix_cs_rating_product_id"))
        batch_op.drop_index("ix_cs_rating_item")

    op.drop_table("cs_rating")
    with op.batch_alter_table("cs_promise", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cs_promise_task_id"))
        batch_op.drop_index(batch_op.f("ix_cs_promise_state"))
        batch_op.drop_index(batch_op.f("ix_cs_promise_order_no"))
        batch_op.drop_index(batch_op.f("ix_cs_promise_order_id"))

    op.drop_table("cs_promise")
    op.drop_table("cs_presence")
    with op.batch_alter_table("cs_after_sale", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cs_after_sale_order_id"))
        batch_op.drop_index("ix_cs_after_sale_order")
        batch_op.drop_index(batch_op.f("ix_cs_after_sale_merchant_code"))
        batch_op.drop_index("ix_cs_after_sale_applied")

    op.drop_table("cs_after_sale")
    op.drop_table("cs_shop_score")
    op.drop_table("cs_member_key")
    with op.batch_alter_table("cs_member", schema=None) as batch_op:
        batch_op.drop_index("ix_cs_member_last")

    op.drop_table("cs_member")
    op.drop_table("cs_reply")
    op.drop_table("cs_definition")
    op.drop_table("cs_playbook")
