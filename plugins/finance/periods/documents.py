"""The papers of a period: statement of reconciliation, balance statement, list of differences, evidence."""

from typing import Any

from core.audit import services as audit
from core.contracts import DocumentType, RecordType, Ref
from core.documents.rules import MOMENT
from core.messages import N_
from core.registry import registry
from plugins.finance.periods import papers
from plugins.finance.periods.balances import balance_sheet
from plugins.finance.periods.models import Period
from plugins.finance.periods.rules import STATES, STEPS

PERIOD = "finance.period"


def statement(period: Period) -> dict[str, Any]:
    """The statement of reconciliation: everything in sums."""
    if period.run is None:
        return _unreconciled(period)
    rows, arrived = papers.told(period.run)
    return {
        **_about(period),
        "totals": papers.totals(period.run),
        "controls": papers.controls(period),
        "balance": papers.sheet(balance_sheet(period.run)),
        "differences": papers.summed(rows),
        "signatures": papers.signatures(period),
        MOMENT: {"arrived": arrived},
    }


def balance(period: Period) -> dict[str, Any]:
    """The balance statement of every account."""
    if period.run is None:
        return _unreconciled(period)
    return {
        **_about(period),
        "balance": papers.sheet(balance_sheet(period.run)),
        "signatures": papers.signatures(period),
    }


def differences(period: Period) -> dict[str, Any]:
    """The list of differences, and their ages, which move by themselves."""
    if period.run is None:
        return _unreconciled(period)
    rows, arrived = papers.told(period.run)
    return {
        **_about(period),
        "summary": papers.summed(rows),
        "rows": rows[: papers.MOST],
        "more": max(len(rows) - papers.MOST, 0),
        MOMENT: {"ages": papers.ages(rows[: papers.MOST]), "arrived": arrived},
    }


def evidence(period: Period) -> dict[str, Any]:
    """All that the signatures stand on."""
    if period.run is None:
        return _unreconciled(period)
    told = differences(period)
    steps = {step.label for step in STEPS.values()}
    return {
        **statement(period),
        "rows": told["rows"],
        "more": told["more"],
        "inputs": [_input(each) for each in papers.files(period.run, True)],
        "history": [_step(event) for event in audit.events_of(Ref(PERIOD, period.id)) if event.verb in steps],
        MOMENT: told[MOMENT] | {"other_files": len(papers.files(period.run, False))},
    }


def _about(period: Period) -> dict[str, Any]:
    return {"period": papers.head(period), "run": papers.run(period.run) if period.run else None}


def _unreconciled(period: Period) -> dict[str, Any]:
    return {**_about(period), MOMENT: {}}


def _input(told: dict[str, Any]) -> dict[str, Any]:
    given = {name: told.get(name) or "" for name in ("batch", "file", "sha256")}
    importers = registry().importers
    kinds = told.get("kind", "").split(",")
    return given | {"kinds": [importers[kind].label if kind in importers else kind for kind in kinds]}


def _step(event: Any) -> dict[str, Any]:
    reason = event.data.get("reason", "")  # somebody's words, or a sentence of ours
    ours = isinstance(reason, dict)
    return {
        "at": event.at,
        "by": event.actor_name,
        "what": event.verb,
        "reason": reason["text"] if ours else reason,
        "named": reason.get("params", {}) if ours else None,
    }


def summary(period: Period) -> dict[str, Any]:
    """A period in plain values, for briefs and documents."""
    return {
        "title": period.title,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "state": STATES[period.state],
        "run": period.run_id or "",
        "digest": period.digest,
    }


def _paper(name: str, label: str, template: str, snapshot: Any) -> DocumentType:
    return DocumentType(
        name=f"finance.{name}",
        label=label,
        prefix="FIN",
        template=f"finance/documents/{template}.html",
        version="1",
        snapshot=snapshot,
        subject=PERIOD,
        permission="finance.reconcile",
    )


RECORD_TYPES = [RecordType(PERIOD, N_("Period"), Period, "finance.period", "finance.view", summary)]
DOCUMENTS = [
    _paper("statement", N_("Statement of reconciliation"), "statement", statement),
    _paper("balance", N_("Balance statement"), "balance", balance),
    _paper("differences", N_("List of differences"), "differences", differences),
    _paper("evidence", N_("Evidence of reconciliation"), "evidence", evidence),
]
