"""How an imported bill joins what is stored of its account before and after it, and whether it may be cut off."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from core.extensions import db
from core.imports.models import CREATED, UNCHANGED, UPDATED, ImportBatch, ImportRow
from core.imports.rules import money_text
from core.messages import Message, msg
from plugins.finance.books.balances import Movement, chain_of
from plugins.finance.books.bills import local_text
from plugins.finance.books.importers.lines import UNKNOWN
from plugins.finance.books.models import Control, Line

EDGE = 50  # lines at either end of a file in which its first and its last movement are looked for
SUMMED = "alipay_statement"  # the bill that ends with its own totals
NEAR = 1_000  # lines of two moments are looked at for a join; more would be read in part


@dataclass
class Bill:
    """What one file says of one account: its first and last movement, what it states, and what is odd about it."""

    account: str
    first: datetime
    last: datetime
    control: Control | None
    unsure: list[Message] = field(default_factory=list)

    @property
    def nameless(self) -> bool:
        """Whether the file does not say whose account it is."""
        return self.account.endswith(f":{UNKNOWN}")


def bills_of(batch: ImportBatch) -> list[Bill]:
    """The bills that a file brought, by account."""
    ends = _ends(batch)
    stated = select(Control).join(ImportRow, ImportRow.record_id == Control.id)
    stated = stated.where(ImportRow.batch_id == batch.id, ImportRow.kind == "finance.control")
    controls = {control.account: control for control in db.session.scalars(stated.order_by(Control.id))}
    found = []
    for account in sorted({line.account for line in ends}):
        mine = [line for line in ends if line.account == account]
        first, last = min(line.at for line in mine), max(line.at for line in mine)
        bill = Bill(account, first, last, controls.get(account))
        gaps = _gaps(batch.store_id, bill) if _chained(bill, mine) else _loose(mine)
        bill.unsure = [*gaps, *_cut(bill, mine[0].source)]
        found.append(bill)
    return found


def _ends(batch: ImportBatch) -> list[Line]:
    """The lines at both ends of a file, by what became of them."""
    wanted: set[int] = set()
    for action in (CREATED, UPDATED, UNCHANGED):
        # + "": the index of all rows of a kind is not to be gone through
        mine = (ImportRow.batch_id == batch.id, ImportRow.action == action, ImportRow.kind + "" == "finance.line")
        told = select(ImportRow.record_id, func.coalesce(ImportRow.last_id, ImportRow.record_id)).where(*mine)
        for order, step in ((ImportRow.id, 1), (ImportRow.id.desc(), -1)):
            rows = db.session.execute(told.order_by(order).limit(EDGE))
            wanted.update([each for first, last in rows for each in range(first, last + 1)[::step][:EDGE]][:EDGE])
    return list(db.session.scalars(select(Line).where(Line.id.in_(wanted))))


def _gaps(store_id: int | None, bill: Bill) -> Iterator[Message]:
    """Where the balance does not go on from the movement before the file, or to the one after it."""
    of_account = (Line.store_id == store_id, Line.account == bill.account)
    before = db.session.scalar(select(func.max(Line.at)).where(*of_account, Line.at < bill.first))
    after = db.session.scalar(select(func.min(Line.at)).where(*of_account, Line.at > bill.last))
    for start, end in ((before, bill.first), (bill.last, after)):
        if start is None or end is None:
            continue
        query = select(Line.id, Line.at, Line.amount, Line.balance).where(*of_account, Line.at.in_([start, end]))
        rows = db.session.execute(query.order_by(Line.at, Line.id).limit(NEAR)).all()
        chain = chain_of([Movement(*row) for row in rows])
        if len(chain.gaps) == 1 and len(rows) < NEAR:
            gap, row = chain.gaps[0], next(row for row in rows if row.id == chain.gaps[0].row)
            yield msg(
                "Between %(before)s and %(after)s the balance goes from %(expected)s to %(found)s by nothing that is "
                "stored: movements of %(missing)s are missing. Download the bill of these days again.",
                before=local_text(start),
                after=local_text(end),
                expected=money_text(gap.expected - row.amount),
                found=money_text(gap.found - row.amount),
                missing=money_text(gap.missing),
            )


def _chained(bill: Bill, lines: list[Line]) -> bool:
    if bill.control is not None:
        return bill.control.chained
    inside = chain_of([Movement(line.id, line.at, line.amount, line.balance) for line in lines])
    return inside.holds or 0 < len(inside.gaps) < 4  # of a long file only the ends are looked at


def _loose(lines: list[Line]) -> Iterator[Message]:
    if any(line.balance is not None for line in lines):
        yield msg(
            "Its balances do not go on from row to row, as in a choice of rows: they do not tell what is missing."
        )


def _cut(bill: Bill, source: str) -> Iterator[Message]:
    """A bill that lacks its own totals may be cut off, until a file that goes on from it shows that it is not."""
    stated = bill.control
    if source != SUMMED or (stated is not None and stated.in_count is not None):
        return
    if stated is None or stated.until is None:
        yield msg("The bill states neither its period nor its totals: whether all of it is there cannot be told.")
        return
    yield msg(
        "The bill states that it goes until %(until)s, but the totals at its end are missing and its last movement is "
        "of %(last)s: it may be cut off there.",
        until=local_text(stated.until),
        last=local_text(bill.last),
    )
