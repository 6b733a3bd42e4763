"""Boards, desk and task pages."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, make_response, redirect, render_template, request, url_for

from core.access import current_actor, load, needs
from core.board import contents, forms, moves, notices, queries, rules, shown
from core.board.models import Task
from core.contracts import SIGNED_IN, Actor
from core.files import services as files
from core.messages import Message, Refusal, Stale, msg, together
from core.pages import answer
from core.registry import registry
from core.stores import queries as store_records
from core.transactions import transaction
from core.web import go, respond, say, toast, whole_number

bp = Blueprint("board", __name__)

SECTIONS = {
    "to_accept": (msg("To accept"), msg("Nothing is waiting to be accepted.")),
    "to_do": (msg("To do"), msg("Nothing to do. Take the next request from your team's board.")),
    "to_check": (msg("To check"), msg("Nothing has been delivered to you for checking.")),
    "waiting": (msg("Waiting on others"), msg("You are waiting for nobody.")),
    "overdue": (msg("Overdue"), msg("Nothing is late.")),
}


@bp.get("/")
@needs(SIGNED_IN)
def desk() -> Response:
    actor, labels = current_actor(), shown.Labels()
    sections = [
        {"key": key, "label": label, "empty": empty, "total": total, "tasks": shown.cards(rows, actor, labels)}
        for (key, (label, empty)), (total, rows) in zip(SECTIONS.items(), queries.desk(actor).values(), strict=True)
    ]
    return respond("desk/desk.html", "desk/_sections.html", sections=sections)


@bp.get("/boards")
@needs("board.view")
def boards() -> Any:
    teams = boards_of(current_actor())
    return redirect(url_for("board.board", team=teams[0])) if teams else respond("desk/no_team.html")


def boards_of(actor: Actor) -> list[str]:
    """Codes of the teams whose boards the actor may open."""
    return [code for code in registry().teams if actor.admin or actor.in_team(code)]


def _team(code: str) -> str:
    if code not in boards_of(current_actor()):
        abort(404)
    return code


@bp.get("/boards/<team>")
@needs("board.view")
def board(team: str) -> Response:
    _team(team)
    actor, wanted = current_actor(), forms.board_filter(request.args)
    since = queries.cursor(team)  # before the cards: what changes in between is told by the first poll
    return respond(
        "board/board.html",
        "board/_columns.html",
        team=team,
        team_label=shown.team_label(team),
        teams=[(code, shown.team_label(code)) for code in boards_of(actor)],
        columns=shown.columns(team, wanted, actor),
        per_column=queries.PER_COLUMN,
        cursor=since,
        verbs=shown.verb_table(),
        filter=wanted,
        query=request.query_string.decode("ascii", "ignore"),
        types=list(registry().task_types.values()),
        holders=notices.colleagues(team),
    )


@bp.get("/boards/<team>/columns/<state>")
@needs("board.view")
def column(team: str, state: str) -> Response:
    _team(team)
    if state not in queries.COLUMNS:
        abort(404)
    offset = min(whole_number(request.args.get("offset")) or 0, 100_000)
    rows = queries.column(team, state, forms.board_filter(request.args), offset)
    more = offset + queries.PER_COLUMN if len(rows) == queries.PER_COLUMN else 0
    cards = shown.drawn(rows, current_actor())
    return make_response(render_template("board/_cards.html", cards=cards, team=team, state=state, more=more))


@bp.get("/boards/<team>/changes")
@needs("board.view")
def changes(team: str) -> Response:
    _team(team)
    since = whole_number(request.args.get("since")) or 0
    latest = queries.cursor(team)
    if latest <= since:
        return make_response("", 204)
    rows, gone = queries.changed_since(team, since, forms.board_filter(request.args))
    cards = shown.drawn(rows, current_actor())
    return make_response(render_template("board/_changes.html", cards=cards, gone=gone, cursor=latest, team=team))


def find(number: str) -> Task:
    """The task with this number, if the current actor may see it; 404 otherwise."""
    return load(Task, current_actor(), number=number)


@bp.get("/tasks/<number>")
@needs("board.view")
def task(number: str) -> Response:
    return _show(find(number))


def _show(found: Task, status: int = 200, message: Message | None = None) -> Response:
    if message and not request.htmx:  # a page of its own says it itself; beside a fragment it is a toast
        flash(say(message))
    context = shown.whole(found, current_actor())
    response = respond("board/task.html", "board/_panel.html", **context)
    response.status_code = status
    return response


@bp.get("/tasks/<number>/verbs/<verb>")
@needs("board.view")
def verb_form(number: str, verb: str) -> Response:
    return _verb_form(find(number), verb)


def _verb_form(found: Task, name: str, given: Any = None, refusal: Refusal | None = None) -> Response:
    verb = rules.VERBS.get(name)
    if verb is None:
        abort(404)
    return answer(
        "board/verb.html",
        refusal,
        "board/_verb.html",
        task=found,
        verb=verb,
        given=given or {},
        people=notices.colleagues(found.responsible_team),
        everybody=notices.everybody(),
        teams=[(code, shown.team_label(code)) for code in registry().teams if code != found.responsible_team],
    )


@bp.post("/tasks/<number>/verbs/<verb>")
@needs("board.view")
def move(number: str, verb: str) -> Response:
    """Do a verb. ``show`` says what comes back: the card (board), the desk, or the task (panel and page)."""
    known, seen = rules.VERBS.get(verb), queries.card(number, current_actor())
    if known is None or seen is None:
        abort(404)
    said = forms.said(known)
    try:
        moves.move(seen.id, verb, current_actor(), said, version=whole_number(request.form.get("version")))
    except Refusal as refusal:
        if known.asks and refusal.fields:
            return _verb_form(find(number), verb, said, refusal)
        level = "warn" if isinstance(refusal, Stale) else "error"
        return _after(number, refusal.status, together(refusal.reasons), level)
    return _after(number, 200, msg("%(verb)s: %(number)s", verb=Message(known.label), number=number))


def _after(number: str, status: int, message: Message, level: str = "info") -> Response:
    """The task as it now stands, as a card, a panel or a page; nothing of one that is a draft of the others again."""
    seen = queries.card(number, current_actor())
    if request.htmx and seen is None and "/tasks/" not in (request.htmx.current_url or ""):
        response = make_response("", status)
    elif seen is None:
        return go("board.desk", message)
    elif request.htmx and request.form.get("show") == "card":
        cards = shown.drawn([seen], current_actor())
        response = make_response(render_template("board/_cards.html", cards=cards), status)
    elif request.htmx or status != 200:
        response = _show(find(number), status, message)
    else:
        return go("board.task", message, number=number)
    return toast(response, message, level)


@bp.post("/tasks/<number>/checks")
@needs("board.view")
def check(number: str) -> Response:
    found, form = find(number), request.form
    return _done(
        number,
        lambda: contents.set_check(
            found.id, form.get("name", ""), form.get("result", ""), form.get("note", ""), current_actor()
        ),
    )


@bp.post("/tasks/<number>/slots/<slot>")
@needs("board.view")
def upload(number: str, slot: str) -> Response:
    found = find(number)

    def take() -> None:
        place, sent = contents.slot_of(found, slot), request.files.getlist("file") or [None]
        accepted = [files.open_upload(each, place.accept) for each in (sent if place.many else sent[:1])]
        with transaction():
            for each in accepted:
                contents.add_file(found.id, slot, each, current_actor())

    return _done(number, take)


@bp.post("/tasks/<number>/comments")
@needs("board.view")
def comment(number: str) -> Response:
    found = find(number)
    return _done(number, lambda: contents.comment(found.id, request.form.get("body", ""), current_actor()))


@bp.post("/tasks/<number>/watch")
@needs("board.view")
def watch(number: str) -> Response:
    found = find(number)
    return _done(number, lambda: contents.set_watching(found.id, current_actor(), request.form.get("watch") == "1"))


def _done(number: str, work: Any) -> Response:
    """Do ``work`` and show the task again; a refusal is told beside it, and nothing else is lost."""
    try:
        work()
    except Refusal as refusal:
        message = together(refusal.reasons)
        return toast(_show(find(number), refusal.status, message), message, "error")
    return _show(find(number)) if request.htmx else go("board.task", number=number)


@bp.get("/search")
@needs("board.view")
def search() -> Response:
    text = request.args.get("q", "")[:80].strip()
    actor = current_actor()
    cards = shown.cards(queries.search(actor, text), actor) if text else []
    records = store_records.matching(actor, text)
    return respond("desk/search.html", "desk/_results.html", text=text, cards=cards, records=records)


@bp.get("/notices")
@needs(SIGNED_IN)
def notices_page() -> Response:
    return respond("desk/notices.html", "desk/_notices.html", notices=notices.recent(current_actor().user_id))


@bp.post("/notices/read")
@needs(SIGNED_IN)
def read_notices() -> Response:
    with transaction():
        notices.mark_read(current_actor().user_id)
    return go("board.notices_page")


@bp.app_context_processor
def unread_notices() -> dict[str, Any]:
    """How many notices the reader has not seen, for the bell; asked once, and only by whole pages."""

    def unread() -> int:
        user_id = current_actor().user_id
        if "unread" not in g:
            g.unread = notices.unread(user_id) if user_id else 0
        return g.unread

    return {"unread_notices": unread}


bp.add_app_template_global(shown.event_label)


@bp.app_template_global()
def notice_text(notice: Any) -> str:
    return say(Message(notice.text, notice.params))
