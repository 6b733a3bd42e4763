"""What suppliers are owed: their invoices, what purchasing holds of them and why, and what is claimed back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.answers import Payable
from core.messages import N_
from core.questions import asked

EVER = date(2000, 1, 1), date(2100, 12, 31)
HELD, FREE, CLAIMED = "held", "free", "claimed"
FINDINGS = {HELD: N_("Held, wholly or in part"), FREE: N_("Payable whole"), CLAIMED: N_("Claimed from the supplier")}


@dataclass(frozen=True)
class Sums:
    """Of many papers: how many, and in fen what is asked, held, payable now and claimed back."""

    count: int
    amount: int
    held: int
    claimed: int

    @property
    def payable(self) -> int:
        return self.amount - self.held


def payables(store_id: int | None, first: date | None = None, last: date | None = None) -> list[Payable]:
    """The papers of a store and of these days, those to be paid first at the top; of None: those of no store yet."""
    told = asked("payables", store_id=store_id, first=first or EVER[0], last=last or EVER[1])
    return sorted(told, key=lambda each: (each.due_on or each.on, each.number))


def finding(paper: Payable) -> str:
    """Which of ``FINDINGS`` a paper is."""
    if paper.claimed:
        return CLAIMED
    return HELD if paper.held else FREE


def summed(papers: Sequence[Payable]) -> Sums:
    """What these papers come to."""
    sums = (sum(getattr(each, name) for each in papers) for name in ("amount", "held", "claimed"))
    return Sums(len(papers), *sums)
