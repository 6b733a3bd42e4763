"""What other rules would have made of past periods: matches won, matches lost. Nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plugins.finance.matching import services
from plugins.finance.matching.models import Run
from plugins.finance.matching.rules import rule_set
from plugins.finance.matching.services import Made

PER = 1000


@dataclass(frozen=True)
class Preview:
    """One past period under other rules: keys of rows that would agree (``won``) and no longer would (``lost``), the
    parts per thousand that agree now and would then, and whether the sums would still tie out."""

    run: Run
    won: tuple[str, ...]
    lost: tuple[str, ...]
    before: int
    after: int
    ties: bool


def preview(store_id: int, data: Mapping[str, Any], runs: Sequence[Run]) -> list[Preview]:
    """Reconcile the periods of ``runs`` by the rules in ``data`` and by those of now, on all their rows."""
    other = rule_set(data)
    found = []
    for run in runs:
        now = services.make(store_id, run.first, run.last)
        then = services.make(store_id, run.first, run.last, given=(None, other))
        open_now, open_then = _open(now), _open(then)
        won, lost = sorted(open_now - open_then), sorted(open_then - open_now)
        ties = all(tie.ok for tie in then.checks)
        found.append(Preview(run, tuple(won), tuple(lost), _rate(now, open_now), _rate(then, open_then), ties))
    return found


def _open(made: Made) -> set[str]:
    return {each.key for each in made.found}


def _rate(made: Made, differing: set[str]) -> int:
    rows = sum(len(side.ids) for side in made.rows)
    return PER * (rows - len(differing)) // rows if rows else PER
