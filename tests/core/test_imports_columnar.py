"""A file read in columns leaves exactly what the same file leaves when it is read row by row."""

import json
import random
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, inspect, select
from sqlalchemy.exc import IntegrityError

from core import steps
from core.contracts import Actor
from core.extensions import db
from core.files import services as files
from core.imports import columnar, columnar_parts, command, preview, services, undoing, unfinished
from core.imports.models import KEPT, WRITING, ImportBatch, ImportRow
from core.imports.rules import as_money, money_text
from core.messages import Refusal
from core.registry import registry
from core.stores.models import Order, RecordChange, Store
from core.transactions import transaction
from tests.fixtures import exports

LI = Actor(None, "li", admin=True)
SOLD = exports.sales(60, seed=3)
HEADER = exports.CLASSIC
ROWS = [[row.get(name.strip(), "") for name in HEADER] for row in map(exports.classic_values, SOLD)]
LATER = {"id", "store_id", "created_at", "version", "order_id"}


def as_bytes(header, rows, encoding="gb18030", end="\r\n"):
    def cell(value):
        text = str(value)
        return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(mark in text for mark in ',"\r\n') else text

    lines = [",".join(map(cell, row)) for row in [header, *rows]]
    return (end.join(lines) + end).encode(encoding, errors="replace")


def told(batch, model=Order):
    """Everything that an import left: records, what became of each row, counts, evidence."""
    db.session.rollback()
    names = [column.key for column in inspect(model).column_attrs if column.key not in LATER]
    kind = next(each for each in registry().record_types.values() if each.model is model)
    keys = {record.id: getattr(record, kind.key) for record in db.session.scalars(select(model))}
    stored = select(model).where(model.store_id == batch.store_id)
    records = sorted(tuple(str(getattr(each, name)) for name in names) for each in db.session.scalars(stored))
    rows = select(ImportRow).where(ImportRow.batch_id == batch.id)
    facts = sorted(
        (
            r.sheet,
            r.number_of(record),
            r.action,
            r.kind,
            str(keys.get(record)) if r.kind == kind.name else "",
            r.column,
            r.value,
            str(r.message),
        )
        for r in db.session.scalars(rows)
        for record in ([None] if r.record_id is None else range(r.record_id, (r.last_id or r.record_id) + 1))
    )
    counts = [
        getattr(batch, name) for name in ("kind", "rows", "created", "updated", "unchanged", "repeats", "rejected")
    ]
    parts = [(part.sheet, part.kind, part.rows, files.read(part.file)) for part in batch.parts if part.file]
    return records, facts, counts, batch.sha256, batch.size, parts


def both(tmp_path, data, stores=("rows", "columns"), kind="core.tmall_orders", model=Order):
    """What the two ways leave in a store of their own, or why each refuses the file."""
    path = tmp_path / "orders.csv"
    path.write_bytes(data)
    found = []
    for store, read in (
        (stores[0], lambda chosen: services.read_file(data, path.name, chosen)),
        (stores[1], lambda chosen: services.read_file(path, path.name, chosen)),
    ):
        try:
            reading = read(services.importers_for(LI, kind))
            assert store == stores[0] or reading.columns is not None
            found.append(told(services.import_now(reading, store, LI)[0], model))
        except Refusal as refusal:
            db.session.rollback()
            found.append([str(reason) for reason in refusal.reasons])
    return found


@pytest.fixture
def small(monkeypatch):
    """Every file is large, in many blocks and steps."""
    monkeypatch.setattr(columnar, "LARGE", 0)
    monkeypatch.setattr(columnar_parts, "BLOCK", 6_000)
    monkeypatch.setattr(steps, "FEWEST", 7)
    monkeypatch.setattr(steps, "MOST", 7)
    monkeypatch.setattr(steps, "REST", 0)


def test_an_order_export_is_read_alike(in_app, tmp_path, small):
    data = as_bytes(HEADER, ROWS)
    rows, columns = both(tmp_path, data)
    assert columns == rows
    assert len(rows[0]) == len(SOLD)
    reading = services.read_file(tmp_path / "orders.csv", "orders.csv", services.importers_for(LI))
    assert reading.columns.records.rows > len(SOLD) // 2


def test_a_total_row_is_held_against_a_column_once_whatever_it_is_read_as(in_app, tmp_path, small):
    rows = exports.grid(exports.OF_2026, map(exports.values_2026, SOLD))
    end = dict.fromkeys(exports.OF_2026, "") | {"订单编号": "合计"}
    paid = exports.OF_2026.index("买家实付金额")
    end["买家实付金额"] = money_text(sum(as_money(row[paid]) or 0 for row in rows[1:]))
    normal, columns = both(tmp_path, as_bytes(rows[0], [*rows[1:], list(end.values())]))
    assert columns == normal
    assert len(normal[0]) == len(SOLD)


def test_a_payout_that_is_lower_by_the_refund_is_what_was_kept(in_app, tmp_path, small):
    done = {"买家实付金额": "34.00", "退款金额": "4.00", "订单状态": "交易成功"}
    closed = {**done, "退款金额": "34.00", "订单状态": "交易关闭", "确认收货打款金额": "0.00"}
    cases = [*({**done, "确认收货打款金额": payout} for payout in ("30.00", "34.00", "")), closed]
    told_of = [{**exports.values_2026(sale), **case} for sale, case in zip(SOLD, cases, strict=False)]
    header, *rows = exports.grid(exports.MAIN_2026, told_of)
    normal, columns = both(tmp_path, as_bytes(header, rows))
    assert columns == normal
    query = select(Order.order_no, Order.kept).join(Store, Store.id == Order.store_id).where(Store.name == "columns")
    kept = dict(db.session.execute(query).all())
    assert [kept[sale["no"]] for sale in SOLD[:4]] == [3_000, 3_400, 3_400, 0]


@pytest.mark.parametrize("row", [["短", "行"], [""] * len(HEADER), ["x", *[""] * (len(HEADER) - 1)]])
def test_a_file_of_nothing_but_odd_rows_is_given_up_before_they_fill_the_memory(
    in_app, tmp_path, small, monkeypatch, row
):
    monkeypatch.setattr(columnar_parts, "MAX_ROWS", 10)
    monkeypatch.setattr(columnar, "MOST_ALONE", 10)
    path = tmp_path / "orders.csv"
    path.write_bytes(as_bytes(HEADER, [ROWS[0], *[row] * 11]))
    with pytest.raises(Refusal, match="too big"):
        services.read_file(path, path.name, services.importers_for(LI))


BAD = [
    "5.11603E+18",
    "5116032541420000000",
    "abc订单",
    "1,234.50",
    "12.345",
    "99.80元",
    "2025-02-30 10:00:00",
    "",
    " ",
    "null",
]
BAD += [
    '="511603254142"',
    "'00123",
    'a"b',
    "x,y",
    "line\nbreak",
    "回车\r在此",
    "=1+1",
    "电话13812345678",
    "#注",
    "合计",
    "\x07",
    "长" * 300,
    "-",
    "０.50",
]
changes = st.lists(
    st.tuples(st.integers(0, len(ROWS) - 1), st.integers(0, len(HEADER) - 1), st.sampled_from(BAD)), max_size=12
)
rows_again = st.lists(st.integers(0, len(ROWS) - 1), max_size=6)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    changes, rows_again, st.integers(0, 10**6), st.sampled_from(["\r\n", "\n"]), st.sampled_from(["gb18030", "utf-8"])
)
def test_whatever_is_wrong_with_a_file_is_wrong_alike(  # noqa: PLR0917
    in_app, tmp_path, small, changed, again, seed, end, encoding
):
    chance, rows = random.Random(seed), [list(row) for row in ROWS]
    rows += [list(rows[number]) for number in again]
    for number, position, cell in changed:
        rows[number][position] = cell
    if seed % 3 == 0:
        rows.insert(chance.randrange(len(rows)), [])
        rows.insert(chance.randrange(len(rows)), ["一", "二"])
        rows.insert(chance.randrange(len(rows)), [*ROWS[0], "多"])
    data = as_bytes(HEADER, rows, encoding, end)
    if seed % 5 == 0:
        at = chance.randrange(len(data) // 2, len(data))
        data = data[:at] + b"\xff\xff" + data[at:]
    normal, columns = both(tmp_path, data, (f"rows{seed}", f"columns{seed}"))
    assert columns == normal


def test_a_file_that_changes_what_is_stored_does_so_alike(in_app, tmp_path, small):
    both(tmp_path, as_bytes(HEADER, ROWS[:40]))
    later = [list(row) for row in ROWS]
    status, total = HEADER.index("订单状态"), HEADER.index("总金额")
    for row in later[:5]:
        row[status] = "交易关闭"
    later[6][total] = "1.23"
    rows, columns = both(tmp_path, as_bytes(HEADER, later))
    assert columns == rows
    assert rows[2][3] > 0


def test_an_import_in_columns_can_be_taken_back(in_app, tmp_path, small):
    both(tmp_path, as_bytes(HEADER, ROWS))
    batch = db.session.scalars(select(ImportBatch).where(ImportBatch.store_name == "columns")).one()
    undoing.undo(batch.id, LI)
    store = db.session.scalar(select(Store.id).where(Store.name == "columns"))
    assert db.session.scalar(select(func.count()).select_from(Order).where(Order.store_id == store)) == 0


def test_taking_an_import_in_columns_back_keeps_what_was_edited_since_and_says_so_of_its_row(in_app, tmp_path, small):
    both(tmp_path, as_bytes(HEADER, ROWS))
    batches = db.session.scalars(select(ImportBatch).order_by(ImportBatch.id)).all()
    edited = db.session.scalars(select(Order.order_no).distinct().order_by(Order.order_no)).all()[31]
    with transaction() as session:
        for kept in session.scalars(select(Order).where(Order.order_no == edited)):
            by = {"actor_name": "li", "source": "hand", "changes": {"note": [None, "a"]}}
            session.add(RecordChange(kind="core.order", record_id=kept.id, **by))
    for batch in batches:
        undoing.undo(batch.id, LI)
    normal, columns = map(told, batches)
    assert columns[:2] == normal[:2]
    assert [fact[1:3] for fact in columns[1] if fact[2] == KEPT] == [fact[1:3] for fact in normal[1] if fact[2] == KEPT]
    assert db.session.scalars(select(Order.order_no)).all() == [edited, edited]


def test_nobody_sees_what_is_not_finished_and_nothing_of_it_stays(in_app, tmp_path, small, monkeypatch):
    if not unfinished.in_steps():
        pytest.skip("PostgreSQL writes a file in one transaction")
    seen = []

    def look(_done):
        seen.append(db.session.scalar(select(func.count()).select_from(Order)))
        seen.append(db.session.connection().exec_driver_sql("SELECT count(*) FROM sales_order").scalar())
        if len(seen) > 4:
            raise OSError("the disk is gone")

    path = tmp_path / "orders.csv"
    path.write_bytes(as_bytes(HEADER, ROWS))
    reading = services.read_file(path, path.name, services.importers_for(LI))
    with pytest.raises(OSError, match="the disk is gone"):
        services.import_now(reading, "S", LI, look)
    assert seen == [0, 7, 0, 14, 0, 21]
    for model in (Order, ImportRow, ImportBatch):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


KILLED = """
import sys, time
from pathlib import Path
from core.app import create_app
from core import steps
from core.imports import columnar, command
columnar.LARGE, steps.FEWEST, steps.MOST = 0, 7, 7
app = create_app(HOME=Path(sys.argv[1]), DATABASE_URL=sys.argv[2], TESTING=True)
def slowly(self, path, done):
    print("step", flush=True)
    time.sleep(0.2)
command._Told.__call__ = slowly
with app.app_context():
    command.run([Path(sys.argv[3])], "S", new_store=True)
"""


def test_a_file_is_read_while_the_one_before_is_stored(in_app, small, tmp_path):
    """A refusal in between stands in its place, and the same orders again change nothing."""
    files = [tmp_path / name for name in ("first.csv", "other.csv", "again.csv")]
    for path, data in zip(files, (as_bytes(HEADER, ROWS[:20]), b"%PDF", as_bytes(HEADER, ROWS[:20])), strict=True):
        path.write_bytes(data)
    said = []
    assert command.run(files, "S", new_store=True, as_json=True, echo=said.append) == 2
    reports = [json.loads(line) for line in said]
    assert [(each["created"], each["unchanged"], bool(each["refused"])) for each in reports] == [
        (20, 0, False),
        (0, 0, True),
        (0, 20, False),
    ]


def test_a_dry_run_shows_the_same_of_a_large_file(in_app, small, monkeypatch, tmp_path):
    """What would be made of the first rows, and of those that change what is stored."""
    path = tmp_path / "orders.csv"
    path.write_bytes(as_bytes(HEADER, ROWS))
    command.run([path], "Known", new_store=True, echo=lambda _: None)
    changed = [[*row] for row in ROWS]
    for row in changed[7:12]:
        row[HEADER.index("宝贝标题 ")] = "另一件"
    path.write_bytes(as_bytes(HEADER, changed))
    for store, count in (("New", 5), ("Known", 5)):
        told = {}
        for large, shown in ((0, preview.MANY), (columnar.LARGEST, dict.fromkeys(preview.MANY, 100))):
            monkeypatch.setattr(columnar, "LARGE", large)
            monkeypatch.setattr(preview, "MANY", shown)
            reading = services.read_file(path, path.name, services.importers_for(LI))
            assert (reading.columns is None) == (large > 0)
            told[large] = {each["row"]: each for each in services.keep(reading, store, LI).sample}
        assert len(told[0]) == count
        assert told[0].items() <= told[columnar.LARGEST].items()


def test_a_store_that_has_orders_stays(in_app, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(as_bytes(HEADER, ROWS[:3]))
    command.run([path], "S", new_store=True, echo=lambda _: None)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(delete(Store))


def test_a_kill_in_the_middle_leaves_nothing(in_app, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(as_bytes(HEADER, ROWS))
    settings = [str(in_app.config["HOME"]), db.engine.url.render_as_string(hide_password=False), str(path)]
    child = subprocess.Popen([sys.executable, "-c", KILLED, *settings], stdout=subprocess.PIPE, text=True)
    for _ in range(4):
        assert child.stdout.readline() == "step\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    time.sleep(0.05)
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0
    db.session.rollback()
    unfinished.tidy()
    assert db.session.scalar(select(func.count()).select_from(ImportRow)) == 0
    assert db.session.scalars(select(ImportBatch).where(ImportBatch.state == WRITING)).all() == []
    if unfinished.in_steps():
        assert db.session.connection().exec_driver_sql("SELECT count(*) FROM sales_order").scalar() == 0
