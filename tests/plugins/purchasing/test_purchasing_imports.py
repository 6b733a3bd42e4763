"""Stock files: what adds up is taken, what does not is named, and the same file again changes nothing."""

import csv
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.extensions import db
from core.imports import command
from core.jobs.models import Job
from plugins.purchasing.models import StockDay, StockMove
from tests.fixtures.stock import MOVES, SNAPSHOT, TWO, day, move, text

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "real"
STOCK, MOVED = REAL / "cainiao_stock_201804_part.csv", REAL / "cainiao_stock_moves_201804_part.csv"
real = pytest.mark.skipif(not STOCK.exists(), reason="THE REAL FILES ARE NOT THERE: nothing real was tested")


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_row_that_does_not_add_up_is_rejected_with_its_arithmetic(shop):
    rows = (day("2026-03-19"), day("2026-03-20", closing=95), day("2026-03-20", warehouse=TWO, entered=5, good=93))
    batch, _reading, _outcome = shop.take(text(SNAPSHOT, *rows))
    assert (batch.kind, count(StockDay)) == ("purchasing.stock_days", 2)
    stored = db.session.scalars(select(StockDay).where(StockDay.warehouse == TWO)).one()
    assert (stored.opening, stored.entered, stored.left, stored.closing) == (100, 5, 10, 95)
    assert (stored.good, stored.defective, stored.sold, stored.on.isoformat()) == (93, 2, 10, "2026-03-20")
    job = db.session.scalars(select(Job).where(Job.name == "purchasing.suggest")).one()
    assert job.payload == {"store": shop.store.id}


def test_the_same_snapshot_again_changes_nothing_and_a_newer_one_corrects(shop):
    shop.take(text(SNAPSHOT, day("2026-03-20")))
    shop.take(text(SNAPSHOT, day("2026-03-20")), "again.csv")
    assert count(StockDay) == 1
    shop.take(text(SNAPSHOT, day("2026-03-20", good=80), day("2026-03-21", opening=90)), "newer.csv")
    assert [row.good for row in db.session.scalars(select(StockDay).order_by(StockDay.on))] == [80, 80]


def test_movements_are_signed_and_one_document_may_move_an_article_twice(shop):
    rows = (
        move("M1", "2026-03-20 10:00:00", -2, 98),
        move("M1", "2026-03-20 10:00:00", -1, 97),
        move("M2", "2026-03-20 11:00:00", 50, 147, kind="其他入库单", order_no=""),
    )
    shop.take(text(MOVES, *rows), "moves.csv")
    shop.take(text(MOVES, *rows), "again.csv")
    stored = db.session.scalars(select(StockMove).order_by(StockMove.id)).all()
    assert [(row.number, row.quantity, row.balance) for row in stored] == [
        ("M1", -2, 98),
        ("M1", -1, 97),
        ("M2", 50, 147),
    ]


@real
def test_the_real_files_are_taken_whole(in_app):
    said = []
    command.run((STOCK, MOVED, STOCK), "S", new_store=True, as_json=True, echo=said.append)
    first, moved, again = (json.loads(line) for line in said)
    rows = {path: list(csv.DictReader(io.StringIO(path.read_bytes().decode("gb18030")))) for path in (STOCK, MOVED)}
    assert (first["kind"], first["rows"], first["rejected"]) == ("purchasing.stock_days", len(rows[STOCK]), [])
    assert (moved["kind"], moved["rows"], moved["rejected"]) == ("purchasing.stock_moves", len(rows[MOVED]), [])
    assert (again["created"], again["updated"]) == (0, 0)
    closing = sum(int(row["期末总量"]) for row in rows[STOCK])
    assert db.session.scalar(select(func.sum(StockDay.closing))) == closing
    moves = sum(int(row["出入数量"]) for row in rows[MOVED])
    assert db.session.scalar(select(func.sum(StockMove.quantity))) == moves
