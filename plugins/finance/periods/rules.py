"""The rules of periods: which days they are, and who may prepare, sign and open them again. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.contracts import Actor
from core.messages import N_, Message, msg

BOOKS = ZoneInfo("Asia/Shanghai")  # a day of the books, wherever the reader is

OPEN, PREPARED, SIGNED = "open", "prepared", "signed"
STATES = {OPEN: N_("Not signed"), PREPARED: N_("Prepared"), SIGNED: N_("Signed")}


@dataclass(frozen=True)
class Step:
    """One row of the table of states: from which to which, and what the log says was done."""

    origins: frozenset[str]
    to: str
    label: str


STEPS = {
    "begin": Step(frozenset({""}), OPEN, N_("began the period")),
    "prepare": Step(frozenset({OPEN}), PREPARED, N_("prepared the period")),
    "send_back": Step(frozenset({PREPARED}), OPEN, N_("sent the period back")),
    "sign": Step(frozenset({PREPARED}), SIGNED, N_("signed the period")),
    "reopen": Step(frozenset({SIGNED}), OPEN, N_("opened the period again")),
    "take_back": Step(frozenset({PREPARED, SIGNED}), OPEN, N_("took the signature back")),
}


def objection(verb: str, state: str) -> Message | None:
    """Why ``verb`` is not possible in ``state``; None when it is."""
    if state in STEPS[verb].origins:
        return None
    return msg("The period is “%(state)s” by now: look at it again.", state=Message(STATES[state]))


@dataclass(frozen=True)
class Standing:
    """What must be true of a period before it is prepared, and again before it is signed."""

    run: bool = False
    tied: bool = False
    flat: bool = False
    fresh: bool = True  # nothing was imported, edited or matched by hand since the run
    unsettled: int = 0  # differences that nobody was given and nobody decided on
    to_approve: int = 0  # write-offs that wait for a second person


def unready(at: Standing) -> list[Message]:
    """Everything that stands in the way of a signature."""
    if not at.run:
        return [msg("Reconcile the whole period first.")]
    found = []
    if not at.fresh:
        found.append(msg("Something was imported, edited or matched by hand after the run: reconcile again."))
    if not at.tied:
        found.append(msg("The run does not tie out; see its checks."))
    if not at.flat:
        found.append(msg("The balance statement is not flat."))
    if at.unsettled:
        found.append(
            msg("%(count)s differences are neither settled, handed over nor carried forward.", count=at.unsettled)
        )
    if at.to_approve:
        found.append(msg("%(count)s write-offs wait for a second person.", count=at.to_approve))
    return found


def same_person(prepared_by: int | None, actor: Actor) -> Message | None:
    """Who prepared a period does not sign it."""
    if actor.user_id is None or prepared_by == actor.user_id:
        return msg("You prepared this period: somebody else has to sign it.")
    return None


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of the month of ``day``."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_before(day: date) -> tuple[date, date]:
    """The first and the last day of the month before that of ``day``."""
    return month_of(day.replace(day=1) - timedelta(days=1))


def is_month(first: date, last: date) -> bool:
    """Whether these days are a whole month."""
    return (first, last) == month_of(first)


def book_day(at: datetime) -> date:
    """The day of the books that a moment belongs to."""
    return at.astimezone(BOOKS).date()


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """The first moment of a period and the first one after it."""
    start = datetime(first.year, first.month, first.day, tzinfo=BOOKS)
    after = last + timedelta(days=1)
    return start, datetime(after.year, after.month, after.day, tzinfo=BOOKS)


def overlaps(first: date, last: date, others: Collection[tuple[date, date]]) -> bool:
    """Whether the days from ``first`` to ``last`` touch any of the ``others``."""
    return any(first <= until and since <= last for since, until in others)
