"""The page of the limits of approval: those that hold, those to come, and setting others."""

from flask import Response, request
from flask.typing import ResponseReturnValue

from core import localtime
from core.access import allowed, current_actor, needs
from core.board.brief import money
from core.columns import now
from core.messages import Message, Refusal, msg, refuse
from core.web import go
from plugins.purchasing import limits
from plugins.purchasing.pages import APPROVE, VIEW, answer, bp, day_of


@bp.get("/orders/limits", endpoint="limits")
@needs(VIEW)
def limit_list() -> ResponseReturnValue:
    return _limits()


def _limits(refusal: Refusal | None = None) -> Response:
    return answer(
        "purchasing/limits.html",
        refusal,
        current=limits.at(now()),
        rows=limits.versions(),
        today=localtime.today(),
        may_change=allowed(current_actor(), APPROVE),
    )


@bp.post("/orders/limits")
@needs(APPROVE)
def set_limits() -> Response:
    form, problems = request.form, dict[str, Message]()
    since = day_of("since", problems)
    try:
        refuse(**problems)
        sums = (money(form.get(name, "")) for name in ("members", "lead"))
        limits.put(current_actor(), since, *sums, form.get("reason", ""))
    except Refusal as refusal:
        return _limits(refusal)
    return go("purchasing.limits", msg("The change is stored."))
