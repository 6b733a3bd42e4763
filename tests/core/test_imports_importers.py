"""What an importer may say of a file as a whole, and of the store that it goes into."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from core.contracts import Actor, Column
from core.extensions import db
from core.imports import services
from core.imports.models import ImportBatch
from core.imports.rules import RowRejected, as_id, as_moment, as_money
from core.messages import Refusal, msg
from core.stores.importers import ORDERS
from core.stores.models import Order, Store
from tests.fixtures import exports

LI = Actor(None, "li", admin=True)
SOLD = exports.sales(6, seed=3)
TWO = exports.archive(("a.csv", exports.orders(SOLD[:3])), ("b.csv", exports.orders(SOLD[3:])))


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_tables_of_one_file_are_judged_together(in_app):
    def together(tables):
        return [msg("There are %(count)s.", count=len(tables))] if len(tables) > 1 else []

    importer = replace(ORDERS, together=together)
    assert services.read_file(exports.orders(SOLD), "a.csv", [importer]).extract.rows == 6
    with pytest.raises(Refusal, match=r"There are 2\."):
        services.read_file(TWO, "a.zip", [importer])


def test_an_objection_to_the_store_is_heard_before_anything_is_written(in_app):
    asked = []

    def objections(records, store_id):
        asked.append((sorted(record.key for record in records), store_id))
        return [msg("It belongs elsewhere.")]

    reading = services.read_file(exports.orders(SOLD), "a.csv", [replace(ORDERS, objections=objections)])
    for attempt in (
        lambda: services.try_out(reading, 7),
        lambda: services.keep(reading, "S", LI),
        lambda: services.import_now(reading, "S", LI),
    ):
        with pytest.raises(Refusal, match="It belongs elsewhere"):
            attempt()
        db.session.rollback()
    assert [count(model) for model in (Store, Order, ImportBatch)] == [0, 0, 0]
    assert asked[0] == (sorted(sale["no"] for sale in SOLD), 7)
    assert asked[1][1] is None


def test_a_file_applied_later_is_judged_whole_again(in_app, monkeypatch):
    seen = []
    importer = replace(ORDERS, together=lambda tables: seen.append([table.sheet for table in tables]) or [])
    monkeypatch.setitem(in_app.extensions["registry"].importers, ORDERS.name, importer)
    batch = services.keep(services.read_file(TWO, "a.zip", [importer]), "S", LI)
    services.reread(batch)

    assert seen == [["a.csv", "b.csv"]] * 2


def test_a_table_that_is_only_judged_has_no_rows(in_app):
    reading = services.read_file(exports.orders(SOLD), "a.csv", [replace(ORDERS, records=None)])

    assert (reading.extract.rows, reading.extract.records) == (0, {})


def test_rows_that_hold_no_record_are_no_repeats(in_app):
    reading = services.read_file(exports.orders(SOLD), "a.csv", [replace(ORDERS, records=lambda _: [])])
    outcome = services.try_out(reading, None)

    assert dict(outcome.counts) == {"unchanged": 6}


def test_a_number_whose_zeros_begin_before_a_spreadsheet_rounds_is_its_own():
    assert as_id("2025110199000000000000000000") == "2025110199000000000000000000"
    with pytest.raises(RowRejected):
        as_id("2025110122001300000000000000")
    with pytest.raises(RowRejected):
        as_id("5116032541422000000")


@pytest.mark.parametrize(
    "cell", ["2026-03-01 09:10:11", " 2026/3/1 9:10:11\t", "２０２６-03-01 09：10：11", "46082.3820717593"]
)
def test_a_moment_is_the_same_however_it_is_written(cell):
    assert as_moment(cell) == datetime(2026, 3, 1, 1, 10, 11, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["2026-02-30 00:00:00", "2026-03-01 24:00:00", "2026-03-01 09:60:00"])
def test_a_moment_that_never_was_is_refused(cell):
    with pytest.raises(RowRejected):
        as_moment(cell)


@pytest.mark.parametrize(
    "cell, fen", [("-0.00", 0), ("-12.30", -1230), ("1,234.50", 123450), ("99.8元", 9980), ("7", 700)]
)
def test_an_amount_is_the_same_however_it_is_written(cell, fen):
    assert as_money(cell) == fen


def test_a_shared_table_is_read_by_each_importer_that_finds_its_columns_into_an_import_of_its_own(in_app, monkeypatch):
    ours = replace(ORDERS, shared="orders")
    theirs = replace(ours, name="core.theirs", weight=99)
    lacking = replace(ours, name="core.lacking", columns=(*ours.columns, Column("x", ("Nowhere",), required=True)))
    apart = replace(ours, name="core.apart", shared="")
    for each in (ours, theirs, lacking, apart):
        monkeypatch.setitem(in_app.extensions["registry"].importers, each.name, each)

    first, second = services.read_each(TWO, "a.zip", [ours, theirs, lacking, apart])
    assert [(each.kind, each.extract.rows) for each in (first, second)] == [(ORDERS.name, 6), ("core.theirs", 6)]
    kept = services.keep_each([first, second], "S", LI)
    assert [batch.kind for batch in kept] == [ORDERS.name, "core.theirs"]
    assert [services.beside(batch, LI) for batch in kept] == [[kept[1]], [kept[0]]]
    assert services.read_each(TWO, "a.zip", [theirs])[0].kind == "core.theirs"

    refused = replace(theirs, objections=lambda *_: [msg("It belongs elsewhere.")])
    with pytest.raises(Refusal, match="It belongs elsewhere"):
        services.keep_each(services.read_each(TWO, "a.zip", [ours, refused]), "S", LI)
    assert count(ImportBatch) == 2
