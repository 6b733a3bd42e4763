"""Lists of parcels and exceptions with two filters, the forecast and the scorecard, without reading all."""

from alembic import op

revision = "logistics_0004"
down_revision = "logistics_0003"
branch_labels = None
depends_on = None

BEFORE = {
    "ix_logistics_parcel_status": ["status", "shipped_at"],
    "ix_logistics_parcel_sent": ["shipped_at", "warehouse", "carrier"],
    "ix_logistics_case_state": ["state", "due_at"],
}
AFTER = {
    "ix_logistics_parcel_status": ["status", "shipped_at", "warehouse", "carrier"],
    "ix_logistics_parcel_warehouse": ["warehouse", "shipped_at", "carrier"],
    "ix_logistics_parcel_sent": ["shipped_at"],
    "ix_logistics_case_state": ["state", "closed_at", "due_at"],
    "ix_logistics_case_closed": ["closed_at"],
    "ix_logistics_case_since": ["since_at", "carrier", "kind", "state"],
}


def upgrade() -> None:
    _change(BEFORE, AFTER)


def downgrade() -> None:
    _change(AFTER, BEFORE)


def _change(old: dict[str, list[str]], new: dict[str, list[str]]) -> None:
    for name in old:
        op.drop_index(name, _table(name))
    for name, columns in new.items():
        op.create_index(name, _table(name), columns)


def _table(index: str) -> str:
    return index.removeprefix("ix_").rpartition("_")[0]
