"""Runs: from imported files to what the command prints, again and again the same."""

import json
import random
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event, func, select

from core.cli import main
from core.contracts import Actor
from core.extensions import db
from core.imports import services as imports
from core.imports.command import OPERATOR
from core.jobs.models import Job
from core.messages import Refusal, Stale
from core.stores.models import Order
from core.testing.jobs import run_pending
from core.transactions import transaction
from plugins.finance.books.models import Control, Line
from plugins.finance.differences.models import Difference
from plugins.finance.matching import keeping, preview, services, superseded, versions
from plugins.finance.matching.classes import ORDER
from plugins.finance.matching.command import reconcile_command
from plugins.finance.matching.jobs import ask
from plugins.finance.matching.models import Result, Run
from plugins.finance.matching.rules import RuleSet
from plugins.finance.periods.models import Period
from tests.fixtures.ledger import Ledger
from tests.fixtures.ledger_files import write

FIRST, LAST = date(2025, 11, 1), date(2025, 11, 30)
STORE = "对账店"
GENERATOR = Path(__file__).parents[4] / "shared/bench/recon/gen.py"
LI = Actor(None, "Li", admin=True)


def bring(folder: Path, *names: str) -> None:
    for name in names:
        reading = imports.read_file((folder / name).read_bytes(), name, imports.importers_for(OPERATOR))
        imports.import_now(reading, STORE, OPERATOR)


@pytest.fixture
def ledger(in_app: Any, tmp_path: Path) -> Ledger:
    """A made-up month, imported."""
    made = Ledger(600, 7)
    write(made, tmp_path / "month")
    bring(tmp_path / "month", "carry.csv", "orders.csv", "alipay.csv")
    return made


def command(*args: str, store: str = STORE, first: str = "2025-11-01", last: str = "2025-11-30") -> Any:
    return CliRunner().invoke(reconcile_command, ["--store", store, "--from", first, "--to", last, *args])


def told(answer: Any) -> dict[str, Any]:
    return json.loads(answer.stdout)


def fen(text: str) -> int:
    return int(text.replace(".", ""))


def figures(classes: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {code: (each["count"], fen(each["amount"])) for code, each in classes.items() if each["count"]}


def repeats(report: dict[str, Any]) -> list[list[Any]]:
    """What the run tells of the rows that files repeat: file, side, how many twice in it, how many of earlier ones."""
    told_by_file = db.session.get_one(Run, report["run"], populate_existing=True).totals["repeats"]
    return [[each[name] for name in ("file", "side", "inside", "overlap")] for each in told_by_file]


def test_the_command_agrees_with_the_truth_class_by_class(ledger: Ledger) -> None:
    answer = command("--json")
    report = told(answer)
    orders, lines = ledger.totals()
    assert (figures(report["order_classes"]), figures(report["line_classes"])) == (orders, lines)
    assert answer.exit_code == 1
    assert report["tie_out"]["ok"] and len(report["tie_out"]["checks"]) == 13
    assert {check["ok"] for check in report["tie_out"]["checks"]} == {True}
    assert (report["store"], report["from"], report["to"]) == (STORE, "2025-11-01", "2025-11-30")
    assert report["orders"]["count"] == ledger.count + ledger.many
    assert fen(report["orders"]["paid"]) == int(ledger.price.sum())
    amount = ledger.lines["amount"][ledger.genuine]
    assert (fen(report["lines"]["in"]), -fen(report["lines"]["out"])) == (
        amount[amount > 0].sum(),
        amount[amount < 0].sum(),
    )


def test_every_difference_is_listed_once_with_its_owner(ledger: Ledger) -> None:
    report = told(command("--json"))
    by_class: dict[str, int] = {}
    for each in report["differences"]:
        by_class[each["class"]] = by_class.get(each["class"], 0) + 1
    orders, lines = ledger.totals()
    expected = {
        code: orders[code][0]
        for code in ("AMOUNT", "MISSING_STMT", "CROSS_OUT", "REFUND", "FEE", "CARRY_OPEN", "DUP_ORDER")
    }
    expected |= {code: lines[code][0] for code in ("STMT_ONLY", "DUP_PAY", "DUP_ROW")}
    assert by_class == expected
    assert all(each["owner_team"] and each["id"] for each in report["differences"])
    stored = db.session.scalars(select(Difference)).all()
    assert len(stored) == len(report["differences"])
    missing = [each for each in stored if each.code == "MISSING_STMT"]
    assert sum(each.amount for each in missing) == -orders["MISSING_STMT"][1]
    assert repeats(report) == [
        ["orders.csv", "orders", orders["DUP_ORDER"][0], 0],
        ["alipay.csv", "lines", lines["DUP_ROW"][0], 0],
    ]


def test_the_same_inputs_give_the_same_digest_and_the_same_run(ledger: Ledger) -> None:
    one, two = told(command("--json")), told(command("--json"))
    assert one == two
    assert db.session.scalar(select(func.count(Run.id))) == 1
    assert (
        db.session.scalar(select(func.count()).select_from(Result))
        == ledger.count + len(ledger.line_truth) + ledger.many
    )


def test_files_permuted_and_cut_anywhere_give_the_same_digest(make_app: Any, tmp_path: Path) -> None:
    made, chance = Ledger(300, 3), random.Random(5)
    write(made, tmp_path)
    head, *rows = (tmp_path / "orders.csv").read_bytes().splitlines(keepends=True)
    chance.shuffle(rows)
    (tmp_path / "one.csv").write_bytes(b"".join([head, *rows[:120]]))
    (tmp_path / "two.csv").write_bytes(b"".join([head, *rows[120:]]))
    bill = (tmp_path / "alipay.csv").read_bytes().splitlines(keepends=True)
    head, rows = bill[:5], [row for row in bill[5:] if not row.startswith(b"#")]
    cut = chance.randrange(1, len(rows))
    (tmp_path / "first.csv").write_bytes(b"".join([*head, *rows[:cut]]))
    (tmp_path / "second.csv").write_bytes(b"".join([*head, *rows[cut:]]))
    found = []
    whole, apart = ["carry", "orders", "alipay"], ["second", "two", "carry", "one", "first"]
    for names in (whole, apart):
        with make_app().app_context():
            bring(tmp_path, *(f"{name}.csv" for name in names))
            report = told(command("--json"))
            assert report["tie_out"]["ok"]
            found.append({name: value for name, value in report.items() if name not in ("differences", "tie_out")})
    assert found[0] == found[1]


def test_the_very_same_file_again_repeats_nothing_and_an_overlapping_one_repeats_its_rows(
    ledger: Ledger, tmp_path: Path
) -> None:
    before = told(command("--json"))
    bring(tmp_path / "month", "orders.csv", "alipay.csv")
    assert told(command("--json"))["digest"] == before["digest"]
    rows = (tmp_path / "month/orders.csv").read_bytes().splitlines(keepends=True)
    (tmp_path / "month/some.csv").write_bytes(b"".join(rows[:11]))
    bring(tmp_path / "month", "some.csv")
    after = told(command("--json"))
    count = [figures(each["order_classes"])["DUP_ORDER"][0] for each in (before, after)]
    assert count[1] == count[0] + 10
    assert before["order_classes"]["OK"] == after["order_classes"]["OK"]
    assert after["tie_out"]["ok"] and after["run"] != before["run"]
    assert ["some.csv", "orders", 0, 10] in repeats(after)
    assert after["differences"] == before["differences"]


def test_a_match_by_hand_survives_the_next_run_and_can_be_taken_back(ledger: Ledger) -> None:
    before = told(command("--json"))
    ghost = db.session.scalars(
        select(Difference).where(Difference.code == "STMT_ONLY", Difference.amount > 0).order_by(Difference.id)
    ).first()
    missing = db.session.scalars(
        select(Difference).where(Difference.code == "MISSING_STMT").order_by(Difference.id)
    ).first()
    match = services.match_by_hand(ghost.line_id, LI, "The buyer paid by another number.", order_no=missing.order_no)
    after = told(command("--json"))
    assert figures(after["line_classes"])["STMT_ONLY"][0] == figures(before["line_classes"])["STMT_ONLY"][0] - 1
    assert figures(after["order_classes"])["AMOUNT"][0] == figures(before["order_classes"])["AMOUNT"][0] + 1
    assert after["tie_out"]["ok"]
    services.undo_match(match.id, LI, "It was another buyer.")
    assert told(command("--json"))["digest"] == before["digest"]
    with pytest.raises(Stale):
        services.undo_match(match.id, LI, "Again.")


def test_a_match_by_hand_needs_a_reason_and_an_order_that_there_is(ledger: Ledger) -> None:
    line = db.session.scalars(select(Line.id)).first()
    for given, field in (({}, "order_no"), ({"order_no": "1"}, "order_no"), ({"part": "gift"}, "part")):
        with pytest.raises(Refusal) as refused:
            services.match_by_hand(line, LI, "So it is.", **given)
        assert field in refused.value.fields
    with pytest.raises(Refusal) as refused:
        services.match_by_hand(line, LI, " ", part="other")
    assert "reason" in refused.value.fields


def test_a_missing_line_fails_the_tie_out_and_the_command(ledger: Ledger) -> None:
    with transaction() as session:
        gone = session.scalars(select(Line).where(Line.amount > 0).order_by(Line.id).offset(40)).first()
        session.delete(gone)
    answer = command("--json")
    bad = [check["name"] for check in told(answer)["tie_out"]["checks"] if not check["ok"]]
    account = "alipay:20881234567890120156"
    assert bad == [
        f"balance {account}",
        f"statement {account} 2025-11-01/2025-12-01 in count",
        f"statement {account} 2025-11-01/2025-12-01 in sum",
    ]
    assert answer.exit_code == 2
    with transaction() as session:
        control = session.scalars(select(Control)).one()
        control.until = datetime(2025, 11, 30, 12, 0, 1, tzinfo=UTC)  # a bill drawn in the evening of the last day
    assert bad[1:] == [
        check["name"] for check in told(command("--json"))["tie_out"]["checks"] if check["name"] in bad[1:]
    ]


def test_the_commands_explain_themselves_in_the_language_of_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    for language, expected in (("zh", ["对账", "店铺名"]), ("en", ["Reconcile a period", "The store."])):
        monkeypatch.setenv("STOREBOARD_LANGUAGE", language)
        said = CliRunner().invoke(main, ["finance", "reconcile", "--help"])
        assert (said.exit_code, [text in said.output for text in expected]) == (0, [True, True])


def test_what_is_no_store_and_no_day_is_refused(ledger: Ledger) -> None:
    for given in ({"store": "nowhere"}, {"first": "yesterday"}, {"first": "2025-12-01"}):
        answer = command(**given)
        assert (answer.exit_code, answer.stdout) == (2, "")
        assert answer.stderr.strip()


def test_the_next_month_finds_what_was_open_in_this_one(ledger: Ledger) -> None:
    november = told(command("--json"))
    report = told(command("--json", first="2025-12-01", last="2025-12-31"))
    left = ("CROSS_OUT", "MISSING_STMT", "CARRY_OPEN")
    assert figures(report["order_classes"]) == {
        "CARRY_OPEN": tuple(sum(figures(november["order_classes"])[code][place] for code in left) for place in (0, 1))
    }
    here = [
        {each["file"]: each["here"] for each in run.inputs} for run in db.session.scalars(select(Run).order_by(Run.id))
    ]
    assert here[0] == {"carry.csv": True, "orders.csv": True, "alipay.csv": True}
    assert here[1] == {"carry.csv": True, "orders.csv": True, "alipay.csv": False}  # no line of December


def test_a_large_run_is_written_in_many_short_transactions(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    small = told(command("--json"))
    monkeypatch.setattr(keeping, "AT_ONCE", 100)
    with transaction() as session:
        session.scalars(select(Order)).first().total += 1
    large = told(command("--json"))
    assert large["run"] != small["run"]
    counts = [
        db.session.scalar(select(func.count()).select_from(Result).where(Result.run_id == report["run"]))
        for report in (small, large)
    ]
    assert counts[0] == counts[1]


def test_the_rows_of_a_run_are_dropped_once_a_newer_one_replaces_it_unless_it_is_signed(ledger: Ledger) -> None:
    def kept() -> dict[int, bool]:
        db.session.rollback()
        return {run.id: superseded.has_rows(run) for run in db.session.scalars(select(Run))}

    def change() -> int:
        with transaction() as session:
            session.scalars(select(Order).order_by(Order.id)).first().total += 1
        return told(command("--json"))["run"]

    first = told(command("--json"))["run"]
    second = change()
    run_pending()
    assert kept() == {first: False, second: True}
    old = db.session.get_one(Run, first)
    assert old.digest and old.inputs and old.totals["order_classes"]["OK"]["count"] > 0

    with transaction() as session:
        session.scalars(select(Period)).one().state = "prepared"
    third = change()
    run_pending()
    assert kept() == {first: False, second: True, third: True}


def test_the_background_work_does_the_same(ledger: Ledger) -> None:
    store = db.session.scalars(select(Order.store_id)).first()
    job = ask(store, FIRST, LAST, LI)
    assert ask(store, FIRST, LAST, LI).id == job.id
    run_pending()
    done = db.session.get(Job, job.id, populate_existing=True)
    assert (done.state, done.error) == ("done", None)
    assert told(command("--json"))["run"] == done.result["run"]
    assert db.session.scalar(select(func.count()).select_from(Result).where(Result.side == ORDER)) == ledger.count


def test_new_rules_are_a_new_version_and_say_beforehand_what_they_change(ledger: Ledger) -> None:
    store = db.session.scalars(select(Order.store_id)).first()
    before = told(command("--json"))
    run = db.session.get(Run, before["run"])
    data = RuleSet().data() | {"tolerance": {"fee": {"fen": 0}}, "cutoff_days": 30}
    seen = preview.preview(store, data, [run])
    tolerated = figures(before["order_classes"])["TOL"][0]
    assert (len(seen[0].lost), len(seen[0].won)) == (tolerated, 0)
    assert seen[0].before > seen[0].after
    assert seen[0].data()["first_lost"] == [key.removeprefix("order:") for key in seen[0].lost[:3]]
    version = versions.save_rules(store, data, LI, "No tolerance, and a month to arrive.", based_on=0)
    assert version.version == 1
    with pytest.raises(Stale):
        versions.save_rules(store, data, LI, "Once more.", based_on=0)
    after = told(command("--json"))
    assert "TOL" not in figures(after["order_classes"]) and "MISSING_STMT" not in figures(after["order_classes"])
    assert after["digest"] != before["digest"]
    with pytest.raises(Refusal) as refused:
        versions.save_rules(store, {"cutoff_days": -1}, LI, "Nonsense.")
    assert "cutoff_days" in refused.value.fields


@pytest.mark.skipif(not GENERATOR.exists(), reason=f"SKIPPED LOUDLY: {GENERATOR.name} is not at hand")
@pytest.mark.parametrize("seed", [7, 11])
def test_the_common_generators_truth_is_met(in_app: Any, tmp_path: Path, seed: int) -> None:
    subprocess.run([sys.executable, GENERATOR, tmp_path, "2000", "--seed", str(seed)], check=True, capture_output=True)
    bring(tmp_path, "carry.csv", "orders.csv", "alipay.csv")
    report, truth = told(command("--json")), json.loads((tmp_path / "truth.json").read_text())
    total = truth["totals"]
    for place, code in enumerate(truth["o_names"]):
        expected = tuple(total[f"orders_{what}"][place] + total[f"carry_{what}"][place] for what in ("n", "fen"))
        assert figures(report["order_classes"]).get(code, (0, 0)) == expected
    for place, code in enumerate(truth["l_names"]):
        expected = (total["lines_n"][place], total["lines_in"][place] - total["lines_out"][place])
        assert figures(report["line_classes"]).get(code, (0, 0)) == expected
    assert report["tie_out"]["ok"]


def test_the_receipts_of_an_order_are_looked_up_by_its_number(ledger: Ledger) -> None:
    """SQLite, which knows nothing of how much there is, went through all lines of the store for every order."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL knows how much there is")
    asked: list[tuple[str, Any]] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, said, given, *_: asked.append((said, given)))
    command(first="2025-12-01", last="2025-12-31")
    plans = [
        row[3]
        for said, given in asked
        if said.startswith("SELECT") and "EXISTS (SELECT" in said and "finance_line" in said
        for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)
    ]
    used = {step.split(" INDEX ")[1] for step in plans if step.startswith("SEARCH finance_line")}
    assert used == {"ix_finance_line_order (store_id=? AND order_no=?)"}
