"""Of all that files hold, what a period is about: as ``loading`` and ``earlier`` find it in the database. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from plugins.finance.books.importers.columns import opened as opened_at
from plugins.finance.comparing.cells import DRESS, NEVER, Numbers
from plugins.finance.comparing.exported import Found
from plugins.finance.comparing.orders import flagged, waiting
from plugins.finance.comparing.sides import Side, among
from plugins.finance.comparing.spans import DAY, seconds_of
from plugins.finance.matching.classes import OTHER
from plugins.finance.matching.earlier import EVER, Earlier, homeless, judged
from plugins.finance.matching.engine import Outcome, telling
from plugins.finance.matching.groups import Bools, Ints
from plugins.finance.matching.keys import NONE
from plugins.finance.matching.kinds import subjects_of
from plugins.finance.matching.loading import Books, Span
from plugins.finance.matching.rules import COMMISSION, CONFIRMATION, PAYMENT, RuleSet

ORDER_COLUMNS = ("no", "pay", "total", "refund", "net", "own_rate")
LINE_COLUMNS = ("order", "part", "subject", "amount", "balance", "at", "key", "account")


@dataclass
class Files:
    """What the files hold, and what the codes in them stand for."""

    orders: Side
    lines: Side
    accounts: list[str]
    codes: Numbers

    def trades(self, rows: Ints) -> Ints:
        """The payments of some lines: they are needed of few."""
        return self.codes.trades(pc.ascii_trim(self._words("trade_no", rows), DRESS))

    def opened(self, rows: Ints) -> Ints:
        """The day on which the trades of some lines were paid, or never."""
        trade = pc.ascii_trim(self._words("trade_no", rows), DRESS)
        moments = opened_at(trade, self._words("kind", rows).cast(pa.string()))
        found = moments.cast(pa.timestamp("s")).view(pa.int64())
        return pc.fill_null(pc.add(found, seconds_of(datetime(1970, 1, 1, tzinfo=UTC))), NEVER).to_numpy()

    def _words(self, name: str, rows: Ints) -> pa.Array:
        return self.lines.columns[name].take(pa.array(self.lines.rows(rows))).combine_chunks()


def books_of(files: Files, span: Span, rules: RuleSet) -> tuple[Books, tuple[Ints, Ints]]:
    """The orders and lines of a period, and which places of the files they have."""
    start, end = seconds_of(span.start), seconds_of(span.end)
    wanted, at = _wanted(files, start, end), files.lines.columns["at"]
    kept, rows = np.flatnonzero(wanted), np.flatnonzero((at >= start) & (at < end))
    orders, lines = _orders(files, kept, span), _lines(files, rows)
    lines["place"] = _places(_some(files.lines, "place", rows), wanted, kept)
    lost = np.flatnonzero((lines["place"] == NONE) & (lines["part"] != OTHER))
    lines["trade"], lines["elsewhere"] = np.full(len(rows), NONE, np.int64), np.zeros(len(rows), np.bool_)
    lines["trade"][lost], lines["elsewhere"][lost] = files.trades(rows[lost]), _elsewhere(files, rows[lost], ~wanted)
    usual = PAYMENT if telling(orders["flags"].to_numpy()).any() else _usual(files, end)
    return Books(span, orders, _framed(files, lines), subjects_of(rules.kinds), usual), (kept, rows)


def _some(side: Side, name: str, places: Ints) -> Ints:
    """A column at some places, mostly at all of them."""
    column = side.columns[name]
    return column if len(places) == len(column) else column[places]


def _places(among_all: Ints, wanted: Bools, kept: Ints) -> Ints:
    """The places of orders among those that are kept."""
    if len(kept) == len(wanted):
        return among_all
    found = np.full(len(wanted) + 1, NONE, np.int64)  # the last is that of no order
    found[kept] = np.arange(len(kept))
    return found[among_all]


def _orders(files: Files, rows: Ints, span: Span) -> pd.DataFrame:
    moments = (seconds_of(each) for each in (span.start, span.end, span.cutoff))
    columns = {name: _some(files.orders, name, rows) for name in ORDER_COLUMNS}
    flags = flagged(files.orders.columns, *moments)[rows]
    made = {"id": rows, "key": columns["no"], "flags": flags, f"rate:{COMMISSION}": columns.pop("own_rate")}
    return pd.DataFrame(columns | made, copy=False)


def _lines(files: Files, rows: Ints) -> Found:
    found = {"id": rows} | {name: _some(files.lines, name, rows) for name in LINE_COLUMNS}
    return found | {"part": found["part"].copy()}  # matching may change it


def _framed(files: Files, lines: Found) -> pd.DataFrame:
    frame = pd.DataFrame(lines, copy=False)
    frame.attrs["accounts"] = files.accounts
    return frame


def _wanted(files: Files, start: int, end: int) -> Bools:
    """Orders paid in the period, or before it with no receipt before it and something to come."""
    orders, lines = files.orders.columns, files.lines.columns
    moment = orders["moment"]
    carried = orders["paid"] & (moment < start) & (moment != NEVER) & ~orders["nothing"]
    came = (lines["at"] < start) & (lines["amount"] > 0)
    if came.any():
        named = lines["order"] != NONE
        carried &= ~among(orders["no"], lines["order"][came & named])
        carried &= ~among(orders["pay"], files.trades(np.flatnonzero(came & ~named)))
    return carried | ((moment >= start) & (moment < end))


def _elsewhere(files: Files, rows: Ints, others: Bools) -> Bools:
    """Of lines whose order is not of the period: whether it is among the ``others``, or was paid on a day of which no
    file has an order, as the line's own trade tells, or that of any other line of the order."""
    every = files.lines.columns["order"]
    named = every[rows]
    stored, outside = np.isin(named, files.orders.columns["no"][others]), _outside(files, rows)
    unknown = named[~stored & ~outside]
    if (unknown != NONE).any():
        told = np.flatnonzero((files.lines.columns["place"] == NONE) & (every != NONE))
        told = told[among(every[told], unknown)]
        outside |= np.isin(named, every[told[_outside(files, told)]])
    return stored | outside


def _outside(files: Files, rows: Ints) -> Bools:
    """Whether the trades of lines were paid on a day of which no file has an order."""
    days, moment = files.opened(rows), files.orders.columns["moment"]
    if (moment == NEVER).any():
        moment = moment[moment != NEVER]
    if not len(moment):
        return days != NEVER
    return (days != NEVER) & ((days < moment.min() // DAY * DAY) | (days > moment.max() // DAY * DAY))


def _usual(files: Files, end: int) -> str:
    """When money is due, as most orders that still wait for their confirmation show."""
    rows, lines = waiting(files.orders.columns, end), files.lines.columns
    came = lines["order"][(lines["at"] < end) & (lines["amount"] > 0)]
    received = among(files.orders.columns["no"][rows], came)
    return CONFIRMATION if 2 * int(received.sum()) < len(rows) else PAYMENT


def look_back(files: Files, books: Books, outcome: Outcome, rules: RuleSet) -> Earlier:
    """Judge the period's lines of orders of earlier periods by all that ever came for these."""
    orders, lines = files.orders.columns, files.lines.columns
    moment = orders["moment"]
    mine = np.flatnonzero((moment < seconds_of(books.span.start)) & (moment != NEVER))
    ids = books.lines["id"].to_numpy()[homeless(books, outcome)]
    if not len(mine) or not len(ids):
        return Earlier()
    named = lines["order"][ids]
    numbers, pay = orders["no"][mine], orders["pay"][mine]
    some = among(numbers, named)
    some |= among(pay, np.concatenate([files.trades(ids[named == NONE]), pay[some]]))
    if not some.any():
        return Earlier()
    ends = lines["at"] < seconds_of(books.span.end)
    loose = np.flatnonzero(ends & (lines["order"] == NONE))
    theirs = among(lines["order"], numbers[some])
    theirs[loose] |= among(files.trades(loose), pay[some])
    whole = Span(EVER, books.span.end, books.span.end)
    rows = np.flatnonzero(ends & theirs)
    told = _lines(files, rows) | {"trade": files.trades(rows), "elsewhere": np.zeros(len(rows), np.bool_)}
    return judged(books, outcome, ids, (_orders(files, mine[some], whole), _framed(files, told)), rules)
