"""What imports leave in the store: the same whatever the order, once however often, all or nothing, and back again."""

import json
import random
import signal
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select, text

from core.accounts.models import User
from core.board.models import Task, TaskLink
from core.contracts import Actor
from core.extensions import db
from core.files.models import File
from core.imports import preview, services, undoing
from core.imports.models import APPLIED, CHECKED, KEPT, REPEAT, UNDONE, ImportBatch, ImportRow
from core.jobs.models import Job
from core.jobs.rules import DONE
from core.messages import Refusal, Stale
from core.registry import registry
from core.stores import services as stores
from core.stores.models import Order, OrderLine, Product, RecordChange, Sku, Store
from core.testing.jobs import run_pending
from core.transactions import transaction
from tests.fixtures import exports

SOLD = exports.sales(24, seed=5)
LI = Actor(None, "li", admin=True)
RECORDS = (Product, Sku, Order, OrderLine)
CLASSIC = [exports.classic_values(sale) for sale in SOLD]
LINES = exports.lines_of(SOLD)


def bring(data, store="S", name="x.csv", actor=LI):
    reading = services.read_file(data, name, services.importers_for(actor))
    return services.import_now(reading, store, actor)[0]


def contents(store="S"):
    """Every record of a store by its plain values, without the numbers the database gave."""
    db.session.rollback()
    store_id = db.session.scalar(select(Store.id).where(Store.name == store))
    found = []
    for model in RECORDS:
        names = [
            c.key
            for c in inspect(model).column_attrs
            if c.key not in ("id", "store_id", "order_id", "product_id", "created_at", "version")
        ]
        for record in db.session.scalars(select(model).where(model.store_id == store_id)):
            found.append((model.__name__, *(str(getattr(record, name)) for name in names)))
        db.session.expire_all()
    return sorted(found)


def count(model, *where):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def test_the_same_file_twice_changes_nothing(in_app):
    for data in (exports.orders(SOLD), exports.lines(SOLD), exports.products()):
        bring(data)
        before = contents()
        again = bring(data)
        assert (again.created, again.updated, again.unchanged) == (0, 0, again.rows)
        assert contents() == before
    assert count(RecordChange) == 0


@settings(max_examples=12)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_rows_and_how_they_are_split_over_files_do_not_matter(in_app, seed):
    rng, store = random.Random(seed), f"S{seed}"
    if services.find_store("whole") is None:
        for header, rows in ((exports.CLASSIC, CLASSIC), (exports.LINES, LINES)):
            bring(exports.table(header, rows), "whole")
    jobs_to_do = []
    for header, rows in ((exports.CLASSIC, CLASSIC), (exports.LINES, LINES)):
        shuffled = rng.sample(rows, len(rows))
        cut = rng.randrange(1, len(rows))
        overlap = rng.randrange(0, 5)
        jobs_to_do += [(header, shuffled[: cut + overlap]), (header, shuffled[cut:])]
    rng.shuffle(jobs_to_do)
    for header, rows in jobs_to_do:
        bring(exports.table(header, rows), store)
    assert contents(store) == contents("whole")


def test_rows_repeated_in_a_file_are_remembered_as_repeats(in_app):
    batch = bring(exports.table(exports.CLASSIC, [*CLASSIC, CLASSIC[2], CLASSIC[2]]))
    assert (batch.rows, batch.created, batch.unchanged, batch.repeats) == (26, 24, 2, 2)
    repeats = db.session.scalars(select(ImportRow).where(ImportRow.action == REPEAT).order_by(ImportRow.number)).all()
    number = db.session.get(Order, repeats[0].record_id).order_no
    assert ([row.number for row in repeats], number) == ([26, 27], SOLD[2]["no"])


def test_what_a_later_file_changes_is_in_the_records_history(in_app):
    waiting = [row | {"订单状态": "买家已付款，等待卖家发货", "物流单号": "", "确认收货时间": ""} for row in CLASSIC]
    bring(exports.table(exports.CLASSIC, waiting))
    bring(exports.table(exports.CLASSIC, CLASSIC))
    done = next(sale for sale in SOLD if sale["state"] == "done")
    order = db.session.scalars(select(Order).where(Order.order_no == done["no"])).one()
    (change,) = db.session.scalars(select(RecordChange).where(RecordChange.record_id == order.id)).all()
    assert change.changes["status"] == ["paid", "done"]
    assert change.changes["waybill_no"] == [None, done["waybill"]]
    assert (change.actor_name, change.source) == ("li", "import")


def test_an_import_taken_back_leaves_the_store_as_it_was(in_app):
    bring(exports.table(exports.CLASSIC, [row | {"订单状态": "买家已付款，等待卖家发货"} for row in CLASSIC[:15]]))
    bring(exports.table(exports.LINES, LINES))
    before = contents()
    batch = bring(exports.table(exports.CLASSIC, CLASSIC))
    assert contents() != before
    undone = undoing.undo(batch.id, LI)
    assert (undone.state, contents()) == (UNDONE, before)
    assert count(OrderLine, OrderLine.order_id.is_(None)) > 0
    with pytest.raises(Stale):
        undoing.undo(batch.id, LI)
    bring(exports.table(exports.CLASSIC, CLASSIC))
    assert count(OrderLine, OrderLine.order_id.is_(None)) == 0


def test_imports_are_taken_back_one_after_the_other(in_app):
    first = bring(exports.table(exports.CLASSIC, [row | {"订单状态": "买家已付款，等待卖家发货"} for row in CLASSIC]))
    second = bring(exports.table(exports.CLASSIC, CLASSIC))
    undoing.undo(second.id, LI)
    undoing.undo(first.id, LI)
    assert count(Order) == 0
    assert count(ImportRow, ImportRow.action == KEPT) == 0


def test_what_a_later_import_holds_too_is_kept_and_listed(in_app):
    day = bring(exports.table(exports.CLASSIC, CLASSIC[:10]))
    bring(exports.table(exports.CLASSIC, CLASSIC[5:]))
    undoing.undo(day.id, LI)
    assert count(Order) == 19
    kept = db.session.scalars(select(ImportRow).where(ImportRow.action == KEPT).order_by(ImportRow.number)).all()
    assert [row.number for row in kept] == [7, 8, 9, 10, 11]
    assert {row.message.text for row in kept} == {"A later import holds it too."}


def test_what_somebody_edited_since_is_kept_and_listed(in_app):
    batch = bring(exports.products(), name="x.xlsx")
    product = db.session.scalars(select(Product)).first()
    stores.edit("core.product", product.id, 1, {"title": "新标题"}, LI)
    undoing.undo(batch.id, LI)
    assert [found.title for found in db.session.scalars(select(Product))] == ["新标题"]
    (kept,) = db.session.scalars(select(ImportRow).where(ImportRow.action == KEPT))
    assert (kept.record_id, kept.message.text) == (product.id, "It was changed since.")


def test_a_record_that_a_task_is_about_is_kept(in_app):
    batch = bring(exports.table(exports.CLASSIC, CLASSIC[:3]))
    order = db.session.scalars(select(Order)).first()
    with transaction() as session:
        user = User(login="a", name="a", password_hash="")
        session.add(user)
        session.flush()
        task = Task(
            number="T-1",
            type="core.general",
            title="x",
            state="draft",
            requester_team="operations",
            responsible_team="operations",
            requester_id=user.id,
        )
        session.add(task)
        session.flush()
        session.add(TaskLink(task_id=task.id, kind="core.order", record_id=order.id, title="x"))
    undoing.undo(batch.id, LI)
    assert [found.id for found in db.session.scalars(select(Order))] == [order.id]
    (kept,) = db.session.scalars(select(ImportRow).where(ImportRow.action == KEPT))
    assert kept.message.text == "Something refers to it."


def test_ids_of_deleted_records_are_never_given_again(in_app):
    batch = bring(exports.orders(SOLD))
    highest = db.session.scalar(select(func.max(Order.id)))
    undoing.undo(batch.id, LI)
    bring(exports.orders(SOLD))
    assert db.session.scalar(select(func.min(Order.id))) > highest


def test_a_kept_file_is_applied_in_the_background_exactly_once(in_app):
    reading = services.read_file(exports.orders(SOLD), "x.csv", services.importers_for(LI))
    batch = services.keep(reading, "S", LI)
    assert (batch.state, batch.created, count(Order), count(Store)) == (CHECKED, 24, 0, 0)
    services.ask_to_apply(batch.id, LI)
    services.ask_to_apply(batch.id, LI)
    run_pending()  # plugins may have work of their own to do after it
    db.session.expire_all()
    assert [job.state for job in db.session.query(Job).filter(Job.name == services.APPLY_JOB)] == [DONE]
    batch = db.session.get(ImportBatch, batch.id)
    assert (batch.state, batch.created, count(Order)) == (APPLIED, 24, 24)
    whole = contents()
    bring(exports.orders(SOLD), "direct")
    assert [row[1:] for row in whole] == [row[1:] for row in contents("direct")]
    with pytest.raises(Stale):
        services.ask_to_apply(batch.id, LI)


def test_what_the_evidence_holds_reads_as_the_file_did(in_app):
    rows = [*CLASSIC[:5], CLASSIC[5] | {"订单编号": "1.23E+18"}, *CLASSIC[6:]]
    for data, name in ((exports.table(exports.CLASSIC, rows), "a.csv"), (exports.xlsx_main_and_sub(SOLD), "b.xlsx")):
        reading = services.read_file(data, name, services.importers_for(LI))
        again = services.reread(services.keep(reading, "S", LI))
        assert again.extract.records == reading.extract.records
        assert again.extract.rejected == reading.extract.rejected


def test_a_dry_run_thrown_away_leaves_nothing(in_app):
    reading = services.read_file(exports.orders(SOLD), "x.csv", services.importers_for(LI))
    batch = services.keep(reading, "S", LI)
    assert count(File) == 1
    services.throw_away(batch.id)
    assert (count(ImportBatch), count(File), count(ImportRow)) == (0, 0, 0)
    with pytest.raises(Stale):
        services.throw_away(batch.id)


def test_two_at_once_count_nothing_twice(app):
    data, made, wrong = exports.orders(exports.sales(150)), [], []
    with app.app_context():
        readings = [services.read_file(data, "x.csv", services.importers_for(LI)) for _ in range(2)]

    def one(reading):
        with app.app_context():
            try:
                made.append(services.import_now(reading, "S", LI)[0].created)
            except Exception as error:
                wrong.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(reading,)) for reading in readings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, sorted(made)) == ([], [0, 150])
    with app.app_context():
        assert (count(Order), count(Store)) == (150, 1)


SCRIPT = """
import sys
from pathlib import Path
from core.app import create_app
from core.imports import command
app = create_app(HOME=sys.argv[1], DATABASE_URL=sys.argv[2], LANGUAGE="en")
with app.app_context():
    print("ready", flush=True)
    sys.exit(command.run([Path(sys.argv[3])], "S", new_store=True, as_json=True))
"""


def test_killed_at_any_moment_it_leaves_nothing_and_the_next_run_is_whole(app, tmp_path):
    path, rng = tmp_path / "big.csv", random.Random(1)
    path.write_bytes(exports.orders(exports.sales(2000)))
    url = app.config["DATABASE_URL"]
    program = [sys.executable, "-c", SCRIPT, str(app.config["HOME"]), url, str(path)]
    before = time.monotonic()
    tries, killed = 4, 0
    for _ in range(tries):
        with subprocess.Popen(program, stdout=subprocess.PIPE) as running:
            running.stdout.readline()
            time.sleep(rng.uniform(0.05, 0.7))
            killed += running.poll() is None
            running.send_signal(signal.SIGKILL)
        with app.app_context():
            orders = count(Order)
            assert orders in (0, 2000)
            assert count(ImportBatch) == count(ImportBatch, ImportBatch.state == APPLIED) == (1 if orders else 0)
            if orders:
                undoing.undo(db.session.scalar(select(ImportBatch.id)), LI)
                with transaction() as session:
                    for table in ("import_row", "import_part", "import_batch"):
                        session.execute(text(f"DELETE FROM {table}"))
    assert killed > 0
    ended = subprocess.run(program, stdout=subprocess.PIPE, check=True)
    assert json.loads(ended.stdout.splitlines()[-1])["created"] == 2000
    with app.app_context():
        assert count(Order) == 2000
    assert time.monotonic() - before < 120


def test_a_value_no_column_holds_is_no_failure(in_app):
    rows = [CLASSIC[0] | {"宝贝标题": "长" * 30_000, "总金额": "999,999,999,999.99", "宝贝总数量": "999999999999"}]
    batch = bring(exports.table(exports.CLASSIC, rows))
    assert batch.created + batch.rejected == 1


def test_an_importer_that_is_gone_is_said(in_app, monkeypatch):
    reading = services.read_file(exports.orders(SOLD), "x.csv", services.importers_for(LI))
    batch = services.keep(reading, "S", LI)
    monkeypatch.delitem(registry().importers, "core.tmall_orders")
    with pytest.raises(Refusal, match="switched off"):
        services.reread(batch)


def test_a_dry_run_shows_what_would_change_and_what_is_done_with_each_column(in_app):
    bring(exports.table(exports.CLASSIC, [*CLASSIC[:20], CLASSIC[20] | {"订单状态": "等待买家付款", "订单备注": ""}]))
    reading = services.read_file(exports.orders(SOLD), "x.csv", services.importers_for(LI))
    batch = services.keep(reading, "S", LI)
    assert (batch.created, batch.updated) == (3, 1)
    changed, *made = batch.sample
    assert (changed["action"], changed["row"], changed["key"]) == ("updated", 22, SOLD[20]["no"])
    assert changed["changes"]["status_text"] == ["等待买家付款", CLASSIC[20]["订单状态"]]
    assert [(each["action"], each["row"]) for each in made] == [("created", row) for row in (23, 24, 25)]
    assert made[0]["changes"]["total"] == [None, SOLD[21]["total"]]
    words = dict(preview.columns(batch.parts[0]))
    assert words["收货人姓名"] == words["联系手机"] == preview.PERSON
    assert (words["收货地址"], words["订单备注"]) == (preview.REGION, preview.NOTE)
    assert (words["总金额"], words["返点积分"]) == (preview.READ, preview.UNUSED)
    assert services.import_now(reading, "S", LI)[0].sample == []
