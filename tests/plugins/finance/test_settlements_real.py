"""The real payout, where its files are at hand: they are private and not part of the project."""

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from core.extensions import db
from core.imports import command
from plugins.finance.books.models import Control, Line, SettlementDetail, SettlementFee
from plugins.finance.books.settlement_command import settlements_command
from plugins.finance.books.settlements import settlements

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "real"
FILES = sorted(REAL.glob("alipay_global_*"))

pytestmark = pytest.mark.skipif(len(FILES) < 6, reason="THE REAL FILES ARE NOT THERE: nothing real was tested")


@pytest.fixture
def reports(in_app):
    said = []
    shuffled = random.Random(3).sample(FILES, len(FILES))
    command.run(shuffled, "S", new_store=True, as_json=True, echo=said.append)
    return [json.loads(each) for each in said]


def test_every_row_of_the_real_files_is_taken(reports):
    assert all(each["refused"] is None and each["rejected"] == [] for each in reports)
    assert {each["kind"]: each["rows"] for each in reports} == {
        "finance.settlement_batches": 1,
        "finance.settlement_details": 669,
        "finance.settlement_fees": 3307,
        "finance.monthly_fees": 622,
        "finance.global_trades": 188,
        "finance.global_statement": 40,
    }
    counted = [
        db.session.scalar(select(func.count()).select_from(model)) for model in (SettlementDetail, SettlementFee)
    ]
    assert counted == [669, 3307 + 622]


def test_the_real_payout_adds_up_to_the_cent(reports):
    said = CliRunner().invoke(settlements_command, ["--store", "S", "--json"])

    told = json.loads(said.stdout)
    assert said.exit_code == 0
    assert told.pop("batch").isdigit()
    assert told == {
        "lines": 669,
        "amount": "7747.01",
        "fee": "2459.14",
        "settlement": "5287.87",
        "currency": "USD",
        "details_tie": True,
        "fees_tie": True,
        "other_period": 669,  # without the orders, all are of other periods
    }


def test_the_real_fees_that_belong_elsewhere_are_3_92(reports):
    (found,) = settlements(db.session.scalar(select(SettlementDetail.store_id).limit(1)))

    assert (found.fee_total, sum(fee.fee for fee in found.other_fees)) == (245914, 392)
    assert sum(fees for _, _, fees, _ in found.by_type) == 245914


def test_the_real_details_move_what_the_payout_is_worth_in_rmb(reports):
    moved = db.session.scalar(select(func.sum(Line.amount)).where(Line.source == "settlement"))
    assert moved == db.session.scalar(select(func.sum(SettlementDetail.rmb_settlement)))
    foreign = db.session.scalar(select(func.sum(Line.foreign_amount)).where(Line.source == "settlement"))
    assert foreign == 528787


def test_the_real_statement_chains_whatever_the_order_within_a_second(reports):
    (control,) = db.session.scalars(select(Control)).all()
    total = db.session.scalar(select(func.sum(Line.amount)).where(Line.source == "global_statement"))
    assert (control.chained, control.closing - control.opening) == (True, total)
