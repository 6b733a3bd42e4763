"""The matrix as a page and a file, the tasks behind its numbers, and its review as a document."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core import localtime
from core.access import current_actor, demand, load, needs
from core.accounts.rules import LANGUAGES
from core.board.matrix import queries, review, tasks
from core.board.matrix.models import Review
from core.board.matrix.rules import ANY, LEGS, Cell, Matrix, Scope, weeks_and_months
from core.board.views import bp
from core.contracts import Ref
from core.documents import services as documents
from core.exports import MEDIA
from core.listing import download
from core.messages import Message, msg
from core.registry import team_label
from core.stores.queries import store_names
from core.web import go, respond, say


@bp.get("/matrix")
@needs("board.matrix")
def matrix() -> ResponseReturnValue:
    actor, form = current_actor(), request.args.get("export", "")
    scope = tasks.scope_of(actor, request.args)
    found = queries.matrix(scope)
    if form in MEDIA:
        return _export(found, scope, form)
    teams = tasks.teams_of(actor)
    return respond(
        "board/matrix.html",
        scope=scope,
        matrix=found,
        asked=tasks.address(scope),
        legs=LEGS,
        any=ANY,
        label=team_label,
        periods=_periods(scope),
        stores=store_names(actor),
        teams=[(code, team_label(code)) for code in teams],
        review=review.known(scope),
        languages=LANGUAGES,
    )


def _periods(scope: Scope) -> list[dict[str, Any]]:
    """The usual periods as links, of the same store and team."""
    return [
        {
            "label": label,
            "url": url_for("board.matrix", **tasks.address(Scope(first, last, scope.store_id, scope.team))),
            "chosen": (first, last) == (scope.first, scope.last),
        }
        for label, first, last in weeks_and_months(localtime.today())
    ]


def _export(found: Matrix, scope: Scope, form: str) -> Response:
    header = [msg("Requested by"), msg("Responsible"), msg("Handoffs")]
    for label in LEGS.values():
        header += [msg("%(leg)s, median (min)", leg=Message(label)), msg("%(leg)s, over target", leg=Message(label))]
    header += [msg("Over target"), msg("Sent back"), msg("Sent back (%%)"), msg("Most often because")]
    rows = (
        [say(team_label(requester)), say(team_label(responsible)), *_figures(cell)]
        for requester, responsible, cell in found.pairs()
    )
    return download(f"handoffs-{scope.first}-{scope.last}", form, [say(each) for each in header], rows)


def _figures(cell: Cell) -> list[Any]:
    row: list[Any] = [cell.handoffs]
    for leg in LEGS:
        row += [cell.median(leg), cell.late_in[leg]]
    return [*row, cell.late, cell.returned, cell.share, say(cell.why)]


@bp.get("/matrix/tasks")
@needs("board.matrix")
def handoffs() -> ResponseReturnValue:
    """The tasks behind a number; an address without days is given those of the running week, to stay what it is."""
    scope = tasks.scope_of(current_actor(), request.args)
    days = {"from": scope.first.isoformat(), "to": scope.last.isoformat()}
    if any(request.args.get(name) != day for name, day in days.items()):
        return redirect(f"{request.path}?{urlencode({**request.args.to_dict(), **days})}")
    return tasks.HANDOFFS.respond("board/handoffs.html", "board.task", asked=tasks.address(scope))


@bp.post("/matrix/reviews")
@needs("board.matrix")
def issue_review() -> Response:
    actor, language = current_actor(), request.form.get("language", "")
    made = review.review_of(tasks.scope_of(actor, request.form))
    demand(review.PAPER.permission, made)
    spoken = language if language in LANGUAGES else None
    document = documents.issue(review.KIND, Ref(review.KIND, made.id), actor, spoken)
    documents.print_soon(document, actor)
    return go("documents.show", number=document.number)


@bp.get("/matrix/reviews/<int:id>")
@needs("board.matrix")
def review_page(id: int) -> Response:
    found = load(Review, current_actor(), id=id)
    return go("board.matrix", **tasks.address(found.scope))
