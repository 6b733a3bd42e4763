"""What other rules would have made of past periods: matches won, matches lost. Nothing is stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from core.extensions import db
from core.messages import msg
from plugins.finance.matching import services
from plugins.finance.matching.models import Run
from plugins.finance.matching.rules import rule_set
from plugins.finance.matching.services import Made

PER = 1000
PERIODS = 3
SHOWN = 3


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

    def data(self) -> dict[str, Any]:
        """What the page shows of it, as JSON holds it."""
        told = {"run": self.run.id, "period": self.run.title, "won": len(self.won), "lost": len(self.lost)}
        first = {"first_won": _named(self.won), "first_lost": _named(self.lost)}
        return told | first | {"before": self.before, "after": self.after, "ties": self.ties}


def _named(keys: Sequence[str]) -> list[str]:
    """The first rows by their number, as people know them."""
    return [key.partition(":")[2] for key in keys[:SHOWN]]


def past(store_id: int) -> Sequence[Run]:
    """The newest run of each of the last periods: on these a change is tried."""
    newest = select(func.max(Run.id)).where(Run.store_id == store_id, Run.digest != "").group_by(Run.first, Run.last)
    return db.session.scalars(select(Run).where(Run.id.in_(newest)).order_by(Run.last.desc()).limit(PERIODS)).all()


def preview(
    store_id: int, data: Mapping[str, Any], runs: Sequence[Run], progress: Callable[..., None] = lambda *_: None
) -> list[Preview]:
    """Reconcile the periods of ``runs`` by the rules in ``data`` and by those of now, on all their rows."""
    other = rule_set(data)
    found = []
    for number, run in enumerate(runs):
        progress(number, len(runs), msg("Trying %(period)s", period=run.title))
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
