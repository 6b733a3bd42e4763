"""Pages of differences: the list, one difference with both its sides, and what is done with them."""

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, render_template, request
from sqlalchemy import select

from core.access import allowed, current_actor, demand, load, needs
from core.audit import services as audit
from core.board.models import Task
from core.columns import now
from core.contracts import Actor
from core.exports import MEDIA
from core.extensions import db
from core.messages import Message, Refusal, msg
from core.pages import answer
from core.registry import registry
from core.stores.models import Order
from core.web import go, whole_number
from plugins.finance.books.models import Line
from plugins.finance.books.queries import lines_of
from plugins.finance.differences import queries, rules, services, steps, types
from plugins.finance.differences.models import Difference, Entry
from plugins.finance.matching import classes, manual
from plugins.finance.matching.manual import Told
from plugins.finance.pages import bp, in_words

KEPT = (*(choice.name for choice in queries.LISTING.filters), "q", "from", "to", "sort")  # of the list's address
LINES = 100


@bp.get("/differences")
@needs("finance.view")
def differences() -> Response:
    form = request.args.get("export", "")
    if form in MEDIA:
        return queries.LISTING.export(current_actor(), form)
    return _list()


def _list(refusal: Refusal | None = None) -> Response:
    actor = current_actor()
    plain = set(request.args) <= {"store", "state"}  # a filtered list, or a further page of it, has no need of groups
    return answer(
        "finance/differences.html",
        refusal,
        "finance/_differences.html",
        found=queries.LISTING.page(actor, request.args),
        choices=queries.LISTING.choices(actor),
        kept=_kept(),
        groups=queries.groups(actor, whole_number(request.args.get("store"))) if plain else (),
        **_forms(actor),
        given=request.form if refusal else {},
        ticked={*request.form.getlist("ids")} if refusal else (),
    )


def _forms(actor: Actor) -> dict[str, Any]:
    return {
        "labels": classes.LABELS,
        "states": rules.STATES,
        "shown_state": queries.shown_state,
        "days": lambda row: rules.age(row.happened_at, now()),
        "kinds": list(rules.KINDS.items()),
        "resolutions": rules.RESOLUTIONS,
        "teams": [(code, team.label) for code, team in registry().teams.items()],
        "waits": rules.waits_for_approval,
        "may": allowed(actor, "finance.reconcile"),
        "may_sign": allowed(actor, "finance.sign"),
    }


@bp.get("/differences/<int:id>")
@needs("finance.view")
def difference(id: int) -> Response:
    return _page(load(Difference, current_actor(), id=id))


def _page(row: Difference, refusal: Refusal | None = None) -> Response:
    actor, every = current_actor(), _lines(row)
    matches = _matches(row, every)
    return answer(
        "finance/difference.html",
        refusal,
        row=row,
        lines=_counted(row, every, matches),
        matches=matches,
        entries=_entries(row),
        others=[each for each in queries.of_order(row.order_id) if each.id != row.id] if row.order_id else [],
        events=audit.events_of(steps.ref(row)),
        parts=classes.PART_LABELS,
        accounts=rules.ACCOUNTS,
        now=now,
        limit=services.policy_in_force(row.store_id).limit(actor),
        message=in_words,
        **_forms(actor),
        given=request.form if refusal else {},
    )


def _lines(row: Difference) -> list[Line]:
    """Every line of the order, those of its payment and its parcel and those given to it by hand too, the oldest first;
    or the line itself."""
    own = Line.id == row.line_id
    of_order = (Line.store_id == row.store_id) & (Line.order_no == row.order_no)
    query = select(Line).where(of_order | own if row.order_no else own)
    found = {line.id: line for line in db.session.scalars(query.order_by(Line.at, Line.id).limit(LINES))}
    if row.order:
        found |= {line.id: line for line in lines_of(row.order)[0]}
    if row.order_no:
        given = (each.match.line for each in manual.matches(row.store_id, (), row.order_no) if not each.undone)
        found |= {line.id: line for line in given if line}
    return sorted(found.values(), key=lambda line: (line.at, line.id))[:LINES]


def _matches(row: Difference, lines: Sequence[Line]) -> Sequence[Told]:
    """Matches by hand that are about this difference's order or lines, the newest first."""
    return manual.matches(row.store_id, [line.id for line in lines], row.order_no)


def _counted(row: Difference, lines: Sequence[Line], matches: Sequence[Told]) -> list[Line]:
    """The lines without those that were given to another order by hand."""
    given = {each.match.line_id: each.match.order_no for each in reversed(matches) if not each.undone}
    return [line for line in lines if line.id == row.line_id or (given.get(line.id) or row.order_no) == row.order_no]


def _entries(row: Difference) -> list[Entry]:
    return list(db.session.scalars(select(Entry).where(Entry.difference_id == row.id).order_by(Entry.id)))


@bp.post("/differences/<what>")
@needs("finance.reconcile")
def settle(what: str) -> Response:
    """Settle, approve, decline, take back or hand over the differences that the form names."""
    if what not in ACTIONS:
        abort(404)
    if what in ("approve", "decline"):
        demand("finance.sign")
    ids = _chosen()
    try:
        return ACTIONS[what](ids)
    except Refusal as refusal:
        if len(ids) != 1 or not request.form.get("page"):
            return _list(refusal)
        return _page(load(Difference, current_actor(), id=ids[0]), refusal)


def _chosen() -> list[int]:
    """The differences that a form names one by one, or all open ones of a pattern."""
    form = request.form
    store, pattern = whole_number(form.get("store")), form.get("pattern", "")[:200]
    if pattern and store is not None:
        return queries.ids_of(store, pattern, services.MOST)
    return [number for number in map(whole_number, form.getlist("ids")[: services.MOST]) if number is not None]


def _resolve(ids: list[int]) -> Response:
    form, actor = request.form, current_actor()
    version = whole_number(form.get("version"))
    count = services.resolve(ids, actor, form.get("kind", ""), form.get("reason", ""), version)
    row = load(Difference, actor, id=ids[0])
    if rules.waits_for_approval(row.state, row.resolution):
        return _done(ids, msg("%(count)s written off, once a second person has approved.", count=count))
    return _done(ids, msg("%(count)s settled.", count=count))


def _approve(ids: list[int]) -> Response:
    return _done(ids, msg("%(count)s approved.", count=services.approve(ids, current_actor())))


def _decline(ids: list[int]) -> Response:
    count = services.decline(ids, current_actor(), request.form.get("reason", ""))
    return _done(ids, msg("%(count)s declined: they are open again.", count=count))


def _undo(ids: list[int]) -> Response:
    count = services.undo(ids, current_actor(), request.form.get("reason", ""))
    return _done(ids, msg("%(count)s taken back: they are open again.", count=count))


def _hand_over(ids: list[int]) -> Response:
    form = request.form
    task = services.hand_over(ids, current_actor(), form.get("team", "")[:40], form.get("what", ""))
    said = msg(
        "%(number)s is drafted with %(count)s differences: check it and hand it over.",
        number=task.number,
        count=len(ids),
    )
    return go("board.task", said, number=task.number)


ACTIONS = {
    "resolve": _resolve,
    "approve": _approve,
    "decline": _decline,
    "undo": _undo,
    "hand_over": _hand_over,
}


def _done(ids: list[int], said: Message) -> Response:
    if request.form.get("page") and len(ids) == 1:
        return go("finance.difference", said, id=ids[0])
    return go("finance.differences", said, **{name: value for name, value in _kept().items() if name != "pattern"})


def _kept() -> dict[str, str]:
    return {name: request.args[name] for name in KEPT if request.args.get(name)}


@bp.post("/differences/<int:id>/match")
@needs("finance.reconcile")
def match(id: int) -> Response:
    """Put a line to an order, or give it another part, for the runs to come."""
    row, form = load(Difference, current_actor(), id=id), request.form
    line = whole_number(form.get("line")) or row.line_id or 0
    try:
        if line not in {each.id for each in _lines(row)}:
            raise Refusal(fields={"line": msg("Choose one of the options.")})
        manual.match_by_hand(
            line, current_actor(), form.get("reason", ""), form.get("order_no", "")[:40], form.get("part", "")
        )
    except Refusal as refusal:
        return _page(row, refusal)
    return go("finance.difference", msg("Matched: the next run will go by it."), id=id)


@bp.post("/differences/<int:id>/unmatch")
@needs("finance.reconcile")
def unmatch(id: int) -> Response:
    """Take a match by hand back, by a record that names it."""
    row = load(Difference, current_actor(), id=id)
    number = whole_number(request.form.get("match")) or 0
    try:
        if number not in {each.match.id for each in _matches(row, _lines(row))}:
            raise Refusal(msg("Choose one of the options."))
        manual.undo_match(number, current_actor(), request.form.get("reason", ""))
    except Refusal as refusal:
        return _page(row, refusal)
    return go("finance.difference", msg("The match is taken back: the next run will go by the rules."), id=id)


@bp.get("/desk")
@needs("finance.view")
def desk_box() -> str:
    """The box on the desk: differences that wait for one."""
    actor = current_actor()
    return render_template("finance/_desk.html", waiting=queries.waiting_for(actor), **_forms(actor))


@bp.get("/orders/<int:id>/differences")
@needs("finance.view")
def order_box(id: int) -> str:
    """The box on an order's page: its differences."""
    order = load(Order, current_actor(), id=id)
    return render_template("finance/_order.html", rows=queries.of_order(order.id), **_forms(current_actor()))


@bp.get("/tasks/<number>")
@needs("board.view")
def task_box(number: str) -> str:
    """The box on a task's page, for whoever sees the task: how its differences stand. The brief lists them."""
    task = load(Task, current_actor(), number=number)
    if task.type != types.NAME:
        abort(404)
    counts, rows = queries.of_task(task)
    listed = tuple(task.brief.get("lines", ()))
    return render_template(
        "finance/_task.html",
        task=task,
        counts=counts,
        only=rows[0] if len(rows) == 1 else None,
        rows=[row for row in rows if not any(line.startswith(row.title) for line in listed)],
        **_forms(current_actor()),
    )
