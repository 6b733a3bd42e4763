"""Design's pages: the queue, the box on a task's page, capacities, banned words, rework."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request
from sqlalchemy import select

from core import localtime
from core.access import current_actor, load, needs
from core.board import moves, queries, rules, shown
from core.board.forms import board_filter
from core.board.models import Task
from core.columns import now
from core.extensions import db
from core.messages import Message, Refusal, msg
from core.pages import answer
from core.web import go, respond, toast, whole_number
from plugins.design import queue, services, statistics
from plugins.design.models import BannedWord
from plugins.design.rules import Word, picture_objections
from plugins.design.types import TASK_TYPES, TEAM

bp = Blueprint("design", __name__, template_folder="templates", static_folder="static")

NEXT = 3
PERIODS = (30, 90, 365)  # days
FILTER = ("q", "type", "priority", "late")  # what the queue keeps of its address


@bp.get("/")
@needs("design.pick")
def index() -> Response:
    """The queue; with ``since``, only if the team's board has changed after it."""
    since = whole_number(request.args.get("since"))
    if since is not None and queries.cursor(TEAM) <= since:
        return make_response("", 204)
    return _queue()


@bp.post("/pick/<number>")
@needs("design.pick")
def pick(number: str) -> Response:
    actor = current_actor()
    task = load(Task, actor, number=number)
    try:
        moves.move(task.id, "accept", actor, version=whole_number(request.form.get("version")))
    except Refusal as refusal:
        return _queue(refusal.reasons, refusal.status)
    message = msg("%(number)s is yours now.", number=number)
    return toast(_queue(), message) if request.htmx else go("design.index", message, **_kept())


def _kept() -> dict[str, str]:
    return {name: request.args[name] for name in FILTER if request.args.get(name)}


def _queue(problems: tuple[Message, ...] = (), status: int = 200) -> Response:
    actor, wanted = current_actor(), board_filter(request.args)
    since = queries.cursor(TEAM)  # before the lists: what changes in between is told by the first poll
    total, entries = queue.waiting(actor, wanted)
    response = respond(
        "design/queue.html",
        "design/_queue.html",
        total=total,
        entries=entries,
        mine=_in_my_hands(),
        loads=queue.loads(),
        types=TASK_TYPES.values(),
        filter=wanted,
        problems=problems,
        kept=_kept(),
        since=since,
    )
    response.status_code = status
    return response


def _in_my_hands() -> list[dict[str, Any]]:
    actor = current_actor()
    own = queries.Filter(side="to", holder=actor.user_id)
    rows = [row for state in (rules.DOING, rules.ACCEPTED, rules.WAITING) for row in queries.column(TEAM, state, own)]
    return shown.cards(rows, actor)


@bp.get("/next")
@needs("design.pick")
def next_box() -> str:
    """The box on a designer's desk: the first of the queue, and the room there is for them."""
    actor = current_actor()
    total, entries = queue.waiting(actor, queries.Filter(), NEXT)
    return render_template("design/_next.html", total=total, entries=entries, load=queue.load_of(actor))


@bp.get("/tasks/<number>")
@needs("board.view")
def task_box(number: str) -> str:
    """The box on a request's page: its weight, its wording, its rush, its final picture against the brief."""
    return _task_box(_request(number))


def _request(number: str) -> Task:
    task = load(Task, current_actor(), number=number)
    if task.type not in TASK_TYPES:
        abort(404)
    return task


def _task_box(task: Task, given: str = "", problems: dict[str, Message] | None = None) -> str:
    picture = services.final_picture(task)
    return render_template(
        "design/_task.html",
        task=task,
        findings=services.wording(task),
        rush=services.rush_decision(task),
        picture=picture,
        objections=picture_objections(task.brief, picture) if picture else [],
        given=given,
        problems=problems or {},
    )


@bp.post("/tasks/<number>/rush")
@needs("design.rush")
def decide_rush(number: str) -> Response:
    task, reason = _request(number), request.form.get("reason", "")
    try:
        services.decide_rush(task.id, current_actor(), request.form.get("approved") == "yes", reason)
    except Refusal as refusal:
        box = make_response(_task_box(_request(number), reason, dict(refusal.fields)), 422)
        return box if refusal.fields else toast(box, refusal.reasons[0], "warn")
    return go("board.task", number=number)


@bp.get("/capacity")
@needs("design.capacity")
def capacity() -> Response:
    return _capacity()


@bp.post("/capacity")
@needs("design.capacity")
def set_capacity() -> Response:
    user_id = whole_number(request.form.get("user")) or 0
    try:
        services.set_capacity(current_actor(), user_id, whole_number(request.form.get(f"points_{user_id}")))
    except Refusal as refusal:
        return _capacity(refusal)
    return go("design.capacity", msg("The capacity was set."))


def _capacity(refusal: Refusal | None = None) -> Response:
    return answer(
        "design/capacity.html",
        refusal,
        loads=queue.loads(),
        given=request.form,
        reasons=refusal.reasons if refusal and not refusal.fields else (),
    )


@bp.get("/words")
@needs("design.words")
def words() -> Response:
    return _words()


@bp.post("/words")
@needs("design.words")
def save_word() -> Response:
    form = request.form
    word = Word(form.get("text", ""), form.get("ground", ""), form.get("strict") == "1")
    try:
        services.save_word(current_actor(), word, form.get("since", ""), form.get("until", ""))
    except Refusal as refusal:
        return _words(refusal.fields)
    return go("design.words", msg("“%(word)s” was saved.", word=word.text.strip()))


def _words(problems: Any = None) -> Response:
    rows = db.session.scalars(select(BannedWord).order_by(BannedWord.strict.desc(), BannedWord.text)).all()
    edited = next((row for row in rows if row.id == whole_number(request.args.get("edit"))), None)
    response = respond(
        "design/words.html",
        words=rows,
        today=localtime.today(),
        given=request.form if problems else edited,
        problems=problems or {},
    )
    response.status_code = 422 if problems else 200
    return response


@bp.get("/rework")
@needs("design.rework")
def rework() -> Response:
    days = whole_number(request.args.get("days"))
    days = days if days in PERIODS else PERIODS[1]
    since = now() - timedelta(days=days)
    return respond(
        "design/rework.html",
        periods=PERIODS,
        days=days,
        reasons=statistics.rounds_by_reason(since),
        requesters=statistics.rounds_by_requester(since),
        labels=rules.REASONS,
    )
